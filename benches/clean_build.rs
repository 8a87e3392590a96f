//! What a dependent's clean build costs: without a project, with the default ones, with all of the spec.
//!
//! `cargo bench --bench clean_build -- --rounds 3` builds a crate for each in turn, from an empty target folder and then
//! the SDK alone once more, and prints medians and ratios. docs/internals/benchmarks.md has the method and figures.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use larkspur_benches::Dependent;
use nix::sys::resource::{UsageWho, getrusage};

/// A choice of projects, and what its builds took, round by round.
struct Choice {
    name: String,
    dependent: Dependent,
    all: Vec<Cost>,
    alone: Vec<Cost>,
}

/// What a build took.
#[derive(Clone, Copy)]
struct Cost {
    elapsed: Duration,
    processor: Duration,
}

fn main() {
    let rounds = rounds().unwrap_or(3);
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("clean_build");
    let manifest =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")).expect("there is one");
    let defaults = words(between(&manifest, "\ndefault = [", "]"));
    let projects = words(between(
        &manifest,
        "# @generated features: begin",
        "# @generated features: end",
    ));
    let mut choices = [
        ("no project", Vec::new()),
        ("the default ones", defaults),
        ("all of the spec", projects),
    ]
    .map(|(name, projects)| Choice::new(&directory, name, &projects));
    for _ in 0..rounds {
        choices.iter_mut().for_each(Choice::build);
    }
    report(&choices, rounds);
}

fn rounds() -> Option<usize> {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|argument| argument == "--rounds")?;
    arguments.get(at + 1)?.parse().ok()
}

fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(begin).expect("the manifest has the mark");
    rest.split_once(end).expect("the manifest has the mark").0
}

/// The words of `"drive", "im"` and of `drive = []`.
fn words(text: &str) -> Vec<&str> {
    let marks = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    text.split(marks).filter(|word| !word.is_empty()).collect()
}

impl Choice {
    fn new(directory: &Path, name: &str, projects: &[&str]) -> Self {
        let directory = directory.join(name.replace(' ', "_"));
        Self {
            name: format!("{name} ({})", projects.len()),
            dependent: Dependent::write(&directory, "dependent", projects, ""),
            all: Vec::new(),
            alone: Vec::new(),
        }
    }

    fn build(&mut self) {
        let target = &self.dependent.target;
        if target.exists() {
            std::fs::remove_dir_all(target).expect("the target folder is removed");
        }
        self.all.push(self.cost());
        self.dependent.cargo(&["clean", "--quiet", "--package", "larkspur"]);
        self.alone.push(self.cost());
    }

    fn cost(&self) -> Cost {
        let (begin, before) = (Instant::now(), processor());
        self.dependent.cargo(&["build", "--quiet"]);
        Cost {
            elapsed: begin.elapsed(),
            processor: processor().saturating_sub(before),
        }
    }

    /// Megabytes of what the compiler made of the SDK.
    fn size(&self) -> f64 {
        let files = std::fs::read_dir(self.dependent.target.join("debug/deps")).expect("the folder is there");
        let ours = files.filter_map(Result::ok).filter(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            name.starts_with("liblarkspur-") && name.ends_with(".rlib")
        });
        let bytes: u64 = ours
            .filter_map(|file| file.metadata().ok())
            .map(|data| data.len())
            .sum();
        bytes as f64 / 1e6
    }
}

/// What ended child processes have had of the processor.
fn processor() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("resource usage of the children");
    let times = [usage.user_time(), usage.system_time()];
    let micros: i64 = times
        .iter()
        .map(|time| time.tv_sec() * 1_000_000 + time.tv_usec())
        .sum();
    Duration::from_micros(micros.unsigned_abs())
}

fn median(costs: &[Cost], of: fn(&Cost) -> Duration) -> f64 {
    let mut seconds: Vec<f64> = costs.iter().map(|cost| of(cost).as_secs_f64()).collect();
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

#[allow(clippy::print_stdout)]
fn report(choices: &[Choice; 3], rounds: usize) {
    println!(
        "`cargo build` of a dependent, {rounds} rounds in turn; seconds, medians; CPU compared with the default ones"
    );
    println!("| projects | all, elapsed | all, CPU | | the SDK alone, elapsed | CPU | | rlib |");
    println!("|---|---|---|---|---|---|---|---|");
    let processor = |costs: &[Cost]| median(costs, |cost| cost.processor);
    let elapsed = |costs: &[Cost]| median(costs, |cost| cost.elapsed);
    let [_, usual, _] = choices;
    for choice in choices {
        println!(
            "| {} | {:.1} | {:.1} | {:.2}x | {:.1} | {:.1} | {:.2}x | {:.0} MB |",
            choice.name,
            elapsed(&choice.all),
            processor(&choice.all),
            processor(&choice.all) / processor(&usual.all),
            elapsed(&choice.alone),
            processor(&choice.alone),
            processor(&choice.alone) / processor(&usual.alone),
            choice.size(),
        );
    }
}
