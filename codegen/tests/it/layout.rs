//! The canonical layout of a spec file: `spec fmt`.

use std::path::Path;

use larkspur_codegen::{LayoutError, Source, emit, layout, load, schema};
use proptest::prelude::*;

const PATH: &str = "spec/drive/v1/media.yaml";

/// The layout of a text, less the editor's line, which every file gets.
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
fn a_file_without_the_editors_line_gets_it() {
    assert_eq!(
        whole("# Of files.\ndoc: One.\n"),
        format!("{LINE}../../schema.json\n# Of files.\ndoc: One.\n")
    );
}

#[test]
fn a_wrong_path_in_the_editors_line_is_mended_where_it_stands() {
    for wrong in ["schema.json", "../schema.json", "../../../spec/schema.json"] {
        let text = format!("# Of files.\n{LINE}{wrong}\ndoc: One.\n");
        assert_eq!(
            whole(&text),
            format!("# Of files.\n{LINE}../../schema.json\ndoc: One.\n")
        );
    }
    let said = "#  yaml-language-server : $schema=a.json # ours\ndoc: One.\n";
    assert_eq!(whole(said), said.replace("a.json", "../../schema.json"));
}

#[test]
fn a_schema_at_an_address_of_its_own_stays() {
    let text = format!("{LINE}https://example.com/larkspur/schema.json\ndoc: One.\n");
    assert_eq!(whole(&text), text);
}

#[test]
fn a_comment_further_below_is_not_the_editors_line() {
    let text = format!("doc: One.\n{LINE}a.json\nendpoints:\n  get:\n    http: GET /a\n");
    assert!(whole(&text).contains(&format!("\n{LINE}a.json\n")));
}

/// An endpoint with these lines.
fn endpoint(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("endpoints:\n  get:\n{lines}").replace("    \n", "\n")
}

fn becomes(before: &str, after: &str) {
    assert_eq!(formatted(&endpoint(before)), endpoint(after));
}

#[test]
fn keys_of_the_format_come_in_its_order() {
    becomes(
        "query:\n  a: { doc: One., type: string }\nhttp: GET /a\nsummary: Gets it.",
        "summary: Gets it.\nhttp: GET /a\nquery:\n  a: { type: string, doc: One. }",
    );
}

#[test]
fn fields_keep_the_order_that_they_have() {
    let fields = "http: GET /a\nquery:\n  z: { type: string }\n  a: { type: string }";
    becomes(fields, fields);
}

#[test]
fn keys_that_the_format_does_not_know_come_last() {
    becomes("strange: 1\nhttp: GET /a", "http: GET /a\nstrange: 1");
}

#[test]
fn what_fits_into_a_line_stands_in_one() {
    becomes(
        "http: GET /a\nscopes:\n  - a:b\n  - \"c:d\"\nquery:\n  a:\n    type: string\n    required: true",
        "http: GET /a\nscopes: [a:b, c:d]\nquery:\n  a: { type: string, required: true }",
    );
}

#[test]
fn what_does_not_fit_is_broken() {
    let doc = "word ".repeat(22);
    let doc = doc.trim_end();
    becomes(
        &format!("http: GET /a\nquery: {{ a: {{ type: string, doc: {doc} }} }}"),
        &format!("http: GET /a\nquery:\n  a:\n    type: string\n    doc: {doc}"),
    );
}

#[test]
fn a_sentence_with_a_comma_is_not_put_into_quotes_to_fit_into_brackets() {
    becomes(
        "http: GET /a\nquery: { a: { type: string, doc: \"One, or two.\" } }",
        "http: GET /a\nquery:\n  a:\n    type: string\n    doc: One, or two.",
    );
}

#[test]
fn endpoints_and_the_parts_of_a_file_stand_apart() {
    let before = "types: { A: { fields: { a: { type: int } } } }\nendpoints:\n  a: { http: GET /a, response: A }\n  b:\n\n    http: GET /b\ndoc: One.\n";
    let after = "doc: One.\n\nendpoints:\n  a:\n    http: GET /a\n    response: A\n\n  b:\n    http: GET /b\n\ntypes:\n  A:\n    fields:\n      a: { type: int }\n";
    assert_eq!(formatted(before), after);
}

#[test]
fn a_comment_goes_with_the_key_that_it_stands_above_or_beside() {
    becomes(
        "query:\n  # about a\n  a: { type: string } # beside a\n# about http\nhttp: GET /a # beside http",
        "# about http\nhttp: GET /a # beside http\nquery:\n  # about a\n  a: { type: string } # beside a",
    );
}

#[test]
fn a_comment_at_the_end_of_a_block_stays_in_it() {
    let text = "http: GET /a\nquery:\n  a: { type: string }\n  # b is gone\nresponse: binary";
    becomes(text, text);
}

#[test]
fn a_comment_in_brackets_is_kept_by_breaking_them() {
    becomes(
        "http: GET /a\nscopes: [\n  a:b, # the usual one\n  c:d,\n]",
        "http: GET /a\nscopes:\n  - a:b # the usual one\n  - c:d",
    );
}

#[test]
fn a_comment_behind_brackets_stays_in_their_line() {
    let text = "http: GET /a\nscopes: [a:b, c:d] # any one of them";
    becomes(text, text);
}

#[test]
fn a_hash_in_a_text_is_no_comment() {
    let text = "summary: \"No # comment.\"\nhttp: GET /a\nnotes:\n  - |\n    # no comment\n    either";
    becomes(text, text);
}

#[test]
fn a_line_break_in_a_text_is_kept_however_it_was_written() {
    becomes(
        "http: GET /a\nnotes:\n  - one\n\n    two\n  - >\n    three\n    four\n  - |-\n    five\n    six",
        "http: GET /a\nnotes:\n  - \"one\\ntwo\"\n  - |\n    three four\n  - |-\n    five\n    six",
    );
}

#[test]
fn a_text_that_looks_like_a_number_stays_a_text() {
    let text = "http: GET /a\nquery:\n  a: { type: string, enum: [\"012\", \"true\", 13, 2d], example: \"1\" }";
    becomes(text, text);
}

#[test]
fn a_mark_at_the_beginning_and_windows_line_ends_go() {
    assert_eq!(formatted("\u{feff}doc: One. \r\n# end\r\n"), "doc: One.\n# end\n");
}

#[test]
fn what_is_no_yaml_is_reported_with_its_place() {
    let error = layout(PATH, b"doc: [\n").expect_err("it is no YAML");
    assert!(matches!(&error, LayoutError::Findings(_)), "{error}");
    assert!(error.to_string().starts_with("spec/drive/v1/media.yaml:"), "{error}");
}

#[test]
fn hundreds_of_comments_in_a_row_are_kept() {
    let comments: String = (0..500).map(|index| format!("# {index}\n")).collect();
    let text = format!("doc: One.\n{comments}\nendpoints:\n  get:\n    http: GET /a\n");
    assert!(formatted(&text).contains(&comments));
    let mut source = Source::new();
    source.add(PATH, text);
    assert!(load(&source).is_ok());
}

/// Each file below `path` in its canonical layout.
fn formatted_files(path: &str) -> (Source, Source) {
    let before = Source::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("it can be read");
    let mut after = Source::new();
    for (path, text) in before.files() {
        after.add(path, layout(path, text).unwrap_or_else(|error| panic!("{error}")));
    }
    (before, after)
}

#[test]
fn the_same_rust_follows_from_a_formatted_spec() {
    for path in ["../spec", "tests/fixtures/cursed/spec"] {
        let (before, after) = formatted_files(path);
        let rust = |source| emit(&load(source).unwrap_or_else(|findings| panic!("{findings}")));
        assert_eq!(rust(&before).expect("it is right"), rust(&after).expect("it is right"));
    }
}

#[test]
fn the_spec_of_this_repository_is_formatted() {
    let (before, after) = formatted_files("../spec");
    for ((path, before), (_, after)) in before.files().zip(after.files()) {
        assert!(before == after, "{path} is not; run `larkspur spec fmt`");
    }
}

/// A fixture with comments put in at the ends of some lines and between others, each with its number.
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

/// What a mutation puts in.
fn scrap() -> impl Strategy<Value = String> {
    let scraps = [
        "", " ", "\n", "\n\n", ":", "- ", "{", "}", "[", "]", "'", "\"", " |\n", " >-\n", " # c", "\n# c\n", "#", "?",
        "~", "null", "true", "-1", "012", "中", "fields:", "enum:", "fixed:", "\r\n", "---\n", "...\n", ", ", "\\",
    ];
    proptest::sample::select(scraps.map(str::to_owned).to_vec())
}

/// Puts `scrap` in at `place` (in thousandths of the text).
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
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_comment_is_kept_once_wherever_it_stands(
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

    /// Whatever a file holds: there is an answer, what is formatted once stays so, and says the same.
    #[test]
    fn a_mutated_file_is_formatted_once_and_for_all_or_refused(
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
