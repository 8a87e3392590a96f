//! Source breaks exactly for the rules that are marked as source-breaking, by the compiler's verdict.
//!
//! Two crates have a module for each pair: one is compiled against the code of the old specs, the other against that of
//! the new ones.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use larkspur_codegen::diff::{Rule, rules};
use larkspur_codegen::emit;
use serde_json::Value;

use crate::diff::pair::{Pair, api};
use crate::diff::pairs;
use crate::support::outside::{cargo, expect_success, put, repository, scratch};

/// What a user writes against the base; pairs that break no source leave it as it is.
const USER: &str = include_str!("../diff/user.rs");

const HEAD: &str = "\
#![allow(dead_code, deprecated, unused_imports)]
mod generated;
use generated::demo::v1::{ErrorCode, thing::*};

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

/// A module for each of some pairs in a crate of this name; `spec` returns the spec it is compiled against.
fn modules<'p>(name: &str, pairs: impl Iterator<Item = (usize, &'p Pair)>, spec: impl Fn(&Pair) -> String) -> PathBuf {
    let root = scratch(name);
    let _ = fs::remove_dir_all(&root);
    let manifest = MANIFEST.replace("REPOSITORY", &format!("{:?}", repository()));
    put(&root.join("Cargo.toml"), &manifest.replace("NAME", name));
    for (number, pair) in pairs {
        let module = root.join("src").join(module(number, pair));
        let user = pair.user.unwrap_or(USER);
        put(&module.join("mod.rs"), &format!("{HEAD}{user}"));
        for (path, text) in emit(&api(&spec(pair))).expect("the spec becomes Rust") {
            put(&module.join(path), &text);
        }
    }
    root
}

/// The pairs without those that compile the same module against the same old spec as another does.
fn distinct() -> Vec<(usize, &'static Pair)> {
    let mut seen = HashSet::new();
    let is_first = |(_, pair): &(usize, &'static Pair)| seen.insert((pair.old(), pair.user));
    pairs::all().enumerate().filter(is_first).collect()
}

/// A rule may have several pairs.
fn module(number: usize, pair: &Pair) -> String {
    format!("p{number}_{}", pair.rule.replace('-', "_"))
}

fn names<'p>(pairs: impl Iterator<Item = (usize, &'p Pair)>) -> BTreeSet<String> {
    pairs.map(|(number, pair)| module(number, pair)).collect()
}

fn rule(pair: &Pair) -> &'static Rule {
    let rule = rules().into_iter().find(|rule| rule.id == pair.rule);
    rule.unwrap_or_else(|| panic!("{} is a rule", pair.rule))
}

/// Writes the root of the crate, with these modules.
fn put_root(root: &Path, modules: &BTreeSet<String>) {
    let modules = modules.iter().map(|module| format!("mod {module};\n"));
    put(&root.join("src/lib.rs"), &modules.collect::<String>());
}

/// Returns the modules with an error in the user's own part.
///
/// An error of one phase hides those of later ones in the whole crate, so the crate is compiled again without the modules
/// that failed, until it compiles.
fn refused(root: &Path, mut modules: BTreeSet<String>) -> BTreeSet<String> {
    let mut refused = BTreeSet::new();
    loop {
        put_root(root, &modules);
        let output = cargo(root)
            .args(["check", "--message-format=json"])
            .output()
            .expect("cargo starts");
        if output.status.success() {
            return refused;
        }
        let printed = String::from_utf8_lossy(&output.stdout);
        let messages: Vec<Value> = printed
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let found: BTreeSet<String> = messages.iter().filter_map(refused_module).collect();
        assert!(!found.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        modules.retain(|module| !found.contains(module));
        refused.extend(found);
    }
}

/// The module in which the compiler reports an error.
fn refused_module(message: &Value) -> Option<String> {
    if message["reason"] != "compiler-message" || message["message"]["level"] != "error" {
        return None;
    }
    let spans = message["message"]["spans"].as_array()?;
    let primary = spans.iter().find(|span| span["is_primary"] == true)?;
    let file = Path::new(primary["file_name"].as_str()?);
    let module = file.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    assert!(
        file.ends_with("mod.rs") && module.is_some_and(|module| file == Path::new("src").join(module).join("mod.rs")),
        "generated code itself does not compile: {message:#}"
    );
    module.map(str::to_owned)
}

#[test]
fn every_breaking_rule_has_a_user_program() {
    let without: Vec<&str> = pairs::all()
        .filter(|pair| rule(pair).breaks_source && pair.user.is_none_or(str::is_empty))
        .map(|pair| pair.rule)
        .collect();
    assert_eq!(without, Vec::<&str>::new());
}

#[test]
fn source_breaks_exactly_for_breaking_rules() {
    let before = modules("diff-before", distinct().into_iter(), Pair::old);
    put_root(&before, &names(distinct().into_iter()));
    expect_success(cargo(&before).arg("check"));
    let after = modules("diff-after", pairs::all().enumerate(), Pair::new_text);
    let seen = refused(&after, names(pairs::all().enumerate()));
    let expected = names(pairs::all().enumerate().filter(|(_, pair)| rule(pair).breaks_source));
    let silent: Vec<_> = expected.difference(&seen).collect();
    let loud: Vec<_> = seen.difference(&expected).collect();
    assert!(silent.is_empty(), "these should have failed to compile: {silent:?}");
    assert!(loud.is_empty(), "these should have compiled: {loud:?}");
}
