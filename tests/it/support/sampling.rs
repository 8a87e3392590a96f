//! Samples of test matrices that are too large for every run of the tests.

use std::env;

/// Returns whether every case runs: `LARKSPUR_EXHAUSTIVE=1`.
pub fn is_exhaustive() -> bool {
    env::var_os("LARKSPUR_EXHAUSTIVE").is_some()
}

/// Returns and prints the seed of a sample. `LARKSPUR_SEED` repeats one.
#[allow(clippy::print_stdout, reason = "a failed test shows what it printed")]
pub fn seed() -> usize {
    let seed = env::var("LARKSPUR_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::usize(..));
    println!("LARKSPUR_SEED={seed}");
    seed
}
