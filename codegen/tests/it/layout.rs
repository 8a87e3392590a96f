//! The canonical layout of a spec file: `spec fmt`.

use std::path::Path;

use larkspur_codegen::{ErrorNames, LayoutError, Source, emit, layout, layout_with_names, load, schema};
use proptest::prelude::*;

const PATH: &str = "spec/drive/v1/media.yaml";

/// Formats a text and removes the schema comment.
fn formatted(text: &str) -> String {
    let whole = whole(text);
    let (line, rest) = whole.split_once('\n').unwrap_or_default();
    assert_eq!(line, schema::EDITOR_LINE, "{text}");
    rest.to_owned()
}

fn whole(text: &str) -> String {
    layout(PATH, text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

const LINE: &str = "# yaml-language-server: $schema=";

#[test]
fn inserts_the_schema_comment() {
    assert_eq!(
        whole("# Of files.\ndoc: One.\n"),
        format!("{LINE}../../schema.json\n# Of files.\ndoc: One.\n")
    );
}

#[test]
fn corrects_the_path_in_the_schema_comment() {
    for wrong in ["schema.json", "../schema.json", "../../../spec/schema.json"] {
        let text = format!("# Of files.\n{LINE}{wrong}\ndoc: One.\n");
        assert_eq!(
            whole(&text),
            format!("# Of files.\n{LINE}../../schema.json\ndoc: One.\n")
        );
    }
    let spaced = "#  yaml-language-server : $schema=a.json # ours\ndoc: One.\n";
    assert_eq!(whole(spaced), spaced.replace("a.json", "../../schema.json"));
}

#[test]
fn keeps_a_schema_url() {
    let text = format!("{LINE}https://example.com/larkspur/schema.json\ndoc: One.\n");
    assert_eq!(whole(&text), text);
}

#[test]
fn ignores_a_schema_comment_below_the_first_key() {
    let text = format!("doc: One.\n{LINE}a.json\nendpoints:\n  get:\n    http: GET /a\n");
    assert!(whole(&text).contains(&format!("\n{LINE}a.json\n")));
}

/// Returns a file with an endpoint of these lines.
fn endpoint(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("endpoints:\n  get:\n{lines}").replace("    \n", "\n")
}

fn assert_layout(before: &str, after: &str) {
    assert_eq!(formatted(&endpoint(before)), endpoint(after));
}

#[test]
fn orders_keys_as_the_format_does() {
    assert_layout(
        "query:\n  a: { doc: One., type: string }\nhttp: GET /a\nsummary: Gets it.",
        "summary: Gets it.\nhttp: GET /a\nquery:\n  a: { type: string, doc: One. }",
    );
}

#[test]
fn keeps_the_order_of_fields() {
    let fields = "http: GET /a\nquery:\n  z: { type: string }\n  a: { type: string }";
    assert_layout(fields, fields);
}

#[test]
fn places_unknown_keys_last() {
    assert_layout("strange: 1\nhttp: GET /a", "http: GET /a\nstrange: 1");
}

#[test]
fn prints_short_values_on_one_line() {
    assert_layout(
        "http: GET /a\nscopes:\n  - a:b\n  - \"c:d\"\nquery:\n  a:\n    type: string\n    required: true",
        "http: GET /a\nscopes: [a:b, c:d]\nquery:\n  a: { type: string, required: true }",
    );
}

#[test]
fn breaks_long_values() {
    let doc = "word ".repeat(22);
    let doc = doc.trim_end();
    assert_layout(
        &format!("http: GET /a\nquery: {{ a: {{ type: string, doc: {doc} }} }}"),
        &format!("http: GET /a\nquery:\n  a:\n    type: string\n    doc: {doc}"),
    );
}

#[test]
fn breaks_a_mapping_instead_of_quoting() {
    assert_layout(
        "http: GET /a\nquery: { a: { type: string, doc: \"One, or two.\" } }",
        "http: GET /a\nquery:\n  a:\n    type: string\n    doc: One, or two.",
    );
}

#[test]
fn separates_endpoints_and_sections() {
    let before = "types: { A: { fields: { a: { type: int } } } }\nendpoints:\n  a: { http: GET /a, response: A }\n  b:\n\n    http: GET /b\ndoc: One.\n";
    let after = "doc: One.\n\nendpoints:\n  a:\n    http: GET /a\n    response: A\n\n  b:\n    http: GET /b\n\ntypes:\n  A:\n    fields:\n      a: { type: int }\n";
    assert_eq!(formatted(before), after);
}

#[test]
fn comments_move_with_their_keys() {
    assert_layout(
        "query:\n  # about a\n  a: { type: string } # after a\n# about http\nhttp: GET /a # after http",
        "# about http\nhttp: GET /a # after http\nquery:\n  # about a\n  a: { type: string } # after a",
    );
}

#[test]
fn keeps_a_comment_at_the_end_of_a_block() {
    let text = "http: GET /a\nquery:\n  a: { type: string }\n  # b is gone\nresponse: binary";
    assert_layout(text, text);
}

#[test]
fn breaks_brackets_with_comments() {
    assert_layout(
        "http: GET /a\nscopes: [\n  a:b, # the usual one\n  c:d,\n]",
        "http: GET /a\nscopes:\n  - a:b # the usual one\n  - c:d",
    );
}

#[test]
fn keeps_a_comment_after_brackets() {
    let text = "http: GET /a\nscopes: [a:b, c:d] # any one of them";
    assert_layout(text, text);
}

#[test]
fn a_hash_in_a_string_is_not_a_comment() {
    let text = "summary: \"No # comment.\"\nhttp: GET /a\nnotes:\n  - |\n    # no comment\n    either";
    assert_layout(text, text);
}

#[test]
fn keeps_line_breaks_of_every_style() {
    assert_layout(
        "http: GET /a\nnotes:\n  - one\n\n    two\n  - >\n    three\n    four\n  - |-\n    five\n    six",
        "http: GET /a\nnotes:\n  - \"one\\ntwo\"\n  - |\n    three four\n  - |-\n    five\n    six",
    );
}

#[test]
fn keeps_quotes_of_numeric_strings() {
    let text = "http: GET /a\nquery:\n  a: { type: string, enum: [\"012\", \"true\", 13, 2d], example: \"1\" }";
    assert_layout(text, text);
}

#[test]
fn removes_byte_order_mark_and_crlf() {
    assert_eq!(formatted("\u{feff}doc: One. \r\n# end\r\n"), "doc: One.\n# end\n");
}

#[test]
fn reports_invalid_yaml_with_its_position() {
    let error = layout(PATH, b"doc: [\n").expect_err("invalid YAML");
    assert!(matches!(&error, LayoutError::Findings(_)), "{error}");
    assert!(error.to_string().starts_with("spec/drive/v1/media.yaml:"), "{error}");
}

#[test]
fn keeps_hundreds_of_comments() {
    let comments: String = (0..500).map(|index| format!("# {index}\n")).collect();
    let text = format!("doc: One.\n{comments}\nendpoints:\n  get:\n    http: GET /a\n");
    assert!(formatted(&text).contains(&comments));
    let mut source = Source::new();
    source.add(PATH, text);
    assert!(load(&source).is_ok());
}

/// Returns the files below `path`, original and formatted.
fn formatted_files(path: &str) -> (Source, Source) {
    let before = Source::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a readable directory");
    let mut after = Source::new();
    for (path, text) in before.files() {
        after.add(path, layout(path, text).unwrap_or_else(|error| panic!("{error}")));
    }
    (before, after)
}

#[test]
fn formatting_does_not_change_the_generated_code() {
    for path in ["../spec", "tests/fixtures/cursed/spec"] {
        let (before, after) = formatted_files(path);
        let rust = |source| emit(&load(source).unwrap_or_else(|findings| panic!("{findings}")));
        assert_eq!(
            rust(&before).expect("generated Rust"),
            rust(&after).expect("generated Rust")
        );
    }
}

#[test]
fn the_repository_spec_is_formatted() {
    let (before, after) = formatted_files("../spec");
    for ((path, before), (_, after)) in before.files().zip(after.files()) {
        assert!(before == after, "{path} is not formatted: run `cargo spec fmt`");
    }
}

/// Inserts numbered comments at the ends of lines and between lines.
fn commented(text: &str, places: &[(usize, bool, usize)]) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut result = String::new();
    for (index, line) in lines.iter().enumerate() {
        let here = places
            .iter()
            .enumerate()
            .filter(|(_, (line, ..))| line % lines.len() == index);
        let (beside, alone): (Vec<_>, Vec<_>) = here.partition(|(_, (_, beside, _))| *beside);
        for (number, (_, _, indent)) in alone {
            result.push_str(&format!("{:indent$}# <{number}>\n", ""));
        }
        result.push_str(line);
        for (number, _) in beside {
            result.push_str(&format!(" # <{number}>"));
        }
        result.push('\n');
    }
    result
}

fn fixture() -> impl Strategy<Value = String> {
    let fixtures = [
        include_str!("../fixtures/cursed/spec/cursed/v1/names.yaml"),
        include_str!("../fixtures/cursed/spec/cursed/v1/shapes.yaml"),
        include_str!("../fixtures/cursed/spec/cursed/v1/types.yaml"),
        include_str!("../fixtures/cursed/spec/cursed/v1/app.table.record.yaml"),
        include_str!("../../../spec/drive/v1/media.yaml"),
    ];
    proptest::sample::select(fixtures.map(str::to_owned).to_vec())
}

/// The text that a mutation inserts.
fn scrap() -> impl Strategy<Value = String> {
    let scraps = [
        "", " ", "\n", "\n\n", ":", "- ", "{", "}", "[", "]", "'", "\"", " |\n", " >-\n", " # c", "\n# c\n", "#", "?",
        "~", "null", "true", "-1", "012", "中", "fields:", "enum:", "fixed:", "\r\n", "---\n", "...\n", ", ", "\\",
    ];
    proptest::sample::select(scraps.map(str::to_owned).to_vec())
}

/// Replaces `length` characters by `scrap` at `place`, in thousandths of the text.
fn mutated(text: &str, place: usize, length: usize, scrap: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let start = place * characters.len() / 1000;
    let end = (start + length).min(characters.len());
    let before = characters[..start].iter();
    before
        .chain(&scrap.chars().collect::<Vec<_>>())
        .chain(&characters[end..])
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn keeps_every_comment_once(
        text in fixture(),
        places in proptest::collection::vec((0..500_usize, any::<bool>(), 0..12_usize), 1..30),
    ) {
        let text = commented(&text, &places);
        let after = whole(&text);
        for number in 0..places.len() {
            prop_assert_eq!(after.matches(&format!("<{number}>")).count(), 1);
        }
        prop_assert_eq!(whole(&after), after);
    }

    /// A mutated file is rejected or formatted; formatting is idempotent and keeps the values.
    #[test]
    fn formatting_mutated_files_is_idempotent(
        text in fixture(),
        mutations in proptest::collection::vec((0..1000_usize, 0..4_usize, scrap()), 1..6),
    ) {
        let text = mutations.iter().fold(text, |text, (place, length, scrap)| mutated(&text, *place, *length, scrap));
        if let Ok(after) = layout(PATH, text.as_bytes()) {
            prop_assert_eq!(whole(&after), after.clone());
            let value = |text: &str| serde_yaml::from_str::<serde_json::Value>(text.trim_start_matches('\u{feff}')).ok();
            prop_assert_eq!(value(&text), value(&after));
        }
    }
}

#[test]
fn listed_codes_have_their_names_as_comments() {
    let names =
        ErrorNames::read(b"errors: { 7: { http: 400, name: bad }, 8: { http: 400 }, 9: { http: 404, name: gone } }");
    let before = format!(
        "{}\nendpoints:\n  get:\n    http: GET /a\n    errors:\n      - 7\n      - 8 # ours\n      - 9 # old_name\n",
        schema::EDITOR_LINE
    );
    let after = before.replace("- 7", "- 7 # bad").replace("old_name", "gone");
    let named = layout_with_names(PATH, before.as_bytes(), &names).unwrap();
    assert_eq!(named, after);
    assert_eq!(layout_with_names(PATH, after.as_bytes(), &names).unwrap(), after);
    // Without the file of the codes, such as for one file on its own, comments stay.
    assert_eq!(layout(PATH, after.as_bytes()).unwrap(), after);
    assert_eq!(ErrorNames::read(b"errors: ["), ErrorNames::default());
}

#[test]
fn comment_of_a_person_stays_after_code() {
    let names = ErrorNames::read(b"errors: { 7: { http: 400, name: bad } }");
    let text = format!(
        "{}\nendpoints:\n  get:\n    http: GET /a\n    errors:\n      - 7 # Also for folders.\n",
        schema::EDITOR_LINE
    );
    assert_eq!(layout_with_names(PATH, text.as_bytes(), &names).unwrap(), text);
}
