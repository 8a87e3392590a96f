//! `spec share`: equal types become one, and nothing on the wire changes.

use std::collections::HashSet;
use std::path::Path;

use larkspur_codegen::model::{Api, Field, Response, Type, TypeId, TypeKind};
use larkspur_codegen::{Shared, Source, layout, lint, load, share};
use serde_json::{Value, json};

fn source(files: &[(&str, &str)]) -> Source {
    let mut source = Source::new();
    for (path, text) in files {
        source.add(*path, *text);
    }
    source
}

fn shared(spec: &Source) -> Shared {
    share(spec, |_| HashSet::new()).unwrap_or_else(|error| panic!("{error}"))
}

fn text<'s>(spec: &'s Source, path: &str) -> &'s str {
    let found = spec.files().find(|(other, _)| *other == path);
    let (_, bytes) = found.unwrap_or_else(|| panic!("{path} is there"));
    std::str::from_utf8(bytes).expect("it is UTF-8")
}

fn duplicates(spec: &Source) -> Vec<String> {
    let report = lint::check(spec);
    let found = report
        .findings
        .iter()
        .filter(|finding| finding.rule == "duplicate-type");
    found.map(ToString::to_string).collect()
}

/// A file with the endpoint `get`, whose query and response have these fields.
fn resource(path: &str, query: &str, response: &str) -> String {
    format!("endpoints:\n  get:\n    http: GET /open-apis/{path}\n    query:{query}\n    response:{response}\n")
}

const KIND: &str = "\n      id_kind: { type: string, enum: [open_id, union_id], doc: Which ids. }";
const OWNER: &str = "\n      owner: { type: object, fields: { id: { type: string }, name: { type: string } } }";

/// Endpoints as they are on the wire: types without their names.
fn wire(api: &Api) -> Value {
    let endpoints = api.endpoints().map(|(_, endpoint)| {
        let response = match endpoint.response {
            Response::Json { ty, flat } => json!([flat, named(api, ty, &mut Vec::new())]),
            Response::Empty | Response::Binary(_) => json!(null),
        };
        let sent = fields(api, &endpoint.fields, &mut Vec::new());
        json!([endpoint.id, endpoint.method.as_str(), endpoint.path, sent, response])
    });
    endpoints.collect()
}

fn fields(api: &Api, fields: &[Field], around: &mut Vec<TypeId>) -> Value {
    let mut all: Vec<Value> = fields
        .iter()
        .map(|field| {
            let facts = format!("{:?} {:?} {:?}", field.place, field.bounds, field.default);
            json!([
                field.key,
                field.required,
                field.secret,
                facts,
                kind(api, &field.ty, around)
            ])
        })
        .collect();
    all.sort_by_key(ToString::to_string);
    Value::Array(all)
}

fn kind(api: &Api, ty: &Type, around: &mut Vec<TypeId>) -> Value {
    match ty.named() {
        Some(id) => json!([ty.to_expression(|_| String::new()), named(api, id, around)]),
        None => json!(ty.to_expression(|_| String::new())),
    }
}

fn named(api: &Api, id: TypeId, around: &mut Vec<TypeId>) -> Value {
    if let Some(up) = around.iter().rev().position(|other| *other == id) {
        return json!(up);
    }
    around.push(id);
    let content = match &api.type_def(id).kind {
        TypeKind::Object(inner) => fields(api, inner, around),
        TypeKind::StringEnum(variants) => variants.iter().map(|variant| json!(variant.value)).collect(),
        TypeKind::IntEnum(variants) => variants.iter().map(|variant| json!(variant.value)).collect(),
    };
    around.pop();
    content
}

/// Shares the types of a spec and checks what must hold for each result.
fn checked(spec: &Source) -> Shared {
    let result = shared(spec);
    let before = load(spec).expect("it is valid");
    let after = load(&result.spec).expect("it stays valid");
    assert_eq!(wire(&before), wire(&after), "nothing on the wire changes");
    assert_eq!(duplicates(&result.spec), Vec::<String>::new());
    for path in &result.changed {
        let text = text(&result.spec, path);
        assert_eq!(
            layout(path, text.as_bytes()).ok().as_deref(),
            Some(text),
            "{path} is formatted"
        );
    }
    let again = shared(&result.spec);
    assert!(again.types.is_empty() && again.changed.is_empty(), "{:?}", again.types);
    result
}

#[test]
fn moves_to_the_lowest_common_level() {
    for (other, target) in [
        ("spec/drive/v1/media.yaml", "spec/drive/v1/types.yaml"),
        ("spec/drive/v2/file.yaml", "spec/types.yaml"),
        ("spec/docx/v1/file.yaml", "spec/types.yaml"),
    ] {
        let spec = source(&[
            ("spec/drive/v1/file.yaml", &resource("one", KIND, OWNER)),
            (other, &resource("two", KIND, OWNER)),
        ]);
        assert_eq!(duplicates(&spec).len(), 2);
        let result = checked(&spec);
        let expected = "  IdKind:\n    enum: [open_id, union_id]\n\n  Owner:\n    fields:\n      id: { type: string }\n      \
             name: { type: string }\n";
        let types = text(&result.spec, target);
        assert!(types.ends_with(expected), "{types}");
        let user = text(&result.spec, other);
        assert!(user.contains("id_kind: { type: IdKind, doc: Which ids. }"), "{user}");
        assert!(user.contains("owner: { type: Owner }"), "{user}");
    }
}

#[test]
fn shares_in_one_file_and_uses_existing_type() {
    let query = "\n      kind: { type: string, enum: [a, b] }\n      kinds: { type: \"[string]\", enum: [a, b], name: GetKinds }";
    let spec = source(&[
        (
            "spec/drive/v1/file.yaml",
            &resource("one", query, "\n      kind: { type: Kind }"),
        ),
        (
            "spec/drive/v1/types.yaml",
            "types:\n  Kind: { enum: [a, b], doc: Mine. }\n",
        ),
        (
            "spec/drive/v1/media.yaml",
            &resource("two", query, "\n      kinds: { type: \"[Kind]\" }"),
        ),
    ]);
    let result = checked(&spec);
    let file = text(&result.spec, "spec/drive/v1/file.yaml");
    assert!(file.contains("kinds: { type: \"[Kind]\" }"), "{file}");
    assert!(!file.contains("doc:"), "{file}");
    let types = text(&result.spec, "spec/drive/v1/types.yaml");
    assert!(
        types.ends_with("types:\n  Kind:\n    doc: Mine.\n    enum: [a, b]\n"),
        "{types}"
    );
}

#[test]
fn equal_values_alone_are_not_shared() {
    let numbers = |key: &str| {
        format!("\n      {key}: {{ type: int, enum: [{{ value: 1, name: value_1 }}, {{ value: 2, name: value_2 }}] }}")
    };
    let spec = source(&[
        ("spec/drive/v1/file.yaml", &resource("one", &numbers("type"), OWNER)),
        (
            "spec/drive/v1/media.yaml",
            &resource("two", &numbers("status"), &OWNER.replace("owner", "creator")),
        ),
        (
            "spec/docx/v1/media.yaml",
            &resource("three", &numbers("type"), "\n      any: { type: any }"),
        ),
    ]);
    assert_eq!(duplicates(&spec), Vec::<String>::new());
}

#[test]
fn different_bounds_are_not_shared() {
    let bounded = OWNER.replace("{ type: string } }", "{ type: string, max_length: 5 } }");
    let required = OWNER.replace("{ type: string } }", "{ type: string, required: true } }");
    let spec = source(&[
        ("spec/drive/v1/a.yaml", &resource("a", KIND, OWNER)),
        (
            "spec/drive/v1/b.yaml",
            &resource("b", "\n      x: { type: int }", &bounded),
        ),
        (
            "spec/drive/v1/c.yaml",
            &resource("c", "\n      x: { type: int }", &required),
        ),
    ]);
    assert_eq!(duplicates(&spec), Vec::<String>::new());
}

#[test]
fn finding_names_both_places_and_the_command() {
    let spec = source(&[
        (
            "spec/drive/v1/file.yaml",
            &resource("one", KIND, "\n      x: { type: int }"),
        ),
        (
            "spec/drive/v1/media.yaml",
            &resource("two", KIND, "\n      x: { type: int }"),
        ),
    ]);
    assert_eq!(
        duplicates(&spec),
        [
            "spec/drive/v1/media.yaml:5:7: duplicate-type: drive.v1.media: the type `GetIdKind` has the values of `GetIdKind` at \
          spec/drive/v1/file.yaml:5:7; `cargo spec share` makes them one type in spec/drive/v1/types.yaml; if they differ in \
          meaning, allow this with a reason"
        ]
    );
}

#[test]
fn allowed_types_stay() {
    let kind = KIND.replace("doc: Which ids.", "allow: { duplicate-type: They differ. }");
    let spec = source(&[
        (
            "spec/drive/v1/file.yaml",
            &resource("one", KIND, "\n      x: { type: int }"),
        ),
        (
            "spec/drive/v1/media.yaml",
            &resource("two", &kind, "\n      x: { type: int }"),
        ),
    ]);
    let report = lint::check(&spec);
    let allowed = &report.allowed[0].finding;
    assert_eq!(allowed.rule, "duplicate-type");
    let position = (allowed.origin.file, allowed.origin.offset);
    let result = share(&spec, |_| HashSet::from([position])).expect("it is valid");
    assert!(result.changed.is_empty(), "{:?}", result.types);
}

#[test]
fn inner_types_move_with_the_outer_one() {
    let outer = "\n      owner:\n        type: object\n        fields:\n          id: { type: string }\n          \
                 state: { type: string, enum: [on, off] }";
    let spec = source(&[
        (
            "spec/drive/v1/file.yaml",
            &resource("one", "\n      x: { type: int }", outer),
        ),
        (
            "spec/drive/v1/media.yaml",
            &resource("two", "\n      x: { type: int }", outer),
        ),
    ]);
    let result = checked(&spec);
    let names: Vec<&str> = result.types.iter().map(|ty| ty.name.as_str()).collect();
    assert_eq!(names, ["Owner"]);
    let api = load(&result.spec).expect("it is valid");
    assert!(api.types.iter().any(|def| def.rust == "OwnerState" && !def.is_named));
}

#[test]
fn taken_names_get_a_number() {
    let other = "types:\n  IdKind: { enum: [none] }\n  IdKind2: { enum: [none, two] }\n";
    let used = "\n      a: { type: IdKind }\n      b: { type: IdKind2 }";
    let spec = source(&[
        ("spec/drive/v1/file.yaml", &resource("one", KIND, used)),
        ("spec/drive/v1/media.yaml", &resource("two", KIND, used)),
        ("spec/drive/v1/types.yaml", other),
    ]);
    let result = checked(&spec);
    assert_eq!(result.types[0].name, "IdKind3");
    let types = text(&result.spec, "spec/drive/v1/types.yaml");
    assert!(types.contains("  IdKind3:"), "{types}");
}

#[test]
fn type_of_lower_level_is_shared_first() {
    let thing = "types:\n  Part: { fields: { id: { type: string } } }\n  Thing: { fields: { part: { type: Part } } }\n";
    let file = resource("one", "\n      x: { type: int }", "\n      thing: { type: Thing }");
    let spec = source(&[
        ("spec/drive/v1/file.yaml", &(file.clone() + thing)),
        ("spec/docx/v1/file.yaml", &(file.replace("/one", "/two") + thing)),
    ]);
    let result = checked(&spec);
    let names: Vec<&str> = result.types.iter().map(|ty| ty.name.as_str()).collect();
    assert_eq!(names, ["Part", "Thing"]);
    assert!(!text(&result.spec, "spec/docx/v1/file.yaml").contains("types:"));
}

#[test]
fn responses_and_lists_refer_to_the_new_name() {
    let types =
        |name: &str| format!("types:\n  {name}: {{ fields: {{ kind: {{ type: Kind }} }} }}\n  Kind: {{ enum: [a] }}\n");
    let file = |name: &str, path: &str| {
        let fields = format!(
            "\n      kind: {{ type: Kind }}\n    # the\n    response: {name}\n  list:\n    http: GET /open-apis/{path}/list\n    response:\n      items: {{ type: \"[{name}]\" }}\n      thing: {{ type: {name} }}\n"
        );
        let text = resource(path, &fields, "");
        text.replace("    response:\n\n", "")
            .trim_end()
            .trim_end_matches("response:")
            .trim_end()
            .to_owned()
            + "\n"
            + &types(name)
    };
    let spec = source(&[
        ("spec/drive/v1/file.yaml", &file("Thing", "one")),
        ("spec/docx/v1/file.yaml", &file("Thing", "two")),
    ]);
    let result = checked(&spec);
    assert_eq!(result.changed[0], "spec/types.yaml");
    let user = text(&result.spec, "spec/docx/v1/file.yaml");
    assert!(user.contains("    # the\n    response: Thing\n"), "{user}");
}

#[test]
fn comments_remain() {
    let kind = |comment: &str| {
        format!(
            "\n      # above {comment}\n      id_kind:\n        type: string\n        # inside {comment}\n        enum:\n          \
             - open_id # first {comment}\n          - union_id"
        )
    };
    let spec = source(&[
        (
            "spec/drive/v1/file.yaml",
            &resource("one", &kind("one"), "\n      x: { type: int }"),
        ),
        (
            "spec/drive/v1/media.yaml",
            &resource("two", &kind("two"), "\n      x: { type: int }"),
        ),
    ]);
    let result = checked(&spec);
    let types = text(&result.spec, "spec/drive/v1/types.yaml");
    for comment in ["# inside one", "# first one", "# inside two", "# first two"] {
        assert_eq!(types.matches(comment).count(), 1, "{comment}: {types}");
    }
    for (path, comment) in [("file", "# above one"), ("media", "# above two")] {
        assert!(text(&result.spec, &format!("spec/drive/v1/{path}.yaml")).contains(comment));
    }
}

#[test]
fn missing_texts_are_taken_from_replaced_types() {
    let other = OWNER.replace(
        "name: { type: string }",
        "name: { type: string, doc: What they are called., example: Ada }",
    );
    let spec = source(&[
        (
            "spec/drive/v1/file.yaml",
            &resource("one", "\n      x: { type: int }", OWNER),
        ),
        (
            "spec/drive/v1/media.yaml",
            &resource("two", "\n      x: { type: int }", &other),
        ),
    ]);
    let result = checked(&spec);
    let types = text(&result.spec, "spec/drive/v1/types.yaml");
    assert!(
        types.contains("name: { type: string, doc: What they are called., example: Ada }"),
        "{types}"
    );
}

#[test]
fn byte_order_mark_and_carriage_returns_are_read() {
    let file = "\u{feff}".to_owned() + &resource("one", KIND, OWNER).replace('\n', "\r\n");
    let spec = source(&[
        ("spec/drive/v1/file.yaml", &file),
        ("spec/drive/v1/media.yaml", &resource("two", KIND, OWNER)),
    ]);
    assert_eq!(checked(&spec).types.len(), 2);
}

#[test]
fn empty_file_of_types_is_removed() {
    let types = "doc: Types.\ntypes:\n  Kind: { enum: [a] }\n";
    let file = resource("one", "\n      kind: { type: Kind }", "\n      x: { type: int }");
    let spec = source(&[
        ("spec/drive/v1/file.yaml", &file),
        ("spec/drive/v1/types.yaml", types),
        ("spec/docx/v1/file.yaml", &file.replace("/one", "/two")),
        ("spec/docx/v1/types.yaml", types),
    ]);
    let result = checked(&spec);
    assert_eq!(result.removed, ["spec/docx/v1/types.yaml", "spec/drive/v1/types.yaml"]);
}

#[test]
fn cursed_spec_keeps_its_wire_format() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cursed/spec");
    let spec = Source::read_dir(&root).expect("the fixture can be read");
    checked(&spec);
}

#[test]
fn repository_spec_has_no_duplicates() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let spec = Source::read_dir(&root).expect("spec/ can be read");
    let result = shared(&spec);
    assert!(result.types.is_empty(), "{:?}", result.types);
}

#[test]
fn type_that_stays_keeps_its_name() {
    let three = KIND.replace("union_id]", "union_id, user_id]");
    let resources = |kind: &str, projects: [&str; 2]| {
        projects.map(|project| (format!("spec/{project}/v1/thing.yaml"), resource(project, kind, OWNER)))
    };
    let types = "types: { IdKind: { enum: [open_id, union_id, user_id] } }";
    let mut spec = source(&[("spec/types.yaml", types)]);
    for (path, text) in [resources(KIND, ["aa", "ab"]), resources(&three, ["ba", "bb"])].concat() {
        spec.add(path, text);
    }
    spec.add(
        "spec/ca/v1/thing.yaml",
        resource("ca", "\n      id_kind: { type: IdKind }", OWNER),
    );
    let after = shared(&spec).spec;
    let api = load(&after).unwrap_or_else(|findings| panic!("{findings}"));
    assert_eq!(duplicates(&after), Vec::<String>::new());
    let types = text(&after, "spec/types.yaml");
    assert_eq!(types.matches("IdKind:").count(), 1, "{types}");
    assert_eq!(wire(&load(&spec).unwrap()), wire(&api));
}
