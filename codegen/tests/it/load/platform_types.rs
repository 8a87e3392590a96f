//! The types of the platform, in `spec/types.yaml`.

use larkspur_codegen::diff::diff;
use larkspur_codegen::export::{self, OpenApiOptions};
use larkspur_codegen::model::{Api, Response, TypeKind};
use larkspur_codegen::{Source, emit, emit_one_file, layout, lint, load};

const KIND: &str = "types:\n  Kind: { enum: [platform] }\n";

fn source(files: &[(&str, &str)]) -> Source {
    let mut source = Source::new();
    for (path, text) in files {
        source.add(*path, *text);
    }
    source
}

fn api(files: &[(&str, &str)]) -> Api {
    load(&source(files)).unwrap_or_else(|findings| panic!("{findings}"))
}

/// A file with one endpoint, whose request and response have the type `Kind`.
fn resource(project: &str) -> String {
    format!(
        "endpoints:\n  get:\n    http: GET /open-apis/{project}/v1/things\n    query: {{ kind: {{ type: Kind, required: true, example: platform }} }}\n    \
         response: {{ kind: {{ type: Kind }} }}\n"
    )
}

/// Two projects that use the type of `spec/types.yaml`.
fn shared_by_two() -> Api {
    api(&[
        ("spec/types.yaml", KIND),
        ("spec/demo/v1/thing.yaml", &resource("demo")),
        ("spec/other/v1/thing.yaml", &resource("other")),
    ])
}

/// Returns the value of the type that the response of `demo.v1.thing.get` has.
fn resolved(api: &Api) -> &str {
    let endpoint = api.endpoint("demo.v1.thing.get").expect("it is in the spec");
    let Response::Json { ty, .. } = endpoint.response else {
        panic!("it returns JSON")
    };
    let kind = api.type_def(ty).kind.fields()[0].ty.named().expect("a named type");
    match &api.type_def(kind).kind {
        TypeKind::StringEnum(variants) => &variants[0].value,
        _ => panic!("it is an enum"),
    }
}

#[test]
fn finds_own_then_version_then_platform_type() {
    let files = |own: &str| {
        [
            ("spec/types.yaml", KIND.to_owned()),
            ("spec/demo/v1/types.yaml", KIND.replace("platform", "version")),
            (
                "spec/demo/v1/thing.yaml",
                resource("demo").replace(", example: platform", "") + own,
            ),
        ]
    };
    let own = files("types:\n  Kind: { enum: [own] }\n");
    let shared = files("");
    for (files, expected) in [
        (&own[..], "own"),
        (&shared[..], "version"),
        (&[shared[0].clone(), shared[2].clone()], "platform"),
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        assert_eq!(resolved(&api(&files)), expected);
    }
}

#[test]
fn version_types_refer_to_platform_types() {
    let api = api(&[
        ("spec/types.yaml", KIND),
        (
            "spec/demo/v1/types.yaml",
            "types:\n  Thing: { fields: { kind: { type: Kind } } }\n",
        ),
        (
            "spec/demo/v1/thing.yaml",
            "endpoints:\n  get:\n    http: GET /x\n    response: Thing\n",
        ),
    ]);
    assert_eq!(resolved(&api), "platform");
}

#[test]
fn platform_types_refer_to_no_project() {
    let thing = "types:\n  Thing: { fields: { kind: { type: Kind } } }\n";
    let findings = load(&source(&[
        ("spec/types.yaml", thing),
        ("spec/demo/v1/types.yaml", KIND),
        (
            "spec/demo/v1/thing.yaml",
            &resource("demo").replace("{ type: Kind }", "{ type: Thing }"),
        ),
    ]))
    .expect_err("the type is unknown");
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["unresolved-type"], "{findings}");
}

#[test]
fn unparsed_types_are_not_reported_as_unknown() {
    let thing = resource("demo");
    for (text, expected) in [("types: [", "yaml-syntax"), ("types: {}\n", "unresolved-type")] {
        let findings = load(&source(&[
            ("spec/types.yaml", text),
            ("spec/demo/v1/thing.yaml", &thing),
        ]));
        let findings = findings.expect_err("the type is not defined");
        assert!(findings.iter().all(|finding| finding.rule == expected), "{findings}");
    }
}

#[test]
fn unused_and_hidden_types_are_reported() {
    let own = resource("demo") + "types:\n  Kind: { enum: [platform] }\n";
    let report = lint::check(&source(&[("spec/types.yaml", KIND), ("spec/demo/v1/thing.yaml", &own)]));
    let mut rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule).collect();
    rules.retain(|rule| !rule.starts_with("missing-"));
    assert_eq!(rules, ["shadowed-type", "unused-type"], "{}", report.findings);
}

#[test]
fn project_cannot_be_called_types() {
    let findings = load(&source(&[("spec/types/v1/thing.yaml", &resource("types"))]));
    let findings = findings.expect_err("the name is reserved");
    assert_eq!(findings.iter().next().map(|finding| finding.rule), Some("file-path"));
}

#[test]
fn module_requires_no_feature() {
    let output = emit(&shared_by_two()).expect("it becomes Rust");
    let text = |path: &str| output[std::path::Path::new(path)].as_str();
    assert!(text("generated/types.rs").contains("pub enum Kind"));
    let modules = text("generated/mod.rs");
    assert!(
        modules.contains("#[cfg(feature = \"other\")]\npub mod other;\npub mod types;"),
        "{modules}"
    );
    let user = text("generated/other/v1/thing.rs");
    assert!(user.contains("pub kind: ::larkspur::types::Kind,"), "{user}");
    assert!(user.contains("Get::new(larkspur::types::Kind::Platform)"), "{user}");
}

#[test]
fn included_file_has_a_module_of_types() {
    let text = emit_one_file(&shared_by_two()).expect("it becomes Rust");
    assert!(text.contains("\npub mod types {"), "{text}");
    assert!(
        text.contains("pub kind: Option<super::super::super::types::Kind>"),
        "{text}"
    );
}

#[test]
fn exports_have_one_definition() {
    let api = shared_by_two();
    let json = export::json(&api);
    assert_eq!(json["types"]["types.Kind"]["values"][0]["value"], "platform");
    let openapi = export::openapi(&api, &OpenApiOptions::default());
    let schemas = openapi["components"]["schemas"].as_object().expect("there are schemas");
    let kinds: Vec<&String> = schemas.keys().filter(|name| name.ends_with("Kind")).collect();
    assert_eq!(kinds, ["types.Kind"]);
}

#[test]
fn move_to_the_platform_is_one_change() {
    let thing = resource("demo");
    let before = api(&[("spec/demo/v1/types.yaml", KIND), ("spec/demo/v1/thing.yaml", &thing)]);
    let after = api(&[("spec/types.yaml", KIND), ("spec/demo/v1/thing.yaml", &thing)]);
    let changes = diff(&before, &after);
    let seen: Vec<_> = changes
        .iter()
        .map(|change| (change.rule.id, change.message.as_str()))
        .collect();
    let message = "the type moved from `demo::v1::types::Kind` to `types::Kind`";
    assert_eq!(seen, [("type-renamed", message)]);
    assert!(
        changes
            .iter()
            .all(|change| change.rule.breaks_source && change.used_by == ["demo.v1.thing.get"])
    );
}

#[test]
fn format_names_the_schema_of_its_directory() {
    let text = layout("spec/types.yaml", KIND.as_bytes()).expect("it can be formatted");
    assert!(
        text.starts_with("# yaml-language-server: $schema=schema.json\n"),
        "{text}"
    );
    assert_eq!(
        layout("spec/types.yaml", text.as_bytes()).as_deref().ok(),
        Some(text.as_str())
    );
}
