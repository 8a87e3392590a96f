//! The program `larkspur-spec`, whose `gen` build.rs runs.
#![cfg(feature = "command")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const MANIFEST: &str = "[features]\n# @generated features: begin\n# @generated features: end\n";

/// A repository whose one spec file has this text.
fn repository(spec: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(directory.path().join("spec/demo/v1")).expect("a directory");
    fs::write(directory.path().join("spec/demo/v1/thing.yaml"), spec).expect("a file");
    fs::write(directory.path().join("Cargo.toml"), MANIFEST).expect("a file");
    directory
}

const RIGHT: &str =
    "endpoints:\n  get:\n    summary: Get it.\n    http: GET /open-apis/demo/v1/thing\n    tokens: [tenant]\n";
const WRONG: &str = "endpoints:\n  get:\n    http: GET /open-apis/demo/v1/thing\n    tokesn: [tenant]\n";

fn run(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_larkspur-spec"))
        .arg("gen")
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("the command starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn lists_written_files_once() {
    let repository = repository(RIGHT);
    let first = run(repository.path(), &[]);
    assert!(
        text(&first.stdout).contains("wrote generated/demo/v1/thing.rs\n"),
        "{first:?}"
    );
    let second = run(repository.path(), &[]);
    assert_eq!(
        (text(&second.stdout), text(&second.stderr)),
        (String::new(), String::new())
    );
}

#[test]
fn finds_repository_of_current_directory() {
    let repository = repository(RIGHT);
    let output = run(&repository.path().join("spec/demo"), &[]);
    assert!(output.status.success(), "{output:?}");
    assert!(repository.path().join("generated/mod.rs").exists());
}

#[test]
fn stale_check_exits_with_1_and_names_command() {
    let output = run(repository(RIGHT).path(), &["--check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).ends_with("run `cargo spec gen` and commit the result\n"),
        "{output:?}"
    );
}

#[test]
fn invalid_spec_exits_with_1_and_location() {
    let output = run(repository(WRONG).path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let places = text(&output.stderr)
        .lines()
        .filter(|line| line.starts_with("spec/demo/v1/thing.yaml:4:5: "))
        .count();
    assert_eq!(places, 1, "{output:?}");
}

#[test]
fn an_unknown_argument_exits_with_2() {
    let output = run(repository(RIGHT).path(), &["--chekc"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).starts_with("error: unexpected argument '--chekc' found"),
        "{output:?}"
    );
}

#[test]
fn a_root_without_a_spec_exits_with_2() {
    let empty = tempfile::tempdir().expect("a directory");
    let output = run(empty.path(), &["--root", "."]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn help_names_the_program_as_users_call_it() {
    let output = run(repository(RIGHT).path(), &["--help"]);
    let help = text(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(help.contains("Usage: cargo spec gen"), "{help}");
    assert!(
        help.contains("  cargo spec gen --check ") && !help.contains("larkspur spec"),
        "{help}"
    );
}
