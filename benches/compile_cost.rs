//! What 2,000 generated types cost the compiler, compared with the same types with serde derives.
//!
//! `cargo bench --bench compile_cost` writes two crates, checks their dependencies once, then checks both in turn
//! and prints medians and ratios. docs/internals/benchmarks.md has the method and figures.
//! `-- --types 2000 --rounds 5` are the defaults.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use larkspur_benches::Dependent;

/// Fields of each object, by kind, in turn: what the platform's pages have, in their proportions.
const FIELDS_PER_TYPE: usize = 8;

fn main() {
    let types = argument("--types").unwrap_or(2000);
    let rounds = argument("--rounds").unwrap_or(5);
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("compile_cost");
    let crates = [
        (
            "field list",
            Dependent::write(&directory, "field_list", &[], &field_list(types)),
        ),
        (
            "serde derive",
            Dependent::write(&directory, "serde_derive", &[], &serde_derive(types)),
        ),
    ];

    for (_, dependent) in &crates {
        check(dependent);
    }
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..rounds {
        for ((_, dependent), times) in crates.iter().zip(&mut times) {
            touch(&dependent.path);
            times.push(check(dependent));
        }
    }

    report(types, rounds, &[crates[0].0, crates[1].0], &mut times);
}

fn argument(name: &str) -> Option<usize> {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1)?.parse().ok()
}

/// A spec whose one endpoint responds with a type that contains all others, through the real generator.
fn field_list(types: usize) -> String {
    let mut spec = String::from(
        "endpoints:\n  get:\n    http: GET /open-apis/bench/v1/all\n    tokens: [tenant]\n    response:\n",
    );
    for index in 0..types {
        let _ = writeln!(spec, "      t{index}: {{ type: Type{index} }}");
    }
    spec.push_str("types:\n");
    for index in 0..types {
        let _ = writeln!(spec, "  Type{index}:\n    fields:");
        for field in 0..FIELDS_PER_TYPE {
            let _ = writeln!(
                spec,
                "      {}: {{ type: \"{}\" }}",
                field_name(index, field),
                spec_type(index, field)
            );
        }
    }
    let mut source = larkspur_codegen::Source::new();
    source.add("spec/bench/v1/all.yaml", spec);
    let api = match larkspur_codegen::load(&source) {
        Ok(api) => api,
        Err(findings) => panic!("the synthetic spec is sound: {findings}"),
    };
    let output = larkspur_codegen::emit(&api).expect("the synthetic spec is emitted");
    output
        .iter()
        .find(|(path, _)| path.ends_with("bench/v1/all.rs"))
        .map(|(_, text)| text.clone())
        .expect("the module is there")
}

/// The same types as one would write them by hand over serde.
fn serde_derive(types: usize) -> String {
    let mut source = String::new();
    let derive = "#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]";
    let _ = writeln!(source, "{derive}\npub struct GetResponse {{");
    for index in 0..types {
        let _ = writeln!(source, "    #[serde(default)] pub t{index}: Option<Type{index}>,");
    }
    source.push_str("}\n");
    for index in 0..types {
        let _ = writeln!(source, "{derive}\npub struct Type{index} {{");
        for field in 0..FIELDS_PER_TYPE {
            let (name, ty) = (field_name(index, field), rust_type(index, field));
            let _ = writeln!(source, "    #[serde(default)] pub {name}: {ty},");
        }
        source.push_str("}\n");
    }
    source
}

fn field_name(index: usize, field: usize) -> String {
    format!("field_{}_{field}", index % 97)
}

fn spec_type(index: usize, field: usize) -> String {
    match field {
        0..=3 => "string".into(),
        4 => "int".into(),
        5 => "bool".into(),
        6 => "[string]".into(),
        _ if index > 0 => format!("[Type{}]", index / 2),
        _ => "any".into(),
    }
}

fn rust_type(index: usize, field: usize) -> String {
    match field {
        0..=3 => "Option<String>".into(),
        4 => "Option<i64>".into(),
        5 => "Option<bool>".into(),
        6 => "Vec<String>".into(),
        _ if index > 0 => format!("Vec<Type{}>", index / 2),
        _ => "Option<serde_json::Value>".into(),
    }
}

/// Makes cargo see the crate's own source as changed.
fn touch(path: &Path) {
    let file = path.join("src/lib.rs");
    let source = std::fs::read(&file).expect("the source is there");
    std::fs::write(&file, source).expect("the source is written again");
}

/// Checks the crate and gives the time it took.
fn check(dependent: &Dependent) -> Duration {
    let begin = Instant::now();
    dependent.cargo(&["check", "--quiet"]);
    begin.elapsed()
}

#[allow(clippy::print_stdout)]
fn report(types: usize, rounds: usize, names: &[&str; 2], times: &mut [Vec<Duration>; 2]) {
    println!(
        "`cargo check` of {types} types with {FIELDS_PER_TYPE} fields, {rounds} rounds in turn, dependencies checked before"
    );
    let medians = times.each_mut().map(|times| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    });
    for (name, median) in names.iter().zip(medians) {
        println!("{name:>14}: median {median:6.2} s");
    }
    println!(
        "derive takes {:.2} times as long as the field list",
        medians[1] / medians[0]
    );
}
