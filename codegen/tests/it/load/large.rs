//! Large files that would take minutes if the work for one entry grew with the number of entries.

use larkspur_codegen::{Source, layout, lint, load};

const PATH: &str = "spec/drive/v1/media.yaml";

fn of(text: String) -> Source {
    let mut source = Source::new();
    source.add(PATH, text);
    source
}

/// An endpoint with this body, and these types.
fn spec(fields: &[String], types: &[String]) -> Source {
    let (fields, types) = (fields.concat(), types.concat());
    of(format!(
        "endpoints:\n  get:\n    http: POST /x\n    body:\n{fields}      last: {{ type: string }}\ntypes:\n{types}  \
         Last: {{ enum: [a] }}\n"
    ))
}

fn numbered(count: usize, line: impl Fn(usize) -> String) -> Vec<String> {
    (0..count).map(line).collect()
}

#[test]
fn reads_many_small_cycles() {
    let types = numbered(20_000, |number| {
        format!("  T{number}: {{ fields: {{ a: {{ type: T{number} }} }} }}\n")
    });
    assert!(load(&spec(&[], &types)).is_ok());
}

#[test]
fn reports_many_unknown_and_unused_types() {
    let fields = numbered(8_000, |number| format!("      k{number}: {{ type: U{number} }}\n"));
    let types = numbered(8_000, |number| format!("  T{number}: {{ enum: [a] }}\n"));
    assert_eq!(load(&spec(&fields, &types)).expect_err("unknown types").len(), 8_000);
    let unused = lint::check(&spec(&[], &types)).findings;
    let unused = unused.iter().filter(|finding| finding.rule == "unused-type");
    assert_eq!(unused.count(), 8_001);
}

#[test]
fn checks_many_literals_of_a_large_enum() {
    let fields = numbered(8_000, |number| {
        format!("      k{number}: {{ type: E, example: v{number} }}\n")
    });
    let values = numbered(8_000, |number| format!("v{number}, "));
    let types = [format!("  E: {{ enum: [{}] }}\n", values.concat())];
    assert!(load(&spec(&fields, &types)).is_ok());
}

#[test]
fn renders_many_findings_of_one_line() {
    let entries = numbered(20_000, |number| format!("Get{number}: {{}}, "));
    let source = of(format!("endpoints: {{ {} }}\n", entries.concat()));
    let findings = load(&source).expect_err("invalid names");
    assert_eq!(findings.len(), 20_000);
    assert_eq!(findings.render_each(&source, false).count(), 20_000);
    assert!(
        findings
            .iter()
            .all(|finding| finding.end_column(&source) > finding.origin.column)
    );
}

#[test]
fn formats_many_entries_and_comments() {
    let layouts = [
        // One line, comments at line ends, and comments below brackets.
        format!(
            "{{ {} doc: a }}\n",
            numbered(20_000, |number| format!("k{number}: 1, ")).concat()
        ),
        numbered(8_000, |number| format!("k{number}: 1 # c\n")).concat(),
        format!(
            "k: {{\n{}}}\n{}",
            numbered(8_000, |number| format!("  k{number}: 1,\n")).concat(),
            numbered(8_000, |number| format!("{}# c\n", " ".repeat(number % 3))).concat()
        ),
    ];
    for text in layouts {
        let formatted = layout(PATH, text.as_bytes()).expect("valid YAML");
        assert_eq!(formatted.matches("# c").count(), text.matches("# c").count());
    }
}
