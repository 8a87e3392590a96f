//! What is wrong with a spec, as those who wrote it read it.
//!
//! `BLESS=1 cargo test` writes the expected findings anew; a review then reads the difference.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use larkspur_codegen::finding::RULES;
use larkspur_codegen::{Findings, Source, load};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/bad")
        .join(name)
}

/// The bad specs on disk, and what is better not committed to a repository.
fn bad() -> Source {
    let mut source = Source::read_dir(&fixture("spec")).expect("the fixture can be read");
    source.add("spec/bad/v2/large.yaml", vec![b'#'; 4 * 1024 * 1024 + 1]);
    source
}

fn findings(source: &Source) -> Findings {
    load(source).expect_err("a bad spec does not load")
}

/// Findings of a spec with this one file.
fn of(text: &str) -> String {
    let mut source = Source::new();
    source.add("spec/drive/v1/media.yaml", text);
    findings(&source).to_string()
}

fn agree(name: &str, seen: &str) {
    let path = fixture(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, seen).expect("the expectation can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == seen,
        "{name} differs; run with BLESS=1 and read `git diff`\n{seen}"
    );
}

#[test]
fn all_findings_of_all_files_come_at_once_with_their_places() {
    agree("findings.txt", &findings(&bad()).to_string());
}

#[test]
fn a_rendered_finding_shows_its_line_and_a_caret() {
    let source = bad();
    agree("rendered.txt", &findings(&source).render(&source, false));
}

#[test]
fn every_rule_is_broken_by_a_fixture() {
    let seen: BTreeSet<&str> = findings(&bad()).iter().map(|finding| finding.rule).collect();
    let missing: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.id)
        .filter(|id| !seen.contains(id))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_rule_that_is_reported_is_in_the_table() {
    let known: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    for finding in &findings(&bad()) {
        assert!(known.contains(finding.rule), "{finding}");
    }
}

#[test]
fn a_finding_names_file_line_column_rule_endpoint_and_way_out() {
    let seen = of(
        "endpoints:\n  get:\n    http: GET /open-apis/x\n    query:\n      extra: { type: string, requird: true }\n",
    );
    assert_eq!(
        seen,
        "spec/drive/v1/media.yaml:5:30: unknown-key: drive.v1.media.get query.extra: unknown key `requird`; did you mean `required`?\n"
    );
}

#[test]
fn all_that_is_wrong_with_one_failure_comes_at_once() {
    let spec = "\
endpoints:
  get:
    http: GET /open-apis/a/v1/b
    errors:
      - { http: 99, code: 0, name: Wrong, retry: perhaps }
";
    let mut source = Source::new();
    source.add("spec/a/v1/b.yaml", spec);
    let rules: Vec<_> = findings(&source).iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["http-status", "error-code", "snake-name", "wrong-value"]);
}

#[test]
fn a_file_that_cannot_be_parsed_leaves_the_findings_of_the_others() {
    let mut source = Source::new();
    source.add("spec/drive/v1/broken.yaml", "endpoints: [");
    source.add("spec/drive/v1/media.yaml", "endpoints:\n  get: {}\n");
    let rules: Vec<&str> = findings(&source).iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["yaml-syntax", "missing-key"]);
}

#[test]
fn a_value_in_a_message_cannot_move_the_cursor_of_a_terminal() {
    let seen = of("endpoints:\n  get:\n    http: \"\\e[2J\\u202eGET /x\"\n");
    assert!(
        !seen.trim_end().contains(|c: char| c.is_control() || c == '\u{202e}'),
        "{seen:?}"
    );
}
