//! Lints and allowances. docs/spec/rules.md has an
//! example of every lint.

use larkspur_codegen::finding::Severity;
use larkspur_codegen::lint::{self, Report};
use larkspur_codegen::{Source, emit, load};

/// A check of a spec with this one file.
fn check(text: &str) -> Report {
    lint::check(&of(text))
}

fn of(text: &str) -> Source {
    let mut source = Source::new();
    source.add("spec/drive/v1/media.yaml", text);
    source
}

fn rules(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.rule).collect()
}

fn allowed(report: &Report) -> Vec<(&str, &str)> {
    let allowed = report.allowed.iter();
    allowed
        .map(|allowed| (allowed.finding.rule, allowed.reason.as_str()))
        .collect()
}

/// A valid endpoint followed by `more`.
fn endpoint(name: &str, more: &str) -> String {
    let more: String = more.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "  {name}:\n    http: GET /open-apis/drive/v1/{name}\n    summary: Gets it.\n    docs: https://example.com/x\n    \
         tokens: []\n    scopes: []\n    limits: [special]\n{more}"
    )
}

const SECRET: &str = "query: { app_secret: { type: string, doc: A secret. } }";

#[test]
fn repository_spec_violates_no_rule() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let source = Source::read_dir(&root).expect("spec/ can be read");
    let report = lint::check(&source);
    let failing = |finding: &&larkspur_codegen::Finding| finding.severity() > Severity::Note;
    let failing: Vec<String> = report
        .findings
        .iter()
        .filter(failing)
        .map(ToString::to_string)
        .collect();
    assert_eq!(failing, Vec::<String>::new());
}

#[test]
fn lint_violations_do_not_prevent_generation() {
    let source = of("endpoints:\n  get:\n    http: GET /open-apis/drive/v1/media\n    deprecated: {}\n");
    assert!(!lint::check(&source).findings.is_empty());
    let api = load(&source).expect("no error of the format");
    assert!(emit(&api).is_ok());
}

#[test]
fn errors_do_not_hide_lints_of_other_endpoints() {
    let text = format!(
        "endpoints:\n{}{}",
        endpoint("one", &format!("{SECRET}\nupdated: today")),
        endpoint("two", SECRET)
    );
    let report = check(&text);
    assert_eq!(rules(&report), ["date", "secret-field"]);
    let secret = report.findings.iter().last().expect("it was there");
    assert!(secret.message.starts_with("drive.v1.media.two"), "{secret}");
}

#[test]
fn invalid_key_is_not_reported_as_missing() {
    let report = check(
        "endpoints:\n  get:\n    http: GET /x\n    summary: Gets it.\n    docs: https://example.com/x\n    scopes: []\n    limits: [special]\n    tokens: [tennant]\n",
    );
    assert_eq!(rules(&report), ["unknown-word"]);
}

#[test]
fn allowance_applies_to_its_endpoint() {
    let one = endpoint("one", &format!("allow: {{ secret-field: Public. }}\n{SECRET}"));
    let report = check(&format!("endpoints:\n{one}{}", endpoint("two", SECRET)));
    assert_eq!(allowed(&report), [("secret-field", "Public.")]);
    assert_eq!(rules(&report), ["secret-field"]);
}

#[test]
fn allowance_applies_to_its_field() {
    let field = "{ type: string, doc: It., allow: { secret-field: Public. } }";
    let more = format!("query:\n  one_secret: {field}\n  two_secret: {{ type: string, doc: It. }}");
    let report = check(&format!("endpoints:\n{}", endpoint("get", &more)));
    assert_eq!(allowed(&report), [("secret-field", "Public.")]);
    assert_eq!(rules(&report), ["secret-field"]);
}

#[test]
fn allowance_applies_to_its_type() {
    let fields = "{ app_secret: { type: string, doc: It. } }";
    let types = format!(
        "types:\n  One: {{ fields: {fields}, allow: {{ secret-field: Public. }} }}\n  Two: {{ fields: {fields} }}\n"
    );
    let more = "response: { one: { type: One, doc: It. }, two: { type: Two, doc: It. } }";
    let report = check(&format!("endpoints:\n{}{types}", endpoint("get", more)));
    assert_eq!(allowed(&report), [("secret-field", "Public.")]);
    assert_eq!(rules(&report), ["secret-field"]);
}

#[test]
fn file_allowance_applies_to_one_file() {
    let text = format!("endpoints:\n{}", endpoint("one", SECRET));
    let mut source = of(&format!("allow: {{ secret-field: Public. }}\n{text}"));
    source.add("spec/drive/v1/other.yaml", text.replace("/one", "/other"));
    let report = lint::check(&source);
    assert_eq!(allowed(&report), [("secret-field", "Public.")]);
    assert_eq!(rules(&report), ["secret-field"]);
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.path.ends_with("other.yaml"))
    );
}

#[test]
fn innermost_allowance_is_used() {
    let inner = endpoint("get", &format!("allow: {{ secret-field: Closer. }}\n{SECRET}"));
    let report = check(&format!("allow: {{ secret-field: Farther. }}\nendpoints:\n{inner}"));
    assert_eq!(allowed(&report), [("secret-field", "Closer.")]);
    let unused: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        unused,
        [
            "spec/drive/v1/media.yaml:1:10: unused-allowance: drive.v1.media: no `secret-field` finding here; remove the allowance"
        ]
    );
}

#[test]
fn file_errors_suppress_unused_allowance() {
    let text = format!(
        "endpoints:\n{}  Bad: {{}}\n",
        endpoint("get", "allow: { secret-field: Later. }")
    );
    assert_eq!(rules(&check(&text)), ["endpoint-name"]);
}

/// The definition of the error code 7.
fn definition(message: &str) -> String {
    format!("errors: {{ 7: {{ http: 400, msg: {message} }} }}")
}

#[test]
fn unused_error_code_is_a_warning() {
    let mut source = of(&format!("endpoints:\n{}", endpoint("get", "")));
    source.add("spec/drive/v1/errors.yaml", definition("one"));
    assert_eq!(rules(&lint::check(&source)), ["unused-error"]);
    // An entry that was not read may list it.
    source.add("spec/drive/v1/file.yaml", "endpoints: { get: { http: nothing } }");
    assert!(!rules(&lint::check(&source)).contains(&"unused-error"));
}

#[test]
fn error_equal_to_definition_is_redundant() {
    let check = |error: &str| {
        let mut source = of(&format!(
            "endpoints:\n{}",
            endpoint("get", &format!("errors: [{error}]"))
        ));
        source.add("spec/drive/v1/errors.yaml", definition("one"));
        let report = lint::check(&source);
        rules(&report).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(check("{ code: 7, http: 400, msg: one }"), ["redundant-error"]);
    assert_eq!(check("{ code: 7, http: 403 }"), Vec::<String>::new());
    assert_eq!(check("8"), ["unresolved-error"]);
}

#[test]
fn compares_error_messages_within_project() {
    let text = format!("endpoints:\n{}", endpoint("get", "errors: [7]"));
    let mut source = of(&text);
    source.add("spec/drive/v1/errors.yaml", definition("one"));
    source.add("spec/im/v1/file.yaml", text.replace("/drive/", "/im/"));
    source.add("spec/im/v1/errors.yaml", definition("two"));
    assert_eq!(rules(&lint::check(&source)), Vec::<&str>::new());
    source.add("spec/drive/v2/media.yaml", text.replace("/v1/", "/v2/"));
    source.add("spec/drive/v2/errors.yaml", definition("two"));
    assert_eq!(rules(&lint::check(&source)), ["error-message"]);
}

#[test]
fn task_id_in_request_needs_no_poll() {
    let text = "endpoints:\n".to_owned()
        + &endpoint(
            "get",
            "body: { task_id: { type: string, doc: It. } }\nresponse: { task_id: { type: string, doc: It. } }",
        );
    assert_eq!(rules(&check(&text.replace("GET", "PATCH"))), Vec::<&str>::new());
    assert_eq!(
        rules(&check(
            &text.replace("GET", "PATCH").replace("body: { task_id", "body: { id")
        )),
        ["missing-poll"]
    );
}

#[test]
fn rejects_poll_of_unknown_endpoint() {
    let poll =
        "response: { id: { type: string, doc: It. } }\npoll: { endpoint: drive.v1.media.got, state: s, done: [1] }";
    let report = check(&format!("endpoints:\n{}", endpoint("get", poll)));
    assert_eq!(rules(&report), ["poll-endpoint"]);
}

#[test]
fn unused_type_can_be_allowed() {
    let types = "types:\n  Next: { fields: { id: { type: string, doc: It. } }, allow: { unused-type: The next endpoint returns it. } }\n";
    let report = check(&format!("endpoints:\n{}{types}", endpoint("get", "")));
    assert_eq!(rules(&report), Vec::<&str>::new());
    assert_eq!(allowed(&report), [("unused-type", "The next endpoint returns it.")]);
}

#[test]
fn file_errors_suppress_unused_type() {
    let text = "  get:\n    response: { one: { type: Next } }\n    updated: today\ntypes:\n  Next: { fields: { id: { type: string } } }\n";
    let report = check(&format!("endpoints:\n{text}"));
    assert!(!rules(&report).contains(&"unused-type"), "{}", report.findings);
}
