//! Changes as Markdown, JSON and text.

use larkspur_codegen::diff::{AcceptedChanges, Bump, Changes, diff};
use pulldown_cmark::{Event, Parser};

use crate::diff::pair::{BASE, api};

fn changes(edits: &[(&str, &str)]) -> Changes {
    let text = edits
        .iter()
        .fold(BASE.to_owned(), |text, (from, to)| text.replace(from, to));
    assert_ne!(text, BASE, "the edits change something");
    diff(&api(BASE), &api(&text))
}

#[test]
fn markdown_starts_with_counts_and_version() {
    let text = changes(&[("max: 50", "max: 40"), ("Find things.", "Find.")]).markdown();
    let head: Vec<&str> = text.lines().take(3).collect();
    assert_eq!(
        head,
        [
            "## Spec changes: 1 breaking on the wire, 1 informational",
            "",
            "**Version**: major from 1.0 on (1.2.3 → 2.0.0), minor before (0.2.3 → 0.3.0).",
        ]
    );
}

#[test]
fn markdown_reports_no_change() {
    let text = diff(&api(BASE), &api(BASE)).markdown();
    assert_eq!(text, "## Spec changes: no change\n");
}

#[test]
fn markdown_gives_reason_of_actionable_change() {
    let text = changes(&[("max: 50", "max: 40")]).markdown();
    let item = "- **request-bound-tighter** `demo.v1.thing.find query.weight`: max `50` → `40` (`spec/demo/v1/thing.yaml:17`)\n  Values that were valid are rejected";
    assert!(text.contains(item), "{text}");
}

#[test]
fn escapes_markup_in_comment() {
    let value = "a` <img src=x> @everyone [x](http://x)";
    let text = changes(&[(
        "[open, closed]",
        &format!("[open, closed, {{ value: \"{value}\", name: odd }}]"),
    )])
    .markdown();
    let mut inside = 0;
    for event in Parser::new(&text) {
        match event {
            Event::Code(code) => inside += usize::from(code.contains("<img")),
            Event::Text(plain) => assert!(!plain.contains("everyone"), "{text}"),
            Event::InlineHtml(html) | Event::Html(html) => assert!(!html.contains("img"), "{text}"),
            _ => {}
        }
    }
    assert_eq!(inside, 1, "{text}");
}

#[test]
fn markdown_fits_comment_size() {
    let fields: String = (0..2000).map(|n| format!("      f{n}: {{ type: string }}\n")).collect();
    let text = changes(&[("      depth: { type: int }\n", &fields)]).markdown();
    assert!(text.len() < 65_536, "{}", text.len());
    assert!(text.contains("and 1940 more"), "{text}");
}

#[test]
fn json_states_breaking_and_versions() {
    let json = changes(&[("max: 50", "max: 40")]).json();
    assert_eq!(json["breaking"], true);
    assert_eq!(
        json["bump"],
        serde_json::json!({ "stable": "major", "before_1_0": "minor" })
    );
    assert_eq!(json["counts"]["wire"], 1);
}

#[test]
fn json_has_every_part_of_a_change() {
    let json = changes(&[("max: 50", "max: 40")]).json();
    let change = serde_json::json!({
        "rule": "request-bound-tighter",
        "class": "wire",
        "breaks_source": false,
        "bump": "major",
        "subject": "demo.v1.thing.find query.weight",
        "entry": "demo.v1.thing.find",
        "message": "max `50` → `40`",
        "reason": json["changes"][0]["reason"],
        "place": { "side": "new", "file": "spec/demo/v1/thing.yaml", "line": 17 },
        "used_by": [],
    });
    assert_eq!(json["changes"], serde_json::json!([change]));
}

#[test]
fn text_ends_with_the_counts_and_the_version() {
    let text = changes(&[("Find things.", "Find.")]).text();
    let expected = "\
Information
  demo.v1.thing.find
    spec/demo/v1/thing.yaml:5: summary [docs-changed]

1 informational; version: patch from 1.0 on (1.2.3 → 1.2.4), patch before (0.2.3 → 0.2.4)
";
    assert_eq!(text, expected);
}

#[test]
fn text_groups_changes_by_endpoint() {
    let text = changes(&[("max: 50", "max: 40"), ("Find things.", "Find.")]).text();
    // One heading in each class.
    let headings = text.lines().filter(|line| *line == "  demo.v1.thing.find").count();
    assert_eq!(headings, 2, "{text}");
    assert!(
        text.contains("    spec/demo/v1/thing.yaml:17: query.weight: max `50` → `40` ["),
        "{text}"
    );
}

#[test]
fn change_has_line_of_its_key() {
    for (from, to, line) in [
        ("tokens: [tenant, user]", "tokens: [tenant]", 8),
        ("scopes: [demo:thing, demo:thing:readonly]", "scopes: [demo:thing]", 10),
        ("limits: [100/minute]", "limits: [50/minute]", 11),
        (
            "http: POST /open-apis/demo/v1/shelves",
            "http: POST /open-apis/demo/v1/boards",
            7,
        ),
    ] {
        let json = changes(&[(from, to)]).json();
        assert_eq!(json["changes"][0]["place"]["line"], line, "{json:#}");
    }
}

#[test]
fn github_annotates_lines_of_new_spec() {
    let text = changes(&[("max: 50", "max: 40"), ("Find things.", "Find.")]).github();
    let expected = "\
::error file=spec/demo/v1/thing.yaml,line=17,title=request-bound-tighter::demo.v1.thing.find query.weight: max `50` → `40`
::notice file=spec/demo/v1/thing.yaml,line=5,title=docs-changed::demo.v1.thing.find: summary
";
    assert_eq!(text, expected);
}

#[test]
fn accepted_changes_do_not_break() {
    let list = "accepted:\n  - rule: request-bound-tighter\n    subject: demo.v1.thing.find query.weight\n    reason: So documented `now`.\n";
    let accepted = AcceptedChanges::parse(list).unwrap();
    let found = changes(&[("max: 50", "max: 40")]);
    assert_eq!(found.breaking(), 1);
    let found = found.accept(&accepted);
    assert_eq!((found.breaking(), found.unused_acceptances().len()), (0, 0));
    // Users have to know it all the same.
    assert_eq!(found.bump(), Some(Bump::Major));
    assert!(
        found
            .text()
            .contains("Accepted\n  demo.v1.thing.find query.weight max `50` → `40`: So documented")
    );
    assert!(
        found.markdown().contains("  Accepted: `So documented 'now'.`"),
        "{}",
        found.markdown()
    );
    assert_eq!(found.json()["accepted"][0]["accepted"], "So documented `now`.");
}

#[test]
fn acceptance_without_change_is_reported() {
    let list = "accepted:\n  - { rule: request-bound-tighter, subject: demo.v1.thing.find, reason: None. }\n";
    let found = changes(&[("max: 50", "max: 40")]).accept(&AcceptedChanges::parse(list).unwrap());
    let expected = "the accepted change in line 2 does not exist: `request-bound-tighter` of `demo.v1.thing.find`";
    assert_eq!((found.breaking(), found.unused_acceptances().len()), (1, 1));
    for text in [found.text(), found.markdown(), found.github()] {
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn reports_both_new_endpoints_of_one_route() {
    let two = "endpoints:\n  exchange:\n    http: POST /open-apis/demo/v1/token\n  refresh:\n    http: POST /open-apis/demo/v1/token\n";
    let text = changes(&[("endpoints:\n", two)]).text();
    assert!(
        text.contains("demo.v1.thing.exchange") && text.contains("demo.v1.thing.refresh"),
        "{text}"
    );
}
