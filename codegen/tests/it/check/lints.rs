//! What a check says beyond the format: all at once, and less what is allowed. docs/spec/rules.md has an
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

/// An endpoint that breaks nothing, and then says this.
fn endpoint(name: &str, more: &str) -> String {
    let more: String = more.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "  {name}:\n    http: GET /open-apis/drive/v1/{name}\n    summary: Gets it.\n    docs: https://example.com/x\n    \
         tokens: []\n    scopes: []\n    limits: [special]\n{more}"
    )
}

const SECRET: &str = "query: { app_secret: { type: string, doc: A secret. } }";

#[test]
fn the_spec_of_this_repository_breaks_no_rule() {
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
fn a_spec_that_only_breaks_lints_still_becomes_rust() {
    let source = of("endpoints:\n  get:\n    http: GET /open-apis/drive/v1/media\n    deprecated: {}\n");
    assert!(!lint::check(&source).findings.is_empty());
    let api = load(&source).expect("no error of the format");
    assert!(emit(&api).is_ok());
}

#[test]
fn the_errors_of_one_endpoint_leave_the_lints_of_the_others() {
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
fn what_could_not_be_read_is_not_said_to_be_missing() {
    let report = check(
        "endpoints:\n  get:\n    http: GET /x\n    summary: Gets it.\n    docs: https://example.com/x\n    scopes: []\n    limits: [special]\n    tokens: [tennant]\n",
    );
    assert_eq!(rules(&report), ["unknown-word"]);
}

#[test]
fn an_allowance_holds_for_the_endpoint_that_it_stands_in() {
    let one = endpoint("one", &format!("allow: {{ secret-field: Public. }}\n{SECRET}"));
    let report = check(&format!("endpoints:\n{one}{}", endpoint("two", SECRET)));
    assert_eq!(allowed(&report), [("secret-field", "Public.")]);
    assert_eq!(rules(&report), ["secret-field"]);
}

#[test]
fn an_allowance_holds_for_the_field_that_it_stands_in() {
    let field = "{ type: string, doc: It., allow: { secret-field: Public. } }";
    let more = format!("query:\n  one_secret: {field}\n  two_secret: {{ type: string, doc: It. }}");
    let report = check(&format!("endpoints:\n{}", endpoint("get", &more)));
    assert_eq!(allowed(&report), [("secret-field", "Public.")]);
    assert_eq!(rules(&report), ["secret-field"]);
}

#[test]
fn an_allowance_holds_for_the_type_that_it_stands_in() {
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
fn an_allowance_of_a_file_holds_for_all_of_it_and_for_no_other() {
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
fn of_two_allowances_the_closer_one_is_used() {
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
fn an_allowance_in_a_file_with_errors_is_not_said_to_be_unused() {
    let text = format!(
        "endpoints:\n{}  Bad: {{}}\n",
        endpoint("get", "allow: { secret-field: Later. }")
    );
    assert_eq!(rules(&check(&text)), ["endpoint-name"]);
}

#[test]
fn a_code_may_have_another_message_in_another_project() {
    let with = |message: &str| endpoint("get", &format!("errors: [{{ http: 400, code: 7, msg: {message} }}]"));
    let mut source = of(&format!("endpoints:\n{}", with("one")));
    let text = format!("endpoints:\n{}", with("two"));
    source.add("spec/im/v1/file.yaml", text.replace("/drive/", "/im/"));
    assert_eq!(rules(&lint::check(&source)), Vec::<&str>::new());
    source.add("spec/drive/v2/media.yaml", text.replace("/v1/", "/v2/"));
    assert_eq!(rules(&lint::check(&source)), ["error-message"]);
}

#[test]
fn the_id_of_a_task_that_the_caller_knew_starts_none() {
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
fn a_poll_names_an_endpoint_that_is_there() {
    let poll =
        "response: { id: { type: string, doc: It. } }\npoll: { endpoint: drive.v1.media.got, state: s, done: [1] }";
    let report = check(&format!("endpoints:\n{}", endpoint("get", poll)));
    assert_eq!(rules(&report), ["poll-endpoint"]);
}

#[test]
fn an_unused_type_may_stay_for_a_reason() {
    let types = "types:\n  Next: { fields: { id: { type: string, doc: It. } }, allow: { unused-type: The next endpoint answers it. } }\n";
    let report = check(&format!("endpoints:\n{}{types}", endpoint("get", "")));
    assert_eq!(rules(&report), Vec::<&str>::new());
    assert_eq!(allowed(&report), [("unused-type", "The next endpoint answers it.")]);
}

#[test]
fn a_type_whose_use_could_not_be_read_is_not_said_to_be_unused() {
    let text = "  get:\n    response: { one: { type: Next } }\n    updated: today\ntypes:\n  Next: { fields: { id: { type: string } } }\n";
    let report = check(&format!("endpoints:\n{text}"));
    assert!(!rules(&report).contains(&"unused-type"), "{}", report.findings);
}
