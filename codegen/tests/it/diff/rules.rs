//! Each rule judges the difference that it is for, and nothing else does.

use std::collections::BTreeSet;

use larkspur_codegen::diff::{Bump, Class, diff, rules};

use crate::diff::pair::{BASE, Pair, api};
use crate::diff::pairs;

/// The rules that judge a pair.
fn judged(pair: &Pair) -> BTreeSet<&'static str> {
    let changes = diff(&api(&pair.old()), &api(&pair.new_text()));
    changes.iter().map(|change| change.rule.id).collect()
}

#[test]
fn judges_each_pair_by_expected_rules() {
    let wrong: Vec<String> = pairs::all()
        .filter_map(|pair| {
            let expected: BTreeSet<&str> = pair.also.iter().copied().chain([pair.rule]).collect();
            let seen = judged(pair);
            (seen != expected).then(|| format!("{}: {seen:?} instead of {expected:?}", pair.rule))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_pair_and_every_pair_a_rule() {
    let known: BTreeSet<&str> = rules().iter().map(|rule| rule.id).collect();
    let paired: BTreeSet<&str> = pairs::all().map(|pair| pair.rule).collect();
    assert_eq!(known, paired);
}

#[test]
fn no_two_rules_have_the_same_id() {
    let ids: BTreeSet<&str> = rules().iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules().len());
}

#[test]
fn a_spec_does_not_differ_from_itself() {
    let changes = diff(&api(BASE), &api(BASE));
    assert!(changes.is_empty(), "{}", changes.text());
    assert_eq!(changes.bump(), None);
}

#[test]
fn type_in_both_directions_is_judged_in_both() {
    let text = BASE.replace("text: { type: string }", "text: { type: string, max_length: 5 }");
    let changes = diff(&api(BASE), &api(&text));
    let seen: BTreeSet<&str> = changes.iter().map(|change| change.rule.id).collect();
    assert_eq!(
        seen,
        BTreeSet::from(["request-bound-tighter", "response-bound-tighter"])
    );
}

#[test]
fn reports_type_change_once_with_endpoints() {
    let text = BASE.replace("tags: { type: \"[string]\" }", "tags: { type: \"[int]\" }");
    let changes = diff(&api(BASE), &api(&text));
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.subject.as_str(), change.used_by.clone()))
        .collect();
    assert_eq!(
        told,
        [("demo.v1.thing.Thing.tags", vec!["demo.v1.thing.find".to_owned()])]
    );
}

#[test]
fn a_renamed_endpoint_is_still_compared() {
    let text = BASE.replace("  remove:\n", "  delete:\n    summary: Remove a thing.\n");
    let changes = diff(&api(BASE), &api(&text));
    let seen: Vec<&str> = changes.iter().map(|change| change.rule.id).collect();
    assert_eq!(seen, ["endpoint-renamed", "docs-changed"]);
}

#[test]
fn swapped_parameters_change_path() {
    let path = |path: &str| {
        api(&BASE.replace("shelves/:shelf_id/find", path).replace(
            "      shelf_id:",
            "      room_id: { type: string, required: true }\n      shelf_id:",
        ))
    };
    let changes = diff(&path("rooms/:room_id/:shelf_id"), &path("rooms/:shelf_id/:room_id"));
    let seen: Vec<&str> = changes.iter().map(|change| change.rule.id).collect();
    assert_eq!(seen, ["path-changed"]);
}

#[test]
fn required_list_of_sent_type_keeps_rust_type() {
    let text = BASE
        .replace(
            "tags: { type: \"[string]\" }",
            "tags: { type: \"[string]\", required: true }",
        )
        .replace("      filter: {", "      thing: { type: Thing }\n      filter: {");
    let changes = diff(&api(BASE), &api(&text));
    assert_eq!(changes.breaking(), 0, "{}", changes.text());
}

#[test]
fn removals_show_old_file_additions_new_file() {
    let text = BASE.replace("      depth: { type: int }\n", "      width: { type: int }\n");
    let printed = diff(&api(BASE), &api(&text)).text();
    assert!(
        printed.contains("spec/demo/v1/thing.yaml:58 (old): depth: removed [request-field-removed]"),
        "{printed}"
    );
    assert!(
        printed.contains("spec/demo/v1/thing.yaml:58: width: added [optional-field-added]"),
        "{printed}"
    );
}

#[test]
fn the_version_follows_the_worst_change() {
    let bump = |from: &str, to: &str| diff(&api(BASE), &api(&BASE.replace(from, to))).bump();
    assert_eq!(bump("max: 50", "max: 40"), Some(Bump::Major));
    assert_eq!(bump("[open, closed]", "[open, closed, lost]"), Some(Bump::Minor));
    assert_eq!(bump("Find things.", "Find."), Some(Bump::Patch));
}

#[test]
fn before_1_0_breaking_is_minor_others_patch() {
    let early = [Bump::Major, Bump::Minor, Bump::Patch].map(Bump::before_one);
    assert_eq!(early, [Bump::Minor, Bump::Patch, Bump::Patch]);
}

#[test]
fn a_rule_that_breaks_source_is_breaking() {
    for rule in rules() {
        assert!(!rule.breaks_source || rule.class.is_breaking(), "{}", rule.id);
        assert!(rule.breaks_source || rule.class != Class::Source, "{}", rule.id);
        assert_eq!(rule.class.is_breaking(), rule.bump == Bump::Major, "{}", rule.id);
    }
}
