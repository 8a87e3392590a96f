//! The findings of invalid specs.
//!
//! `BLESS=1 cargo test` updates the expected findings; review the diff.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use larkspur_codegen::finding::RULES;
use larkspur_codegen::{Findings, Source, load};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/bad")
        .join(name)
}

/// The invalid specs on disk, and files that are not committed because of their size.
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
fn reports_all_findings_of_all_files() {
    agree("findings.txt", &findings(&bad()).to_string());
}

#[test]
fn renders_source_line_and_caret() {
    let source = bad();
    agree("rendered.txt", &findings(&source).render(&source, false));
}

#[test]
fn fixtures_violate_every_rule() {
    let seen: BTreeSet<&str> = findings(&bad()).iter().map(|finding| finding.rule).collect();
    let missing: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.id)
        .filter(|id| !seen.contains(id))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn reported_rules_are_in_the_table() {
    let known: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    for finding in &findings(&bad()) {
        assert!(known.contains(finding.rule), "{finding}");
    }
}

#[test]
fn formats_finding_with_position_rule_and_help() {
    let seen = of(
        "endpoints:\n  get:\n    http: GET /open-apis/x\n    query:\n      extra: { type: string, requird: true }\n",
    );
    assert_eq!(
        seen,
        "spec/drive/v1/media.yaml:5:30: unknown-key: drive.v1.media.get query.extra: unknown key `requird`; did you mean `required`?\n"
    );
}

#[test]
fn reports_all_errors_of_one_entry() {
    let spec = "\
endpoints:
  get:
    http: GET /open-apis/a/v1/b
    errors:
      - { http: 99, code: 0, msg: [], retry: perhaps }
";
    let mut source = Source::new();
    source.add("spec/a/v1/b.yaml", spec);
    let rules: Vec<_> = findings(&source).iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["http-status", "error-code", "wrong-value", "wrong-value"]);
}

#[test]
fn syntax_error_keeps_findings_of_other_files() {
    let mut source = Source::new();
    source.add("spec/drive/v1/broken.yaml", "endpoints: [");
    source.add("spec/drive/v1/media.yaml", "endpoints:\n  get: {}\n");
    let rules: Vec<&str> = findings(&source).iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["yaml-syntax", "missing-key"]);
}

#[test]
fn escapes_control_characters_in_messages() {
    let seen = of("endpoints:\n  get:\n    http: \"\\e[2J\\u202eGET /x\"\n");
    assert!(
        !seen.trim_end().contains(|c: char| c.is_control() || c == '\u{202e}'),
        "{seen:?}"
    );
}
