//! The language of the project: standard terms in comments, strings, Markdown, specs, file names and test names.
//!
//! `LARKSPUR_LANGUAGE=src/call cargo test -p larkspur-codegen --test it house::language -- --nocapture` lists the findings
//! below a path; without the variable it lists all if there are few, and their number in each folder.

#![allow(clippy::print_stdout, reason = "the findings are listed for people")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::lexer::{self, Kind, Text};

const PHRASES: &str = include_str!("phrases.txt");
const FORBIDDEN_FILES: &[&str] = &[
    "facts", "known", "way", "glance", "watch", "cell", "asked", "course", "pace", "kept", "told", "together", "circle",
];
const MAX_TEST_NAME: usize = 45;
/// Folders and files that are not written by hand, or whose texts are test data.
const SKIPPED: &[&str] = &[
    "target/",
    ".git/",
    "codegen/tests/golden/",
    "codegen/tests/fixtures/",
    "codegen/tests/it/house/",
    "fuzz/target/",
    "fuzz/corpus/",
];
/// Keys of spec files whose values are prose.
const PROSE_KEYS: &[&str] = &["doc", "summary", "note", "notes", "reason", "description"];

#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    message: String,
}

/// The table in phrases.txt.
struct Table {
    /// Phrases as words, by their first word, with what to write instead.
    forbidden: HashMap<&'static str, Vec<(Vec<&'static str>, &'static str)>>,
    exceptions: Vec<Vec<&'static str>>,
    /// Path prefix and phrase.
    allowances: Vec<(&'static str, &'static str)>,
}

impl Table {
    fn new() -> Self {
        let mut table = Self {
            forbidden: HashMap::new(),
            exceptions: Vec::new(),
            allowances: Vec::new(),
        };
        let words = |phrase: &'static str| phrase.split_whitespace().collect::<Vec<_>>();
        for line in PHRASES
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            if let Some(exceptions) = line.strip_prefix("except ") {
                table.exceptions.extend(exceptions.split(',').map(words));
            } else if let Some(allowance) = line.strip_prefix("allow ") {
                let (what, reason) = allowance.split_once(": ").expect("an allowance has a reason");
                assert!(!reason.trim().is_empty(), "an allowance has a reason: {line}");
                table
                    .allowances
                    .push(what.split_once(' ').expect("a path and a phrase"));
            } else {
                let (phrases, instead) = line.split_once(" = ").expect("phrases and a replacement");
                for phrase in phrases.split(',').map(words) {
                    let others = table.forbidden.entry(phrase[0]).or_default();
                    others.push((phrase, instead));
                    others.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
                }
            }
        }
        table
    }

    fn allows(&self, path: &str, phrase: &str) -> bool {
        self.allowances
            .iter()
            .any(|(prefix, allowed)| path.starts_with(prefix) && *allowed == phrase)
    }

    /// Adds a finding for each forbidden phrase of a text.
    fn check(&self, path: &str, text: &Text, findings: &mut Vec<Finding>) {
        let words = words(text);
        let matches = |phrase: &[&str], at: usize| {
            at + phrase.len() <= words.len()
                && phrase
                    .iter()
                    .zip(&words[at..])
                    .all(|(wanted, word)| *wanted == word.text)
                && words[at + 1..at + phrase.len()].iter().all(|word| word.follows)
        };
        let is_excepted = |at: usize, length: usize| {
            self.exceptions.iter().any(|exception| {
                let first = at.saturating_sub(exception.len() - 1);
                (first..=at).any(|from| from + exception.len() >= at + length && matches(exception, from))
            })
        };
        let mut at = 0;
        while at < words.len() {
            let word = &words[at];
            let found = self.forbidden.get(word.text.as_str()).and_then(|phrases| {
                let mut phrases = phrases.iter();
                phrases.find(|(phrase, _)| matches(phrase, at) && !is_excepted(at, phrase.len()))
            });
            let Some((phrase, instead)) = found else {
                at += 1;
                continue;
            };
            let phrase_text = phrase.join(" ");
            if !self.allows(path, &phrase_text) {
                findings.push(Finding {
                    path: path.to_owned(),
                    line: word.line,
                    message: format!("`{phrase_text}`: write {instead}"),
                });
            }
            at += phrase.len();
        }
    }
}

/// A word of prose in lower case.
struct Word {
    text: String,
    line: usize,
    /// Whether nothing but white space lies between the word before and this one.
    follows: bool,
}

/// Returns the words of a text without those in code spans and paths.
fn words(text: &Text) -> Vec<Word> {
    let chars = without_code(&text.chars);
    let is_word = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '\'');
    let mut words = Vec::new();
    let mut at = 0;
    let mut follows = false;
    while at < chars.len() {
        if !is_word(chars[at]) {
            follows &= chars[at].is_whitespace();
            at += 1;
            continue;
        }
        let start = at;
        while at < chars.len() && is_word(chars[at]) {
            at += 1;
        }
        let before = start.checked_sub(1).map_or(' ', |before| chars[before]);
        let (next, after) = (chars.get(at).copied(), chars.get(at + 1).copied());
        let joins = matches!(next, Some('.' | ':' | '/' | '='));
        let in_path = matches!(before, '.' | ':' | '/' | '\\' | '=' | '&' | '?' | '{' | '$' | '#' | '@')
            || joins && after.is_some_and(|char| char.is_alphanumeric() || matches!(char, ':' | '_' | '/'))
            || next == Some('(');
        let word: String = chars[start..at].iter().collect();
        words.push(Word {
            text: if in_path {
                String::new()
            } else {
                word.trim_matches(['-', '\'']).to_lowercase()
            },
            line: text.lines[start],
            follows,
        });
        follows = true;
    }
    words
}

/// Blanks fenced blocks and code spans.
fn without_code(chars: &[char]) -> Vec<char> {
    let mut result = chars.to_vec();
    let mut at = 0;
    while at < chars.len() {
        let ticks = chars[at..].iter().take_while(|char| **char == '`').count();
        if ticks == 0 {
            at += 1;
            continue;
        }
        let close = (at + ticks..chars.len()).find(|end| {
            let run = chars[*end..].iter().take_while(|char| **char == '`').count();
            run == ticks && chars[end - 1] != '`'
        });
        // A code span ends with its paragraph at the latest.
        let close = close.filter(|end| ticks >= 3 || !has_blank_line(&chars[at..*end]));
        let end = close.map_or(at + ticks, |close| close + ticks);
        if close.is_some() {
            // Not white space: what stands before a code span and what stands behind it are not adjacent.
            result[at..end].iter_mut().for_each(|char| *char = '\u{0}');
        }
        at = end;
    }
    result
}

fn has_blank_line(chars: &[char]) -> bool {
    let text: String = chars.iter().collect();
    text.lines().skip(1).any(|line| line.trim().is_empty())
}

/// Returns the prose of a file.
fn prose(path: &str, source: &str) -> Vec<Text> {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("rs") => {
            let texts = lexer::texts(source).into_iter();
            let is_prose = |text: &Text| match text.kind {
                Kind::Comment => true,
                // What is generated has the strings of the platform. A string without a space is a name.
                Kind::String => !path.starts_with("generated/") && text.chars.contains(&' '),
            };
            texts.filter(is_prose).collect()
        }
        Some("md") => vec![whole(source)],
        Some("yaml") => yaml_prose(source),
        _ => comments_after_hash(source),
    }
}

fn whole(source: &str) -> Text {
    let mut text = Text::new(Kind::Comment);
    for (index, line) in source.lines().enumerate() {
        line.chars().chain(['\n']).for_each(|char| text.push(char, index + 1));
    }
    text
}

/// Runs of lines of TOML or a script that are comments.
fn comments_after_hash(source: &str) -> Vec<Text> {
    let mut texts = vec![Text::new(Kind::Comment)];
    for (index, line) in source.lines().enumerate() {
        let text = texts.last_mut().expect("there is one");
        match line.trim_start().strip_prefix('#') {
            Some(comment) => comment
                .chars()
                .chain(['\n'])
                .for_each(|char| text.push(char, index + 1)),
            None if !text.chars.is_empty() => texts.push(Text::new(Kind::Comment)),
            None => {}
        }
    }
    texts
}

/// Comments, and the values of keys that hold prose, with the lines on which they continue.
fn yaml_prose(source: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut text = Text::new(Kind::Comment);
    // The indentation of the key whose value continues.
    let mut open: Option<usize> = None;
    for (index, line) in source.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let content = line.trim_start();
        if let Some(comment) = content.strip_prefix('#') {
            comment
                .chars()
                .chain(['\n'])
                .for_each(|char| text.push(char, index + 1));
            continue;
        }
        if open.is_some_and(|key| indent > key && !content.is_empty()) {
            content
                .chars()
                .chain(['\n'])
                .for_each(|char| text.push(char, index + 1));
            continue;
        }
        texts.push(std::mem::replace(&mut text, Text::new(Kind::Comment)));
        open = None;
        for key in PROSE_KEYS {
            for (at, _) in line.match_indices(&format!("{key}:")) {
                if line[..at]
                    .chars()
                    .next_back()
                    .is_some_and(|char| char.is_alphanumeric() || char == '_')
                {
                    continue;
                }
                let value = &line[at + key.len() + 1..];
                let in_flow = line[..at].contains('{');
                let end = if in_flow { flow_end(value) } else { value.len() };
                value[..end].chars().for_each(|char| text.push(char, index + 1));
                text.push('\n', index + 1);
                if !in_flow {
                    open = Some(indent);
                }
            }
        }
        if open.is_none() {
            texts.push(std::mem::replace(&mut text, Text::new(Kind::Comment)));
        }
    }
    texts.push(text);
    texts
}

/// Where a value of a flow mapping ends: at the next key, or with the mapping.
fn flow_end(value: &str) -> usize {
    let next_key = value.match_indices(", ").map(|(at, _)| at).find(|at| {
        let rest = &value[at + 2..];
        let key = rest
            .chars()
            .take_while(|char| char.is_alphanumeric() || *char == '_')
            .count();
        key > 0 && rest[key..].starts_with(": ")
    });
    next_key.or_else(|| value.rfind('}')).unwrap_or(value.len())
}

/// Returns the names of the tests of a Rust file with their lines.
fn test_names(source: &str) -> Vec<(usize, String)> {
    let code = lexer::code(source);
    let mut names = Vec::new();
    let mut is_test = false;
    for (index, line) in code.lines().enumerate() {
        let line = line.trim_start();
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let line = line.strip_prefix("async ").unwrap_or(line);
        if let Some(rest) = line.strip_prefix("fn ") {
            let name = rest.split(|char: char| !char.is_alphanumeric() && char != '_').next();
            if is_test {
                names.push((index + 1, name.unwrap_or_default().to_owned()));
            }
            is_test = false;
        }
    }
    names
}

fn check_test_names(table: &Table, path: &str, source: &str, findings: &mut Vec<Finding>) {
    for (line, name) in test_names(source) {
        if name.len() > MAX_TEST_NAME {
            findings.push(Finding {
                path: path.to_owned(),
                line,
                message: format!(
                    "`{name}`: a test name of {} characters: write at most {MAX_TEST_NAME}",
                    name.len()
                ),
            });
        }
        let mut text = Text::new(Kind::Comment);
        name.replace('_', " ").chars().for_each(|char| text.push(char, line));
        table.check(path, &text, findings);
    }
}

fn check_file(table: &Table, path: &str, source: &str, findings: &mut Vec<Finding>) {
    let stem = Path::new(path)
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    if path.ends_with(".rs") && FORBIDDEN_FILES.contains(&stem) {
        findings.push(Finding {
            path: path.to_owned(),
            line: 1,
            message: format!("`{stem}`: name the file for what it defines"),
        });
    }
    for text in prose(path, source) {
        table.check(path, &text, findings);
    }
    if path.ends_with(".rs") {
        check_test_names(table, path, source, findings);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the files that are checked, with paths from the root of the repository.
fn files(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut directories = vec![String::new()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(root.join(&directory)).expect("a directory") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("UTF-8");
            let path = format!("{directory}{name}");
            if SKIPPED
                .iter()
                .any(|skipped| format!("{path}/").starts_with(skipped) || path.starts_with(skipped))
            {
                continue;
            }
            if entry.file_type().expect("a type").is_dir() {
                directories.push(format!("{path}/"));
            } else if is_checked(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn is_checked(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    path == ".ci/run"
        || extension == Some("yaml") && path.starts_with("spec/")
        || matches!(extension, Some("rs" | "md" | "toml")) && !path.starts_with("node_modules/")
}

/// The folder of a file, at most two names deep.
fn folder(path: &str) -> String {
    let folders: Vec<&str> = path.split('/').collect();
    match &folders[..folders.len() - 1] {
        [] => ".".to_owned(),
        [first] => (*first).to_owned(),
        [first, second, ..] => format!("{first}/{second}"),
    }
}

#[test]
fn language_uses_standard_terms() {
    let (root, table) = (root(), Table::new());
    let prefix = env::var("LARKSPUR_LANGUAGE").unwrap_or_default();
    let mut findings = Vec::new();
    for path in files(&root).iter().filter(|path| path.starts_with(&prefix)) {
        let source = fs::read_to_string(root.join(path)).expect("a text");
        check_file(&table, path, &source, &mut findings);
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &findings {
        *counts.entry(folder(&finding.path)).or_default() += 1;
    }
    for (folder, count) in &counts {
        println!("{count:6} {folder}");
    }
    let list: Vec<String> = findings
        .iter()
        .map(|Finding { path, line, message }| format!("{path}:{line}: {message}"))
        .collect();
    assert!(list.is_empty(), "{}", list.join("\n"));
}

fn found(path: &str, source: &str) -> Vec<(usize, String)> {
    let mut findings = Vec::new();
    check_file(&Table::new(), path, source, &mut findings);
    let short = |finding: Finding| (finding.line, finding.message.split('`').nth(1).unwrap().to_owned());
    findings.into_iter().map(short).collect()
}

#[test]
fn finds_phrases_in_comments_and_strings() {
    let source = "/// The server's\n/// answer is cut.\nfn a() -> &'static str {\n    \"the token is fetched \\\n     anew\"\n}\n";
    assert_eq!(found("src/a.rs", source), [(2, "answer".into()), (5, "anew".into())]);
}

#[test]
fn finds_phrases_across_line_breaks() {
    let comment = "// It is\n// no file.\n\n// Try\n// again.\n";
    assert_eq!(
        found("src/a.rs", comment),
        [(1, "is no".into()), (4, "try again".into())]
    );
    let markdown = "It is held\nagainst the spec.\n\n```sh\nanswer anew\n```\n";
    assert_eq!(found("docs/a.md", markdown), [(1, "held against".into())]);
}

#[test]
fn skips_code_names_and_standard_phrases() {
    let source = "//! `answer` and larkspur::answer and im.v1.message.reply; it is no longer there, and there is no limit.\n\
                  //! is `x` no y\nconst A: &str = \"reply\";\n";
    assert_eq!(found("src/a.rs", source), []);
}

#[test]
fn finds_phrases_in_specs() {
    let spec = "# Answers of the server.\nendpoints:\n  reply:\n    summary: Tell it.\n    doc: |\n      One line\n      came.\n    \
                query:\n      kind: { type: string, doc: Whoever asks, enum: [answer] }\n";
    let expected = [(1, "answers"), (4, "tell"), (7, "came"), (9, "whoever")];
    assert_eq!(
        found("spec/a/v1/b.yaml", spec),
        expected.map(|(line, phrase)| (line, phrase.to_owned()))
    );
}

#[test]
fn finds_file_names_and_test_names() {
    let source = "#[test]\nfn a_call_that_was_answered_is_kept() {}\n#[tokio::test]\nasync fn \
                  this_name_is_longer_than_forty_five_characters_by_far() {}\n#[test]\nfn resumes_after_reset() {}\n";
    let found = found("src/told.rs", source);
    let phrases: Vec<&str> = found.iter().map(|(_, phrase)| phrase.as_str()).collect();
    let long = "this_name_is_longer_than_forty_five_characters_by_far";
    assert_eq!(phrases, ["told", "answered", "kept", long]);
}

#[test]
fn every_allowance_is_still_used() {
    let (root, table) = (root(), Table::new());
    let without = Table {
        allowances: Vec::new(),
        ..Table::new()
    };
    let mut findings = Vec::new();
    for path in files(&root)
        .iter()
        .filter(|path| table.allowances.iter().any(|(prefix, _)| path.starts_with(prefix)))
    {
        let source = fs::read_to_string(root.join(path)).expect("a text");
        check_file(&without, path, &source, &mut findings);
    }
    for (prefix, phrase) in &table.allowances {
        let is_used =
            |finding: &Finding| finding.path.starts_with(prefix) && finding.message.starts_with(&format!("`{phrase}`"));
        assert!(findings.iter().any(is_used), "unused allowance: {prefix} {phrase}");
    }
}
