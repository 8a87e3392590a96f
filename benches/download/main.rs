//! What a download costs, compared with a bare loop over reqwest and with curl.
//!
//! `cargo bench --bench download` runs all of it, and takes some minutes; `-- cpu`, `-- memory` or `-- calls` runs a
//! part. docs/internals/download-performance.md has the method and figures.

// A benchmark's functions need no documentation.
#![allow(missing_docs, clippy::print_stdout)]

use std::error::Error;
use std::process::ExitCode;

mod calls;
mod client;
mod cpu;
mod memory;
mod process;
mod server;
mod setting;
mod table;

use setting::Setting;

/// Anything that goes wrong ends the benchmark.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The parts that are measured run in processes of their own, which are this program again.
fn run(arguments: &[String]) -> Outcome<()> {
    match arguments.first().map(String::as_str) {
        Some("serve") => server::run(&arguments[1..]),
        Some("fetch") => client::run(&arguments[1..]),
        _ => measure(arguments),
    }
}

/// What one part of the benchmark does.
type Part = fn(&Setting) -> Outcome<()>;

fn measure(arguments: &[String]) -> Outcome<()> {
    let setting = Setting::new(arguments)?;
    println!("{setting}");
    let parts: [(&str, Part); 3] = [
        ("cpu", cpu::measure),
        ("memory", memory::measure),
        ("calls", calls::measure),
    ];
    for (name, part) in parts {
        if setting.asks_for(name) {
            part(&setting)?;
        }
    }
    Ok(())
}
