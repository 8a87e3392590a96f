//! CPU time for each GiB: a transfer, the bare loop and curl, in turn.

use std::path::Path;

use crate::process::{Job, Scheme};
use crate::setting::Setting;
use crate::table::{at_most, median, span};
use crate::{GIB, Outcome};

/// Seconds of the processor for each GiB, run by run.
struct Side {
    way: &'static str,
    seconds: Vec<f64>,
    elapsed: Vec<f64>,
}

/// Without the disk, and with it. With it a download, which flushes what it wrote, is compared with a
/// loop that does so too.
pub fn measure(setting: &Setting) -> Outcome<()> {
    for scheme in [Scheme::Http, Scheme::Https] {
        let sides = compare(setting, scheme, &setting.memory, &["larkspur", "reqwest", "curl"])?;
        at_most("compared with reqwest", ratio(&sides[0], &sides[1]), 1.05, "x");
        at_most("compared with curl", ratio(&sides[0], &sides[2]), 0.9, "x");
        let hashing = ["larkspur+sha256", "reqwest+sha256"];
        let sides = compare(setting, scheme, &setting.memory, &hashing)?;
        at_most(
            "compared with reqwest, both with SHA-256",
            ratio(&sides[0], &sides[1]),
            1.05,
            "x",
        );
        let flushing = ["larkspur", "reqwest+sync", "reqwest", "curl"];
        let sides = compare(setting, scheme, &setting.disk, &flushing)?;
        at_most(
            "compared with reqwest, both flushing",
            ratio(&sides[0], &sides[1]),
            1.05,
            "x",
        );
        println!(
            "  compared with reqwest that does not flush: {:.3}x",
            ratio(&sides[0], &sides[2])
        );
        at_most(
            "compared with curl, which does not",
            ratio(&sides[0], &sides[3]),
            0.9,
            "x",
        );
    }
    Ok(())
}

fn compare(setting: &Setting, scheme: Scheme, directory: &Path, ways: &[&'static str]) -> Outcome<Vec<Side>> {
    println!("\nCPU over {}, file in {}", scheme.name(), directory.display());
    let new = |way: &&'static str| Side {
        way,
        seconds: Vec::new(),
        elapsed: Vec::new(),
    };
    let mut sides: Vec<_> = ways.iter().map(new).collect();
    for pair in 0..setting.pairs {
        // The first one finds the memory as the last one left it, so each is first in its turn.
        for turn in 0..ways.len() {
            let side = &mut sides[(pair + turn) % ways.len()];
            let run = Job {
                way: side.way,
                scheme,
                bytes: setting.bytes,
                directory,
            }
            .run(setting)?;
            side.seconds.push(run.cpu * GIB as f64 / setting.bytes as f64);
            side.elapsed.push(run.elapsed.as_secs_f64());
        }
    }
    for side in &sides {
        let (least, most) = span(&side.seconds);
        let rate = setting.bytes as f64 / 1e6 / median(side.elapsed.clone());
        println!(
            "  {:<16} {:.3} s/GiB ({least:.3} to {most:.3}), {rate:.0} MB/s",
            side.way,
            median(side.seconds.clone())
        );
    }
    Ok(sides)
}

/// The median over the pairs of what the one took in relation to the other.
fn ratio(one: &Side, other: &Side) -> f64 {
    median(
        one.seconds
            .iter()
            .zip(&other.seconds)
            .map(|(one, other)| one / other)
            .collect(),
    )
}
