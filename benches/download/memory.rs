//! The most memory that a process of one download holds, and whether it grows with the file.

use crate::process::{Job, Scheme};
use crate::setting::Setting;
use crate::table::{at_most, median};
use crate::{GIB, MIB, Outcome};

const SIZES: [u64; 2] = [16 * MIB, 4 * GIB];

pub fn measure(setting: &Setting) -> Outcome<()> {
    for scheme in [Scheme::Http, Scheme::Https] {
        println!("\nPeak memory over {}", scheme.name());
        let [small, large] = SIZES.map(|bytes| peak(setting, "larkspur", scheme, bytes));
        let (small, large) = (small?, large?);
        println!("  16 MiB: {small:.2} MiB, 4 GiB: {large:.2} MiB");
        println!(
            "  reqwest, 4 GiB: {:.2} MiB",
            peak(setting, "reqwest", scheme, SIZES[1])?
        );
        at_most(
            "four connections",
            peak(setting, "larkspur+4", scheme, SIZES[1])?,
            24.0,
            " MiB",
        );
        at_most("one connection", large.max(small), 16.0, " MiB");
        at_most("between 16 MiB and 4 GiB", (large - small).abs(), 1.0, " MiB");
    }
    Ok(())
}

/// The median, in MiB.
fn peak(setting: &Setting, way: &str, scheme: Scheme, bytes: u64) -> Outcome<f64> {
    let mut peaks = Vec::new();
    for _ in 0..setting.pairs {
        let run = Job {
            way,
            scheme,
            bytes,
            directory: &setting.memory,
        }
        .run(setting)?;
        peaks.push(run.peak as f64 / MIB as f64);
    }
    Ok(median(peaks))
}
