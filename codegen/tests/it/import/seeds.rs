//! Imports real pages in every format into the repository's spec, whose entries were reviewed against these pages.
//! `LARKSPUR_PAGES=DIR cargo test -p larkspur-codegen --test it import::seeds -- --ignored --nocapture`.

#![allow(clippy::print_stdout, reason = "prints the notes")]

use crate::support::pages;
use std::path::Path;

use larkspur_codegen::diff::diff;
use larkspur_codegen::import::{Imported, Page, import};
use larkspur_codegen::{Source, load};

/// Accepted differences between the pages and the entries.
const EXPLAINED: &[&str] = &[];

fn spec() -> Source {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    Source::read_dir(&root).expect("the spec directory")
}

fn imported() -> Imported {
    let seeds = pages::seeds();
    let all: Vec<Page<'_>> = seeds.iter().map(|(name, text)| Page { name, text }).collect();
    import(&spec(), &all).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
#[ignore = "the pages are not in the repository; set LARKSPUR_PAGES"]
fn every_format_finds_its_entry() {
    let spec = load(&spec()).expect("a valid spec");
    let result = imported();
    for endpoint in &result.endpoints {
        println!("{} from {}: {:?}", endpoint.id, endpoint.page, endpoint.counts);
        assert!(spec.endpoint(&endpoint.id).is_some(), "{} is new", endpoint.id);
    }
    assert_eq!(result.endpoints.len(), pages::seeds().len());
}

#[test]
#[ignore = "the pages are not in the repository; set LARKSPUR_PAGES"]
fn reviewed_facts_do_not_change() {
    let result = imported();
    for note in &result.notes {
        println!("{note}");
    }
    let changes = diff(&load(&spec()).unwrap(), &load(&result.spec).unwrap());
    let changes: Vec<String> = changes
        .iter()
        .map(|change| format!("{}: {}: {}", change.rule.id, change.subject, change.message))
        .collect();
    assert_eq!(changes, EXPLAINED);
}

#[test]
#[ignore = "the pages are not in the repository; set LARKSPUR_PAGES"]
fn entries_do_not_change() {
    let result = imported();
    for path in &result.changed {
        let text = |spec: &Source| {
            let file = spec.files().find(|(other, _)| other == path).expect("the changed file");
            String::from_utf8(file.1.to_vec()).unwrap()
        };
        let (before, after) = (text(&spec()), text(&result.spec));
        for line in after.lines().filter(|line| !before.lines().any(|other| other == *line)) {
            println!("{path}: + {line}");
        }
        for line in before.lines().filter(|line| !after.lines().any(|other| other == *line)) {
            println!("{path}: - {line}");
        }
    }
    assert_eq!(result.changed, Vec::<String>::new());
}
