//! Values of a response become part of a path, a URL or a terminal line in one way each, and files of the program are opened in
//! one way.
//!
//! ARCHITECTURE.md names the functions. Any other use of what they are made of is a finding, unless the file is an exception.

use std::fs;
use std::path::{Path, PathBuf};

use super::lexer;

/// A rule: the function to use, and the code that only it may contain.
struct Rule {
    subject: &'static str,
    /// What to use instead.
    function: &'static str,
    directories: &'static [&'static str],
    /// The files of the function.
    homes: &'static [&'static str],
    patterns: &'static [&'static str],
    /// Files with a reason.
    exceptions: &'static [(&'static str, &'static str)],
}

const ALL: &[&str] = &["src/", "cli/src/", "mock/src/", "codegen/src/"];
/// Code that reads responses.
const RESPONSES: &[&str] = &["src/", "cli/src/", "mock/src/"];

const RULES: &[Rule] = &[
    Rule {
        subject: "a file that is ours is opened",
        function: "`transfer::OwnFile` or `Directory`",
        directories: ALL,
        homes: &["src/transfer.rs"],
        patterns: &[
            "OpenOptions::new",
            "File::create",
            "File::create_new",
            "File::options",
            "create_new(",
            "fs::write(",
            "fs::copy(",
            "openat(",
            "tempfile_in(",
            "NamedTempFile::new",
        ],
        exceptions: &[
            (
                "src/byte_stream/save.rs",
                "a new file of a random name, which is renamed when complete",
            ),
            (
                "src/store/file.rs",
                "a new file of a random name, which is renamed when complete",
            ),
            (
                "cli/src/target.rs",
                "a new file of a random name, which is renamed when complete",
            ),
            (
                "codegen/src/source.rs",
                "a new file of a random name; the crate does not depend on the runtime",
            ),
            ("codegen/src/build.rs", "the output directory of Cargo"),
        ],
    },
    Rule {
        subject: "a file is read by its path",
        function: "`transfer::OwnFile::read` for a file that is ours",
        directories: &["src/", "cli/src/"],
        homes: &["src/transfer.rs"],
        patterns: &["File::open(", "fs::read(", "fs::read_to_string("],
        exceptions: &[
            ("src/byte_stream/save.rs", "a directory, to flush it"),
            ("src/download/sidecar.rs", "the boot id of the system"),
            ("src/upload_source/local_file.rs", "a file that the user uploads"),
            ("cli/src/call/mod.rs", "a file that the user names as the input"),
            ("cli/src/call/request.rs", "a file that the user names in a request"),
            ("cli/src/credentials.rs", "a file of the user, whose mode is checked"),
            ("cli/src/download/list.rs", "a file that the user names as the input"),
            (
                "cli/src/mock.rs",
                "a file that the user names, and one in a temporary directory",
            ),
            (
                "cli/src/documents.rs",
                "a file in a temporary directory of this process",
            ),
        ],
    },
    Rule {
        subject: "a path gets a component",
        function: "`download::file_name::sanitize` for a value of a response",
        directories: RESPONSES,
        homes: &["src/byte_stream/file_name.rs"],
        patterns: &[
            ".join(",
            ".set_file_name(",
            ".with_file_name(",
            ".with_extension(",
            ".set_extension(",
        ],
        exceptions: &[
            ("src/byte_stream/save.rs", "the sanitized name of a response"),
            ("src/call/envelope.rs", "a URL: the target of a redirect"),
            (
                "src/documents/export.rs",
                "the result of `file_name_for`, which sanitizes",
            ),
            ("src/download/sink/file.rs", "sanitized names, and that of the target"),
            ("src/download/target.rs", "sanitized names, and that of the target"),
            ("src/store/file.rs", "a digest"),
            ("src/temporary_links/redirect.rs", "a URL: the target of a redirect"),
            ("src/transfer.rs", "names from its callers, which this rule covers"),
            ("src/upload/run.rs", "the name of the file that the user uploads"),
            (
                "cli/src/completions.rs",
                "the path by which the shell called the program",
            ),
            ("cli/src/download/batch.rs", "names that were read from the directory"),
            ("cli/src/download/journal.rs", "the constant name of the journal"),
            ("cli/src/download/plan.rs", "sanitized names, of the journal too"),
            ("cli/src/download/single.rs", "the sanitized name of a response"),
        ],
    },
    Rule {
        subject: "text is percent-encoded or put into a URL",
        function: "`wire::path_segment` or `wire::push_query`",
        directories: ALL,
        homes: &["src/wire/encode.rs"],
        patterns: &[
            "utf8_percent_encode(",
            "percent_encode(",
            "byte_serialize(",
            "form_urlencoded::Serializer",
            "path_segments_mut(",
            "query_pairs_mut(",
            "Url::parse(&format!",
        ],
        exceptions: &[
            (
                "src/documents/reference.rs",
                "a link that the user pasted: it is taken apart, not requested",
            ),
            ("src/store/redis/lock.rs", "keys of Redis, with characters of their own"),
            ("mock/src/file.rs", "the mock server does not depend on the runtime"),
        ],
    },
    Rule {
        subject: "text is printed",
        function: "`larkspur_codegen::command::output` or `progress::print_line`",
        directories: ALL,
        homes: &["codegen/src/command/output.rs"],
        patterns: &[
            "print!",
            "println!",
            "eprint!",
            "eprintln!",
            "dbg!",
            "stdout()",
            "stderr()",
            ".println(",
        ],
        exceptions: &[
            (
                "cli/src/progress.rs",
                "the bars of indicatif, whose texts pass `terminal::escape`",
            ),
            ("cli/src/download/single.rs", "the bytes of a file on standard output"),
            ("codegen/src/build.rs", "directives for Cargo in a build script"),
            ("codegen/src/emit/example.rs", "an example in generated documentation"),
        ],
    },
    Rule {
        subject: "control characters are detected or escaped",
        function: "`larkspur_codegen::command::terminal`, or `characters` for text of a spec",
        directories: ALL,
        homes: &["codegen/src/command/terminal.rs", "codegen/src/characters.rs"],
        patterns: &[
            "is_control",
            "is_ascii_control",
            "escape_debug(",
            "escape_default(",
            "escape_unicode(",
        ],
        exceptions: &[
            ("src/byte_stream/file_name.rs", "the rule for a path component"),
            (
                "src/call/envelope.rs",
                "error texts of one line; the command line escapes them again",
            ),
            ("src/client/builder.rs", "a setting is validated, not printed"),
            (
                "src/documents/media/mod.rs",
                "`Display` of values; the command line escapes it again",
            ),
            (
                "src/documents/reference.rs",
                "`Display` of values, and white space around a link",
            ),
            ("src/wire/validate.rs", "a request is validated, not printed"),
            (
                "cli/src/download/list.rs",
                "a line of the input is validated, not printed",
            ),
            ("mock/src/file.rs", "a header of the mock server"),
            ("codegen/src/emit/markdown.rs", "text in generated documentation"),
            (
                "codegen/src/lint/rules.rs",
                "a subject identifies a finding and is not shortened",
            ),
            ("codegen/src/read/field.rs", "an example is validated, not printed"),
            (
                "codegen/src/read/value.rs",
                "a value of the spec is validated, not printed",
            ),
        ],
    },
];

/// A use of a pattern, with the line.
#[derive(Debug, PartialEq, Eq)]
struct Use {
    line: usize,
    pattern: &'static str,
}

impl Rule {
    fn applies_to(&self, path: &str) -> bool {
        self.directories.iter().any(|directory| path.starts_with(directory)) && !self.homes.contains(&path)
    }

    fn is_exception(&self, path: &str) -> bool {
        self.exceptions.iter().any(|(file, _)| *file == path)
    }

    /// Returns the uses of the patterns outside of tests.
    fn uses(&self, source: &str) -> Vec<Use> {
        let code = without_tests(&lexer::code(source));
        let mut uses = Vec::new();
        for (index, line) in code.lines().enumerate() {
            for pattern in self.patterns {
                if line.match_indices(pattern).any(|(at, _)| is_use(line, at, pattern)) {
                    uses.push(Use {
                        line: index + 1,
                        pattern,
                    });
                }
            }
        }
        uses
    }
}

/// Returns whether a match is a use: a whole name, not a part of a longer one, and not one that only looks alike.
fn is_use(line: &str, at: usize, pattern: &str) -> bool {
    let (before, after) = (&line[..at], &line[at + pattern.len()..]);
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    let starts_within = pattern.starts_with(is_name) && before.ends_with(is_name);
    let ends_within = pattern.ends_with(is_name) && after.starts_with(is_name);
    // The content of strings is blank here: a literal joins a list, or is a constant name.
    let is_literal = pattern == ".join(" && after.trim_start_matches('&').starts_with('"');
    let asks_for_terminal = after.trim_start().starts_with(".is_terminal()");
    !starts_within && !ends_within && !is_literal && !asks_for_terminal
}

/// Blanks the items that are compiled for tests only; lines stay where they are.
fn without_tests(code: &str) -> String {
    let mut rest = code;
    let mut kept = String::with_capacity(code.len());
    let next = |rest: &str| {
        let starts = ["#[cfg(test)]", "#[cfg(all(test"].into_iter();
        starts.filter_map(|start| rest.find(start)).min()
    };
    while let Some(start) = next(rest) {
        kept.push_str(&rest[..start]);
        let end = start + item_length(&rest[start..]);
        kept.extend(rest[start..end].chars().filter(|char| *char == '\n'));
        rest = &rest[end..];
    }
    kept + rest
}

/// Returns the length of an item with its attributes: up to its closing brace, or its semicolon.
fn item_length(code: &str) -> usize {
    let mut depth = 0;
    for (at, char) in code.char_indices() {
        match char {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the Rust files outside of tests, with paths from the root of the repository.
fn files() -> Vec<String> {
    let mut files = Vec::new();
    let mut directories: Vec<String> = ALL.iter().map(|directory| (*directory).to_owned()).collect();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(root().join(&directory)).expect("a directory") {
            let entry = entry.expect("an entry");
            let path = format!("{directory}{}", entry.file_name().to_str().expect("UTF-8"));
            let name = path.rsplit('/').next().unwrap_or_default();
            if name.starts_with("tests") {
                continue;
            } else if entry.file_type().expect("a type").is_dir() {
                directories.push(format!("{path}/"));
            } else if path.ends_with(".rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn untrusted_values_have_one_function_each() {
    let mut findings = Vec::new();
    for path in files() {
        let rules = RULES
            .iter()
            .filter(|rule| rule.applies_to(&path) && !rule.is_exception(&path));
        let source = fs::read_to_string(root().join(&path)).expect("a text");
        for rule in rules {
            findings.extend(rule.uses(&source).into_iter().map(|Use { line, pattern }| {
                let Rule { subject, function, .. } = rule;
                format!("{path}:{line}: `{pattern}`: {subject}: use {function}, or add an exception with its reason")
            }));
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn every_exception_is_still_used() {
    for rule in RULES {
        for (path, _) in rule.exceptions {
            let source = fs::read_to_string(root().join(path)).unwrap_or_default();
            let is_used = rule.applies_to(path) && !rule.uses(&source).is_empty();
            assert!(is_used, "unused exception: {path}: {}", rule.subject);
        }
    }
}

#[test]
fn architecture_names_each_function() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("a text");
    for rule in RULES {
        for home in rule.homes {
            assert!(page.contains(&format!("`{home}`")), "{home}: {}", rule.subject);
        }
    }
}

fn found(subject: &str, source: &str) -> Vec<usize> {
    let rule = RULES.iter().find(|rule| rule.subject == subject).expect("a rule");
    rule.uses(source).into_iter().map(|found| found.line).collect()
}

#[test]
fn finds_each_kind_of_use() {
    let source = "fn a() {\n    OutputFile::create(x); File::create(x);\n    fs::write(x);\n}\n";
    assert_eq!(found("a file that is ours is opened", source), [2, 3]);
    let source = "fn a() {\n    words.join(\", \");\n    directory.join(name);\n    directory.join(\"constant\");\n}\n";
    assert_eq!(found("a path gets a component", source), [3]);
    let source = "fn a() {\n    if io::stdout().is_terminal() {}\n    io::stdout().lock();\n    eprintln!();\n}\n";
    assert_eq!(found("text is printed", source), [3, 4]);
    let source = "fn a() {\n    if is_control_path(x) {}\n    any(char::is_control);\n    // c.is_control()\n}\n";
    assert_eq!(found("control characters are detected or escaped", source), [3]);
}

#[test]
fn skips_code_of_tests() {
    let source = "#[cfg(test)]\nuse std::fs;\n#[cfg(test)]\nmod tests {\n    fn a() { println!(\"}\"); }\n}\nfn b() { println!(); }\n";
    assert_eq!(found("text is printed", source), [7]);
}
