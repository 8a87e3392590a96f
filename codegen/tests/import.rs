//! `spec import`: pages in the portal's markup as entries. The pages here are of our own making.

use std::fs;
use std::path::Path;

use larkspur_codegen::import::{Imported, Page, import};
use larkspur_codegen::{Source, load};
use proptest::prelude::*;

const FEED: &str = include_str!("fixtures/import/feed.md");
const FILE: &str = "spec/zoo/v1/cage.animal.yaml";

fn imported(spec: &Source, text: &str) -> Imported {
    import(spec, &[Page { name: "feed.md", text }]).unwrap_or_else(|error| panic!("{error}"))
}

fn text(spec: &Source) -> String {
    let file = spec.files().find(|(path, _)| *path == FILE).expect("the page's file");
    String::from_utf8(file.1.to_vec()).unwrap()
}

fn is_golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/import")
        .join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(actual, golden, "{name} differs; BLESS=1 accepts it");
}

#[test]
fn a_page_in_the_portals_markup_becomes_an_entry() {
    is_golden("feed.yaml", &text(&imported(&Source::new(), FEED).spec));
}

#[test]
fn what_is_not_understood_is_noted_with_its_line() {
    let notes = imported(&Source::new(), FEED).notes;
    let lines: Vec<String> = notes.iter().map(|note| format!("{note}\n")).collect();
    is_golden("feed.notes", &lines.concat());
}

#[test]
fn no_word_of_the_page_is_in_the_entry() {
    let text = text(&imported(&Source::new(), FEED).spec);
    assert!(
        !text.contains("words") && !text.contains("doc:") && !text.contains("summary:"),
        "{text}"
    );
}

#[test]
fn a_page_that_says_what_the_entry_says_changes_nothing() {
    let first = imported(&Source::new(), FEED);
    let second = imported(&first.spec, FEED);
    assert_eq!(second.changed, Vec::<String>::new(), "{}", text(&second.spec));
}

#[test]
fn what_a_person_wrote_stays_and_a_fact_that_changed_is_replaced() {
    let first = text(&imported(&Source::new(), FEED).spec);
    let edited = first
        .replace("  feed:\n", "  feed:\n    summary: Feed an animal. # ours\n")
        .replace("value_1", "meat")
        .replace(
            "type: string, max_length: 100",
            "type: string, doc: A note., max_length: 100",
        )
        .replace(
            "msg: not hungry",
            "msg: not hungry, name: not_hungry, doc: It has eaten.",
        );
    assert_ne!(first, edited);
    let mut spec = Source::new();
    spec.add(FILE, edited);
    let page = FEED
        .replace("100 次/分钟", "200 次/分钟")
        .replace("not hungry", "is not hungry");
    let after = text(&imported(&spec, &page).spec);
    for part in [
        "summary: Feed an animal. # ours",
        "meat",
        "It has eaten.",
        "200/minute",
        "msg: is not hungry",
    ] {
        assert!(after.contains(part), "{part} is missing:\n{after}");
    }
    assert!(!after.contains("100/minute"), "{after}");
}

#[test]
fn a_page_without_an_endpoint_is_noted_and_leaves_the_spec_alone() {
    let result = imported(&Source::new(), "# About cages\n\nThere are cages.\n");
    assert!(result.endpoints.is_empty() && result.changed.is_empty());
    assert!(
        result.notes[0].message.contains("describes no endpoint"),
        "{:?}",
        result.notes
    );
}

/// The page with something else in one place.
fn mutated() -> impl Strategy<Value = String> {
    let places: Vec<usize> = FEED.char_indices().map(|(at, _)| at).collect();
    let length = 0..80usize;
    let text = prop_oneof![
        Just(String::new()),
        Just("</md-dt-td>".to_owned()),
        Just("<md-dt-tr level=\"99\">".to_owned()),
        Just("{a: [".to_owned()),
        Just("\u{202e}".to_owned()),
        "\\PC{0,12}",
        "[0-9<>:#|`\\-\\[\\]\n ]{0,8}",
    ];
    (proptest::sample::select(places), length, text).prop_map(|(at, length, text)| {
        let cut = FEED[at..]
            .char_indices()
            .nth(length)
            .map_or(FEED.len(), |(end, _)| at + end);
        format!("{}{text}{}", &FEED[..at], &FEED[cut..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_a_page_says_what_is_written_loads(text in mutated()) {
        let page = Page { name: "feed.md", text: &text };
        match import(&Source::new(), &[page]) {
            Ok(result) => prop_assert!(load(&result.spec).is_ok()),
            Err(error) => prop_assert!(false, "{error}\n{text}"),
        }
    }

    #[test]
    fn any_text_at_all_is_a_page(text in "\\PC{0,200}") {
        let result = import(&Source::new(), &[Page { name: "any", text: &text }]);
        prop_assert!(result.is_ok());
    }
}
