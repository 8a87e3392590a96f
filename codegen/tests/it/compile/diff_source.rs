//! Whether source breaks where a rule says so, asked of the compiler.
//!
//! Two crates have a program for each pair: one is compiled against the code of the old specs, the
//! other against that of the new ones.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use larkspur_codegen::diff::{Rule, rules};
use larkspur_codegen::emit;
use serde_json::Value;

use crate::diff::pair::{Pair, api};
use crate::diff::pairs;
use crate::support::outside::{cargo, expect_success, kept, put, repository};

/// What a user writes against the base; pairs that break no source leave it as it is.
const USER: &str = include_str!("../diff/user.rs");

const HEAD: &str = "\
#![allow(dead_code, deprecated, unused_imports)]
mod generated;
use generated::demo::v1::thing::*;

fn main() {}

";

const MANIFEST: &str = "\
[package]
name = \"NAME\"
edition = \"2024\"

[features]
default = [\"demo\"]
demo = []

[dependencies]
larkspur = { path = REPOSITORY, default-features = false }

[workspace]
";

/// A program for each of some pairs in a crate of this name; `spec` says which spec it is compiled against.
fn programs<'p>(name: &str, pairs: impl Iterator<Item = (usize, &'p Pair)>, spec: impl Fn(&Pair) -> String) -> PathBuf {
    let root = kept(name);
    let _ = fs::remove_dir_all(&root);
    let manifest = MANIFEST.replace("REPOSITORY", &format!("{:?}", repository()));
    put(&root.join("Cargo.toml"), &manifest.replace("NAME", name));
    for (number, pair) in pairs {
        let program = root.join("src/bin").join(target(number, pair));
        let user = pair.user.unwrap_or(USER);
        put(&program.join("main.rs"), &format!("{HEAD}{user}"));
        for (path, text) in emit(&api(&spec(pair))).expect("the spec becomes Rust") {
            put(&program.join(path), &text);
        }
    }
    root
}

/// The pairs without those that compile the same program against the same old spec as another does.
fn distinct() -> Vec<(usize, &'static Pair)> {
    let mut seen = HashSet::new();
    let is_first = |(_, pair): &(usize, &'static Pair)| seen.insert((pair.old(), pair.user));
    pairs::all().enumerate().filter(is_first).collect()
}

/// A rule may have several pairs.
fn target(number: usize, pair: &Pair) -> String {
    format!("p{number}-{}", pair.rule)
}

fn rule(pair: &Pair) -> &'static Rule {
    let rule = rules().into_iter().find(|rule| rule.id == pair.rule);
    rule.unwrap_or_else(|| panic!("{} is a rule", pair.rule))
}

/// The programs of which the compiler refuses the user's own part.
fn refused(root: &Path) -> BTreeSet<String> {
    let output = cargo(root)
        .args(["check", "--bins", "--keep-going", "--message-format=json"])
        .output()
        .expect("cargo starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    let messages: Vec<Value> = printed
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let finished = messages.iter().any(|message| message["reason"] == "build-finished");
    assert!(finished, "{}", String::from_utf8_lossy(&output.stderr));
    messages.iter().filter_map(refused_program).collect()
}

fn refused_program(message: &Value) -> Option<String> {
    if message["reason"] != "compiler-message" || message["message"]["level"] != "error" {
        return None;
    }
    let spans = message["message"]["spans"].as_array()?;
    let primary = spans.iter().find(|span| span["is_primary"] == true)?;
    let file = primary["file_name"].as_str()?;
    assert!(
        file.ends_with("main.rs"),
        "generated code itself does not compile: {message:#}"
    );
    message["target"]["name"].as_str().map(str::to_owned)
}

#[test]
fn every_rule_that_breaks_source_has_a_program_of_its_own() {
    let without: Vec<&str> = pairs::all()
        .filter(|pair| rule(pair).breaks_source && pair.user.is_none_or(str::is_empty))
        .map(|pair| pair.rule)
        .collect();
    assert_eq!(without, Vec::<&str>::new());
}

#[test]
fn programs_that_compiled_fail_after_exactly_those_changes_that_are_said_to_break_source() {
    let before = programs("diff-before", distinct().into_iter(), Pair::old);
    expect_success(cargo(&before).args(["check", "--bins"]));
    let after = programs("diff-after", pairs::all().enumerate(), Pair::new_text);
    let seen = refused(&after);
    let expected: BTreeSet<String> = pairs::all()
        .enumerate()
        .filter(|(_, pair)| rule(pair).breaks_source)
        .map(|(number, pair)| target(number, pair))
        .collect();
    let silent: Vec<_> = expected.difference(&seen).collect();
    let loud: Vec<_> = seen.difference(&expected).collect();
    assert!(silent.is_empty(), "these should have failed to compile: {silent:?}");
    assert!(loud.is_empty(), "these should have compiled: {loud:?}");
}
