//! What the generator takes for a spec of the size of the whole platform.
//!
//! `cargo bench --bench spec` loads, lints, compares and renders 500 to 4,000 endpoints, whose time for each endpoint should
//! stay, and brings generated/ up to date after one file of 2,000 endpoints has changed.
//! docs/benchmarks.md has the method and figures.

// A benchmark's functions need no documentation.
#![allow(missing_docs)]

use std::fs;
use std::path::Path;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use larkspur_codegen::diff::diff;
use larkspur_codegen::model::Api;
use larkspur_codegen::{Source, emit, generate, lint, load};
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

/// A repository whose generated/ is fresh.
fn repository() -> TempDir {
    let root = TempDir::new().expect("a directory for the benchmark");
    put(&root.path().join("Cargo.toml"), MANIFEST);
    for (path, bytes) in synthetic::spec(ENDPOINTS).files() {
        put(&root.path().join(path), &String::from_utf8_lossy(bytes));
    }
    generate::write(root.path()).expect("the synthetic spec is written");
    root
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a path below the root")).expect("a directory is made");
    fs::write(path, text).expect("a file is written");
}

/// All of `cargo gen` but the start of the program.
fn one_changed_file(criterion: &mut Criterion) {
    let root = repository();
    let path = root.path().join(synthetic::path(7));
    let text = fs::read_to_string(&path).expect("the file is there");
    let mut round = 0;
    let mut group = criterion.benchmark_group("write");
    group.sample_size(10).measurement_time(Duration::from_secs(8));
    group.bench_function("one changed file of 2000 endpoints", |bencher| {
        bencher.iter_with_setup(
            || {
                round += 1;
                put(&path, &text.replacen("Do what", &format!("Do {round} times what"), 1));
            },
            |()| {
                let report = generate::write(root.path()).expect("the changed file is written");
                assert_eq!(report.written.len(), 1);
            },
        );
    });
    group.bench_function("nothing changed", |bencher| {
        bencher.iter(|| generate::write(root.path()).expect("there is nothing to write"));
    });
    group.finish();
}

criterion_group!(benches, by_size, one_changed_file);
criterion_main!(benches);
