//! A spec full of names and shapes that could trip a generator; all of it loads.

use std::path::Path;

use larkspur_codegen::model::{Api, Endpoint, Field, Response, Type, TypeDef, TypeKind};
use larkspur_codegen::{Source, load};

fn cursed() -> Api {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cursed/spec");
    let source = Source::read_dir(&root).expect("the fixture can be read");
    load(&source).unwrap_or_else(|findings| panic!("{}", findings.render(&source, false)))
}

fn endpoint<'a>(api: &'a Api, id: &str) -> &'a Endpoint {
    api.endpoint(id).unwrap_or_else(|| panic!("{id} is in the fixture"))
}

fn response_fields<'a>(api: &'a Api, id: &str) -> &'a [Field] {
    let Response::Json { ty, .. } = endpoint(api, id).response else {
        panic!("{id} returns JSON")
    };
    fields(api.type_def(ty))
}

fn fields(def: &TypeDef) -> &[Field] {
    let TypeKind::Object(fields) = &def.kind else {
        panic!("{} is an object", def.rust)
    };
    fields
}

fn field<'a>(fields: &'a [Field], key: &str) -> &'a Field {
    let found = fields.iter().find(|field| field.key == key);
    found.unwrap_or_else(|| panic!("there is a field {key}"))
}

fn named<'a>(api: &'a Api, rust: &str) -> &'a TypeDef {
    let found = api.types.iter().find(|def| def.rust == rust);
    found.unwrap_or_else(|| panic!("there is a type {rust}"))
}

#[test]
fn suffixes_keywords_and_reserved_names() {
    let api = cursed();
    let fields = &endpoint(&api, "cursed.v1.names.type").fields;
    for (key, rust) in [
        ("type", "type_"),
        ("self", "self_"),
        ("gen", "gen_"),
        ("new", "new_"),
        ("2fa", "n2fa"),
        ("3d.model-id", "n3d_model_id"),
        ("userID", "user_id"),
        ("部门", "department"),
    ] {
        assert_eq!(field(fields, key).rust, rust);
    }
}

#[test]
fn maps_dotted_or_keyword_resource_to_module() {
    let modules: Vec<_> = cursed().modules.iter().map(|module| module.rust.clone()).collect();
    assert_eq!(
        modules,
        [
            "app_table_record",
            "errors",
            "names",
            "shapes",
            "tasks",
            "types",
            "type_"
        ]
    );
}

#[test]
fn names_inline_type_after_parent_and_field() {
    let api = cursed();
    assert_eq!(fields(named(&api, "DeepOne"))[0].key, "two");
    assert_eq!(fields(named(&api, "DeepResponseOneTwo"))[0].key, "three");
    assert_eq!(fields(named(&api, "SixthSevenEight"))[0].key, "nine");
}

#[test]
fn boxes_recursive_fields_outside_collections() {
    let api = cursed();
    let tree = fields(named(&api, "Tree"));
    let boxed: Vec<_> = tree
        .iter()
        .filter(|field| field.boxed)
        .map(|field| field.key.as_str())
        .collect();
    assert_eq!(boxed, ["left", "right"]);
    assert!(field(fields(named(&api, "Ping")), "pong").boxed);
    assert!(!field(response_fields(&api, "cursed.v1.shapes.endless"), "pong").boxed);
    assert!(!field(fields(named(&api, "SharedThing")), "owner").boxed);
}

#[test]
fn marks_request_and_response_types() {
    let api = cursed();
    for (rust, sent, received) in [
        ("Tree", true, true),
        ("Sixth", true, false),
        ("DeepResponseOne", false, true),
        ("SharedThing", true, true),
        ("Direction", false, true),
        ("EntityKind", true, true),
    ] {
        let def = named(&api, rust);
        assert_eq!((def.in_request, def.in_response), (sent, received), "{rust}");
    }
}

#[test]
fn keeps_text_of_plain_scalars() {
    let api = cursed();
    let kinds = named(&api, "EnumsKinds");
    let TypeKind::StringEnum(variants) = &kinds.kind else {
        panic!("it is an enum of strings")
    };
    let values: Vec<_> = variants.iter().map(|v| (v.value.as_str(), v.rust.as_str())).collect();
    assert_eq!(values[5..8], [("012", "N012"), ("13", "N13"), ("true", "True")]);
    assert_eq!(
        field(&endpoint(&api, "cursed.v1.names.type").fields, "match").example,
        Some("yes".into())
    );
}

#[test]
fn keeps_text_of_infinite_numbers() {
    let mut source = Source::new();
    let spec = "\
endpoints:
  get:
    http: GET /open-apis/a/v1/b
    query:
      id: { type: string, enum: [7e999, 8e999, -9e999, .inf, .NaN] }
";
    source.add("spec/a/v1/b.yaml", spec);
    let api = load(&source).unwrap_or_else(|findings| panic!("{findings}"));
    let TypeKind::StringEnum(variants) = &named(&api, "GetId").kind else {
        panic!("it is an enum of strings")
    };
    let values: Vec<_> = variants.iter().map(|variant| variant.value.as_str()).collect();
    assert_eq!(values, ["7e999", "8e999", "-9e999", ".inf", ".NaN"]);
}

#[test]
fn keeps_all_digits_of_numbers() {
    let api = cursed();
    let TypeKind::IntEnum(variants) = &named(&api, "EnumsLevel").kind else {
        panic!("it is an enum of numbers")
    };
    assert_eq!(variants[3].value, 9_007_199_254_740_993);
}

#[test]
fn resolves_shared_types_from_every_resource() {
    let api = cursed();
    let items = field(response_fields(&api, "cursed.v1.app.table.record.list"), "items");
    let id = items.ty.named().expect("the list holds a named type");
    assert_eq!(api.modules[api.type_def(id).module].resource, "types");
}

#[test]
fn reuses_named_type_as_response() {
    let api = cursed();
    let ids = ["list_archived", "list_removed"].map(|name| {
        match endpoint(&api, &format!("cursed.v1.app.table.record.{name}")).response {
            Response::Json { ty, flat: false } => ty,
            _ => panic!("{name} returns JSON"),
        }
    });
    assert_eq!(ids[0], ids[1]);
    assert_eq!(api.type_def(ids[0]).rust, "EntityPage");
    assert!(api.types.iter().all(|def| def.rust != "ListArchivedResponse"));
}

#[test]
fn resolves_pagination_in_later_files() {
    let api = cursed();
    let list = endpoint(&api, "cursed.v1.app.table.record.list_archived");
    let pagination = list.pagination.as_ref().expect("it is paged");
    assert_eq!(pagination.items, "items");
}

#[test]
fn pagination_uses_default_names() {
    let api = cursed();
    let pagination = endpoint(&api, "cursed.v1.app.table.record.list")
        .pagination
        .clone()
        .expect("it is paged");
    assert_eq!(pagination.next, "page_token");
    assert_eq!(pagination.size.as_deref(), Some("page_size"));
}

#[test]
fn keeps_nesting_of_lists_and_maps() {
    let api = cursed();
    let three = fields(named(&api, "DeepOneTwoThree"));
    assert!(matches!(&field(three, "four").ty, Type::List(outer) if matches!(**outer, Type::List(_))));
    let two = fields(named(&api, "DeepOneTwo"));
    assert!(matches!(&field(two, "three").ty, Type::Map(_)));
}

#[test]
fn ignores_order_of_added_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cursed/spec");
    let source = Source::read_dir(&root).expect("the fixture can be read");
    let mut files: Vec<_> = source.files().collect();
    files.reverse();
    let mut reversed = Source::new();
    for (path, bytes) in files {
        reversed.add(path, bytes);
    }
    assert_eq!(load(&source), load(&reversed));
}
