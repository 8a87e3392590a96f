//! docs/spec/rules.md lists every rule of the table, with examples that a test runs.

use std::collections::BTreeSet;
use std::path::Path;

use larkspur_codegen::finding::{LINTS, RULES, Rule};
use larkspur_codegen::{Source, emit, lint, load};

/// The section of one rule.
struct Section {
    id: String,
    text: String,
}

impl Section {
    /// Severity and meaning.
    fn statement(&self) -> &str {
        self.text.trim_start().lines().next().unwrap_or_default()
    }

    /// The example after `Bad:` or `Good:`, with the info string of its fence.
    fn example(&self, which: &str) -> Example {
        let fence = format!("{which}:\n\n```yaml");
        let (_, rest) = self
            .text
            .split_once(&fence)
            .unwrap_or_else(|| panic!("{}: no {which}", self.id));
        let (info, rest) = rest.split_once('\n').expect("a fence is a line");
        let (text, _) = rest.split_once("\n```").expect("a fence is closed");
        Example {
            info: info.split_whitespace().map(str::to_owned).collect(),
            text: format!("{text}\n"),
        }
    }
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/rules.md");
    std::fs::read_to_string(path).expect("the page is there")
}

fn sections() -> Vec<Section> {
    page()
        .split("\n### ")
        .skip(1)
        .map(|section| {
            let (id, text) = section.split_once('\n').unwrap_or((section, ""));
            Section {
                id: id.to_owned(),
                text: text.to_owned(),
            }
        })
        .collect()
}

/// A spec, or a part of one.
struct Example {
    info: Vec<String>,
    text: String,
}

/// Keys that the page omits from endpoints.
const FACTS: &[(&str, &str)] = &[
    ("http", "GET /open-apis/drive/v1/media"),
    ("summary", "Gets a file."),
    ("docs", "https://open.feishu.cn/document/drive-v1/media/get"),
    ("tokens", "[tenant]"),
    ("scopes", "[]"),
    ("limits", "[special]"),
];

impl Example {
    fn is(&self, word: &str) -> bool {
        self.info.iter().any(|info| info == word)
    }

    fn source(&self) -> Source {
        let mut source = Source::new();
        let text = if self.is("endpoint") {
            let lines: String = self.text.lines().map(|line| format!("    {line}\n")).collect();
            format!("endpoints:\n  get:\n{lines}")
        } else {
            self.text.clone()
        };
        for (path, text) in files(&text) {
            let text = if self.is("whole") { text } else { with_facts(&text) };
            let mut bytes = text.into_bytes();
            if self.is("latin-1") {
                bytes = String::from_utf8_lossy(&bytes).chars().map(|c| c as u8).collect();
            }
            if self.is("padded") {
                bytes.extend(vec![b'#'; 5 * 1024 * 1024]);
            }
            source.add(path, bytes);
        }
        source
    }

    /// The rules that it violates, for the section of `rule`.
    fn broken(&self, rule: &str) -> BTreeSet<&'static str> {
        let report = lint::check(&self.source());
        let rules = report.findings.iter().map(|finding| finding.rule);
        rules
            .filter(|found| *found == rule || *found != "missing-field-doc")
            .collect()
    }
}

/// The files of an example; a comment with a path starts a file.
fn files(text: &str) -> Vec<(String, String)> {
    let mut files = vec![("spec/drive/v1/media.yaml".to_owned(), String::new())];
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("# ").filter(|path| path.starts_with("spec/")) {
            files.push((path.to_owned(), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(&format!("{line}\n"));
        }
    }
    files.retain(|(_, text)| !text.is_empty());
    files
}

/// The text with the keys that its endpoints omit.
fn with_facts(text: &str) -> String {
    let mut result = String::new();
    let mut lines = text.lines().peekable();
    let mut inside = false;
    while let Some(line) = lines.next() {
        result.push_str(&format!("{line}\n"));
        inside = line == "endpoints:" || inside && line.starts_with(' ');
        if !inside || !is_endpoint(line) {
            continue;
        }
        let mut keys = BTreeSet::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("   ")) {
            keys.insert(line.trim().split(':').next().unwrap_or_default().to_owned());
            result.push_str(&format!("{line}\n"));
        }
        for (key, value) in FACTS.iter().filter(|(key, _)| !keys.contains(*key)) {
            result.push_str(&format!("    {key}: {value}\n"));
        }
    }
    result
}

fn is_endpoint(line: &str) -> bool {
    line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':')
}

#[test]
fn page_lists_every_rule_in_table_order() {
    let page: Vec<String> = sections().into_iter().map(|section| section.id).collect();
    let tables: Vec<&str> = LINTS.iter().chain(RULES).map(|rule| rule.id).collect();
    assert_eq!(page, tables);
}

#[test]
fn page_explains_rules_that_cannot_be_allowed() {
    let page = page();
    let (_, table) = page.split_once("Errors cannot be allowed:").expect("there is a table");
    let (table, _) = table.split_once("\n### ").expect("the rules follow");
    let rows = table.lines().filter_map(|line| line.rsplit_once(". | "));
    let mut explained: Vec<&str> = rows
        .flat_map(|(_, rules)| rules.split('`').skip(1).step_by(2))
        .collect();
    explained.sort_unstable();
    let rules = Rule::all().filter(|rule| !rule.can_be_allowed() && rule.id != "unused-allowance");
    let mut expected: Vec<&str> = rules.map(|rule| rule.id).collect();
    expected.sort_unstable();
    assert_eq!(explained, expected);
}

#[test]
fn page_matches_rule_table() {
    for section in sections() {
        let rule = Rule::with_id(&section.id).unwrap_or_else(|| panic!("there is no rule {}", section.id));
        let expected = format!("{:?}. {}", rule.severity, rule.meaning);
        assert_eq!(section.statement(), expected, "docs/spec/rules.md, {}", section.id);
    }
}

#[test]
fn bad_example_violates_only_its_rule() {
    for section in sections() {
        let example = section.example("Bad");
        let broken: Vec<_> = example.broken(&section.id).into_iter().collect();
        let seen = lint::check(&example.source()).findings;
        assert_eq!(broken, [section.id.as_str()], "{seen}");
    }
}

/// The bad example with an allowance for the file that it is found in.
fn allowed(section: &Section) -> Source {
    let mut bad = section.example("Bad").source();
    let found = lint::check(&bad).findings;
    let places = found.iter().filter(|finding| finding.rule == section.id);
    let places: BTreeSet<&str> = places.map(|finding| finding.path.as_str()).collect();
    let files: Vec<(String, Vec<u8>)> = bad
        .files()
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect();
    bad = Source::new();
    for (path, bytes) in files {
        let allow = format!("allow: {{ {}: For a reason. }}\n", section.id);
        let allow = if places.contains(path.as_str()) {
            allow
        } else {
            String::new()
        };
        bad.add(path, [allow.into_bytes(), bytes].concat());
    }
    bad
}

#[test]
fn allowed_lint_violation_becomes_rust() {
    for section in sections() {
        let rule = Rule::with_id(&section.id).expect("the page has no other");
        if rule.can_be_allowed() {
            let source = allowed(&section);
            let report = lint::check(&source);
            let left = report
                .findings
                .iter()
                .filter(|finding| finding.rule == rule.id || finding.rule == "unused-allowance");
            assert_eq!(left.count(), 0, "{}: {}", rule.id, report.findings);
            assert!(!report.allowed.is_empty(), "{}", rule.id);
            let api = load(&source).unwrap_or_else(|findings| panic!("{}: {findings}", rule.id));
            assert!(emit(&api).is_ok(), "{}", rule.id);
        }
    }
}

#[test]
fn good_example_violates_no_rule() {
    for section in sections() {
        let example = section.example("Good");
        let broken = example.broken(&section.id);
        assert!(
            broken.is_empty(),
            "{}: {}",
            section.id,
            lint::check(&example.source()).findings
        );
    }
}
