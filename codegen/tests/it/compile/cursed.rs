//! What the cursed spec becomes is a crate that compiles, without a warning.

use std::path::Path;

use crate::support::outside::{cargo, expect_success, put, repository, scratch};
use larkspur_codegen::{Source, emit, load};

const LIB: &str = "\
//! The cursed spec, generated outside of the SDK.
#![deny(warnings, missing_docs)]

mod generated;
pub use generated::*;

#[cfg(test)]
mod behaviour;
#[cfg(test)]
mod examples;
";

const MANIFEST: &str = "\
[package]
name = \"cursed\"
edition = \"2024\"

[features]
default = [\"cursed\", \"loop_like\"]
cursed = []
loop_like = []

[dependencies]
larkspur = { path = REPOSITORY, default-features = false }
serde_json = \"1\"

[workspace]
";

/// The examples in the documentation of a generated file, with what rustdoc hides.
fn examples(text: &str) -> Vec<String> {
    let mut examples = Vec::new();
    let mut open = false;
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("///"));
    for line in lines.map(|line| line.strip_prefix(' ').unwrap_or(line)) {
        match line {
            "```no_run" => examples.push(String::new()),
            "```" => {}
            _ if open => {
                let line = line.strip_prefix("# ").unwrap_or(line);
                let example = examples.last_mut().expect("a fence stands before it");
                example.push_str(&format!("{line}\n"));
            }
            _ => {}
        }
        open = line == "```no_run" || open && line != "```";
    }
    examples
}

/// A module for each example. They name the SDK's crate; here the generated modules are in another.
fn modules(examples: &[String]) -> String {
    let mut modules = String::new();
    for (number, example) in examples.iter().enumerate() {
        let example = example
            .replace("larkspur::cursed::", "crate::cursed::")
            .replace("larkspur::loop_like::", "crate::loop_like::");
        modules.push_str(&format!("mod example_{number} {{\n#![allow(dead_code)]\n{example}}}\n"));
    }
    modules
}

#[test]
fn cursed_spec_compiles_and_behaves() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cursed");
    let source = Source::read_dir(&fixture.join("spec")).expect("the fixture is there");
    let api = load(&source).unwrap_or_else(|findings| panic!("the fixture is right, but:\n{findings}"));
    let root = scratch("cursed");
    let _ = std::fs::remove_dir_all(&root);
    let mut found = Vec::new();
    for (path, text) in emit(&api).expect("the fixture becomes Rust") {
        found.extend(examples(&text));
        put(&root.join("src").join(path), &text);
    }
    assert_eq!(found.len(), api.endpoints().count(), "each endpoint has an example");
    let repository = format!("{:?}", repository());
    put(&root.join("Cargo.toml"), &MANIFEST.replace("REPOSITORY", &repository));
    put(&root.join("src/lib.rs"), LIB);
    let behaviour = std::fs::read_to_string(fixture.join("behaviour.rs"));
    put(
        &root.join("src/behaviour.rs"),
        &behaviour.expect("it is next to the spec"),
    );
    put(&root.join("src/examples.rs"), &modules(&found));
    expect_success(cargo(&root).args(["test", "--lib"]));
}
