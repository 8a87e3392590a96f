//! What the generator takes for a spec of the size of the whole platform.
//!
//! `cargo bench --bench spec` loads, lints, compares and renders 500 to 4,000 endpoints, whose time for each endpoint should
//! stay. Then it runs `larkspur-spec gen`, optimized and with mimalloc, over 2,000 endpoints: from nothing, with nothing changed, and with one
//! file changed.
//! docs/internals/benchmarks.md has the method and figures.

// A benchmark's functions need no documentation.
#![allow(missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use larkspur_codegen::diff::diff;
use larkspur_codegen::model::Api;
use larkspur_codegen::{Source, emit, lint, load};
use tempfile::TempDir;

/// Specs in the proportions of the platform's pages.
mod synthetic;

/// The size of the platform, rounded up.
const ENDPOINTS: usize = 2000;

const MANIFEST: &str = "[features]\n# @generated features: begin\n# @generated features: end\n";

fn api(source: &Source) -> Api {
    match load(source) {
        Ok(api) => api,
        Err(findings) => panic!("the synthetic spec is sound: {findings}"),
    }
}

fn by_size(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("endpoints");
    group.sample_size(10).measurement_time(Duration::from_secs(8));
    for endpoints in [500, 1000, ENDPOINTS, 4000] {
        group.throughput(Throughput::Elements(endpoints as u64));
        let source = synthetic::spec(endpoints);
        let api = api(&source);
        group.bench_function(BenchmarkId::new("load and check", endpoints), |bencher| {
            bencher.iter(|| load(&source).map_err(|findings| findings.len()));
        });
        group.bench_function(BenchmarkId::new("emit", endpoints), |bencher| {
            bencher.iter(|| emit(&api).map_err(|error| error.to_string()));
        });
        group.bench_function(BenchmarkId::new("spec check", endpoints), |bencher| {
            bencher.iter(|| lint::check(&source));
        });
        let changed = self::api(&changed(&source));
        group.bench_function(BenchmarkId::new("diff", endpoints), |bencher| {
            bencher.iter(|| diff(&api, &changed));
        });
    }
    group.finish();
}

/// The spec with other words in one of its files.
fn changed(source: &Source) -> Source {
    let mut changed = source.clone();
    let path = synthetic::path(7);
    for (_, bytes) in source.files().filter(|(other, _)| *other == path) {
        let text = String::from_utf8_lossy(bytes).replacen(" size: { type: int,", " size: { type: float,", 1);
        changed.add(path.clone(), text);
    }
    changed
}

/// Builds `larkspur-spec`, optimized and with mimalloc.
fn generator() -> PathBuf {
    // Cargo puts its directory for benchmarks into the target directory.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let options = "build --quiet --release --package larkspur-codegen --features command,mimalloc --bin larkspur-spec";
    let mut cargo = Command::new(env!("CARGO"));
    run(cargo
        .args(options.split(' '))
        .arg("--target-dir")
        .arg(&target)
        .current_dir(env!("CARGO_MANIFEST_DIR")));
    target.join("release/larkspur-spec")
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("the program is started");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    output.stdout
}

/// A repository of which nothing is generated yet.
fn repository() -> TempDir {
    let root = TempDir::new().expect("a directory for the benchmark");
    put(&root.path().join("Cargo.toml"), MANIFEST);
    for (path, bytes) in synthetic::spec(ENDPOINTS).files() {
        put(&root.path().join(path), &String::from_utf8_lossy(bytes));
    }
    root
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a path below the root")).expect("a directory is made");
    fs::write(path, text).expect("a file is written");
}

/// Runs `larkspur-spec gen`, and returns how many files it writes.
fn written(generator: &Path, root: &Path) -> usize {
    let lines = run(Command::new(generator).args(["gen", "--root"]).arg(root));
    lines.iter().filter(|byte| **byte == b'\n').count()
}

fn write(criterion: &mut Criterion) {
    let (generator, repository) = (generator(), repository());
    let root = repository.path();
    let mut group = criterion.benchmark_group("write 2000 endpoints");
    group.sample_size(20).measurement_time(Duration::from_secs(8));
    group.bench_function("from nothing", |bencher| {
        let forget = || {
            for directory in ["generated", "target"] {
                let _ = fs::remove_dir_all(root.join(directory));
            }
        };
        bencher.iter_batched(
            forget,
            |()| assert!(written(&generator, root) > 300),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("nothing changed", |bencher| {
        bencher.iter(|| assert_eq!(written(&generator, root), 0));
    });
    let path = root.join(synthetic::path(7));
    let text = fs::read_to_string(&path).expect("the file is there");
    let mut round = 0;
    group.bench_function("one file changed", |bencher| {
        let change = || {
            round += 1;
            put(&path, &text.replacen("Do what", &format!("Do {round} times what"), 1));
        };
        bencher.iter_batched(
            change,
            |()| assert_eq!(written(&generator, root), 1),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, by_size, write);
criterion_main!(benches);
