//! Samples of test matrices that are too large for every run of the tests.

use std::env;

/// Returns how many random cases a test runs, and the generator for them.
///
/// All with `LARKSPUR_EXHAUSTIVE=1`, else a sample. Prints the seed, which `LARKSPUR_SEED` repeats.
#[allow(clippy::print_stdout, reason = "a failed test shows what it printed")]
pub(crate) fn cases(all: usize, sample: usize) -> (usize, fastrand::Rng) {
    let seed = env::var("LARKSPUR_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("LARKSPUR_SEED={seed}");
    let count = if env::var_os("LARKSPUR_EXHAUSTIVE").is_some() {
        all
    } else {
        sample
    };
    (count, fastrand::Rng::with_seed(seed))
}
