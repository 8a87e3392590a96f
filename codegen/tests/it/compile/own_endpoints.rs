//! The build script of a crate with endpoints of its own: cargo's errors for an invalid spec.
//!
//! What it generates from a valid one is compiled in `tests/fixtures/cursed` and in `examples/own-endpoints`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::outside::{put, scratch};

const WRONG: &str = "\
endpoints:
  get:
    htp: GET /open-apis/crm/v1/contacts
    http: GET /open-apis/crm/v1/contacts
    tokens: [tenant, usr]
";

/// The build script, when another test runs this program as one.
#[test]
fn build_script() {
    if std::env::var_os("OUT_DIR").is_some() {
        larkspur_codegen::build::generate("spec");
    }
}

/// Returns an empty package directory of that name.
fn package(name: &str) -> PathBuf {
    let root = scratch(name);
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("out")).expect("a directory");
    root
}

/// Runs the build script as cargo does, and returns the errors that it has cargo print.
fn build_errors(root: &Path) -> Vec<String> {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(["compile::own_endpoints::build_script", "--exact", "--nocapture"])
        .env("CARGO_MANIFEST_DIR", root)
        .env("OUT_DIR", root.join("out"))
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = printed.lines().filter_map(|line| line.strip_prefix("cargo::error="));
    errors.map(str::to_owned).collect()
}

#[test]
fn findings_become_cargo_errors_with_location() {
    let root = package("wrong-user");
    put(&root.join("spec/crm/v1/contact.yaml"), WRONG);
    let errors = build_errors(&root);
    let file = root.join("spec").join("crm/v1/contact.yaml");
    for (place, rule) in [("3:5", "unknown-key"), ("5:22", "unknown-word")] {
        let expected = format!("{}:{place}: {rule}: crm.v1.contact.get", file.display());
        assert!(errors.iter().any(|line| line.starts_with(&expected)), "{errors:?}");
    }
    assert!(!root.join("out/larkspur.rs").exists(), "generated from an invalid spec");
}

#[test]
fn empty_spec_directory_is_error() {
    let root = package("empty-user");
    fs::create_dir_all(root.join("spec")).expect("a directory");
    let errors = build_errors(&root);
    let expected = "contains no spec: create spec/<project>/<version>/<resource>.yaml";
    assert!(matches!(&errors[..], [line] if line.ends_with(expected)), "{errors:?}");
}
