//! How many calls of the system receive and write one GiB, counted by strace.

use std::process::Command;

use crate::process::{Job, Scheme};
use crate::setting::Setting;
use crate::table::at_most;
use crate::{GIB, Outcome, client};

const RECEIVING: [&str; 4] = ["read", "readv", "recvfrom", "recvmsg"];
const WRITING: [&str; 4] = ["write", "writev", "pwrite64", "pwritev"];

pub fn measure(setting: &Setting) -> Outcome<()> {
    for scheme in [Scheme::Http, Scheme::Https] {
        println!("\nCalls of the system for one GiB over {}", scheme.name());
        for way in ["reqwest", "larkspur"] {
            let counts = count(
                setting,
                &Job {
                    way,
                    scheme,
                    bytes: GIB,
                    directory: &setting.memory,
                },
            )?;
            let sum = |names: &[&str]| names.iter().map(|name| count_of(&counts, name)).sum::<u64>();
            let (received, written, all) = (sum(&RECEIVING), sum(&WRITING), count_of(&counts, "total"));
            println!("  {way}: {received} receive, {written} write, {all} of all kinds");
            if way == "larkspur" {
                at_most("receive and write", (received + written) as f64, 8000.0, "");
            }
        }
    }
    Ok(())
}

/// What strace counted: name and number.
fn count(setting: &Setting, job: &Job<'_>) -> Outcome<Vec<(String, u64)>> {
    let counted = job.file().with_extension("strace");
    let output = Command::new("strace")
        .args(["-f", "-c", "-U", "name,calls", "-o"])
        .arg(&counted)
        .args(job.command(setting)?)
        .output()
        .map_err(|error| format!("strace cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("strace: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    client::check(&job.file(), job.bytes)?;
    std::fs::remove_file(job.file())?;
    let text = std::fs::read_to_string(&counted)?;
    std::fs::remove_file(counted)?;
    let row = |line: &str| {
        let (name, calls) = line.trim().split_once(char::is_whitespace)?;
        Some((name.to_owned(), calls.trim().parse().ok()?))
    };
    Ok(text.lines().filter_map(row).collect())
}

fn count_of(counts: &[(String, u64)], name: &str) -> u64 {
    counts
        .iter()
        .find(|(counted, _)| counted == name)
        .map_or(0, |(_, calls)| *calls)
}
