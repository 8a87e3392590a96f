//! How one thing of the model looks in Rust.

use std::path::Path;

use crate::support::{api, endpoint, error, field, required, type_def};
use larkspur_codegen::model::*;
use larkspur_codegen::{EmitError, emit};

/// The module that is generated.
fn module(api: &Api) -> String {
    emit(api)
        .unwrap_or_else(|error| panic!("{error}"))
        .remove(Path::new("generated/demo/v1/thing.rs"))
        .expect("the module is there")
}

/// The module that is generated, on one line and without documentation.
fn generated(api: &Api) -> String {
    let file = module(api);
    let code = file.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    code.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn assert_has(text: &str, part: &str) {
    assert!(text.contains(part), "{part} is not in {text}");
}

#[track_caller]
fn assert_lacks(text: &str, part: &str) {
    assert!(!text.contains(part), "{part} is in {text}");
}

fn list(ty: Type) -> Type {
    Type::List(Box::new(ty))
}

/// A module with the one object `Thing`, which has this field.
fn object(field: Field, in_request: bool, in_response: bool) -> String {
    let kind = TypeKind::Object(vec![field]);
    generated(&api(Vec::new(), vec![type_def("Thing", kind, in_request, in_response)]))
}

#[test]
fn a_list_that_did_not_come_is_empty() {
    assert_has(
        &object(field("items", list(Type::Int)), false, true),
        "pub items: Vec<i64>,",
    );
}

#[test]
fn a_list_to_send_can_be_absent_or_empty() {
    assert_has(
        &object(field("items", list(Type::Int)), true, true),
        "pub items: Option<Vec<i64>>,",
    );
}

#[test]
fn an_object_that_is_only_sent_cannot_be_decoded() {
    let text = object(field("name", Type::String), true, false);
    assert_has(&text, "g::sent! { Thing {");
    assert_lacks(&text, "g::received!");
}

#[test]
fn response_object_has_no_constructor() {
    assert_lacks(
        &object(required(field("name", Type::String)), false, true),
        "pub fn new",
    );
}

#[test]
fn response_object_has_default() {
    assert_has(
        &object(required(field("name", Type::String)), false, true),
        "#[derive(Clone, Default)]",
    );
}

#[test]
fn metadata_follows_all_items() {
    let file = module(&paged(field("page_token", Type::String), field("has_more", Type::Bool)));
    let place = |part: &str| file.find(part).unwrap_or_else(|| panic!("{part} is not in {file}"));
    assert!(place("pub struct ListResponse") < place("pub const ENDPOINT"));
}

#[test]
fn table_has_one_row_per_line() {
    let file = module(&paged(field("page_token", Type::String), field("has_more", Type::Bool)));
    let table = "g::received! { ListResponse {\n    0 items = g::body(\"items\");\n    1 page_token = g::body(\"page_token\");\n";
    assert!(file.contains(table), "{file}");
}

#[test]
fn object_without_required_fields_has_default() {
    assert_has(
        &object(field("name", Type::String), true, false),
        "#[derive(Clone, Default)]",
    );
}

#[test]
fn an_object_that_contains_itself_is_boxed() {
    let inner = Field {
        boxed: true,
        ..field("inner", Type::Named(TypeId(0)))
    };
    let text = object(inner, true, true);
    assert_has(&text, "pub inner: Option<Box<Thing>>,");
    assert_has(
        &text,
        "pub fn inner(mut self, inner: Thing) -> Self { self.inner = Some(Box::new(inner));",
    );
}

#[test]
fn a_secret_is_a_secret_string() {
    let secret = Field {
        secret: true,
        ..required(field("key", Type::String))
    };
    let text = object(secret, true, false);
    assert_has(&text, "pub key: g::SecretString,");
    assert_has(&text, "key: impl Into<g::SecretString>");
}

#[test]
fn bounds_become_rules() {
    let bounds = Bounds {
        min: Some(-1.5),
        max: Some(3.0),
        ..Bounds::default()
    };
    let text = object(
        Field {
            bounds,
            ..field("n", Type::Float)
        },
        true,
        false,
    );
    assert_has(&text, "0 n = g::body(\"n\").rules(&[g::Min(-1.5), g::Max(3.0)]);");
}

#[test]
fn metadata_has_codes_and_own_errors() {
    let mut get = endpoint("get", "Get");
    let differs = ErrorEntry {
        doc: Some("Only here".to_owned()),
        differs: true,
        ..error(400, Some((-7, "Bad")))
    };
    get.errors = vec![error(403, None), differs, error(400, Some((8, "Worse")))];
    let text = generated(&api(vec![get], Vec::new()));
    assert_has(
        &text,
        r#"errors: &[ g::DocumentedError::status(403, ""), g::DocumentedError::code(400, -7, "", "Only here"), ], catalog: super::errors::DOCUMENTED, codes: &[8],"#,
    );
}

#[test]
fn metadata_has_no_errors_without_documentation() {
    let text = generated(&api(vec![endpoint("get", "Get")], Vec::new()));
    assert_lacks(&text, ".errors(");
    assert_lacks(&text, ".codes(");
}

#[test]
fn ranged_download_has_range_field() {
    let mut get = endpoint("get", "Get");
    get.response = Response::Binary(Binary {
        ranges: true,
        ..Binary::default()
    });
    let text = generated(&api(vec![get], Vec::new()));
    assert_has(&text, "pub fn range(mut self, range: impl Into<g::ByteRange>) -> Self");
}

#[test]
fn download_limit_has_unit_and_bytes() {
    for (bytes, told) in [
        (104_857_600, "100 MiB (104857600 bytes)"),
        (2_147_483_648, "2 GiB (2147483648 bytes)"),
        (1_536, "1536 bytes"),
        (1_572_864, "1536 KiB (1572864 bytes)"),
        (1, "1 byte"),
        (0, "0 bytes"),
    ] {
        let mut get = endpoint("get", "Get");
        get.response = Response::Binary(Binary {
            max_bytes: Some(bytes),
            ..Binary::default()
        });
        let text = module(&api(vec![get], Vec::new()));
        assert_has(&text, &format!("The platform sends at most {told}."));
    }
}

#[test]
fn the_lifetime_is_a_constant() {
    let mut get = endpoint("get", "Get");
    get.lifetime = Some(Lifetime {
        of: "link".to_owned(),
        seconds: 600,
        since: None,
    });
    let text = generated(&api(vec![get], Vec::new()));
    assert_has(
        &text,
        "pub const LIFETIME: ::std::time::Duration = ::std::time::Duration::from_secs(600);",
    );
}

#[test]
fn deprecation_note_names_successor() {
    let mut get = endpoint("get", "Get");
    get.deprecated = Some(Deprecation {
        successor: Some("lingo.v1.file.download".to_owned()),
        reason: None,
    });
    let text = generated(&api(vec![get], Vec::new()));
    assert_has(&text, "#[deprecated(note = \"use lingo.v1.file.download\")]");
}

#[test]
fn deprecation_note_states_reason_once() {
    let mut get = endpoint("get", "Get");
    get.deprecated = Some(Deprecation {
        successor: Some("lingo.v1.file.download".to_owned()),
        reason: Some("It has moved".to_owned()),
    });
    let text = generated(&api(vec![get], Vec::new()));
    assert_has(
        &text,
        "#[deprecated(note = \"use lingo.v1.file.download: It has moved\")]",
    );
    assert_eq!(text.matches("It has moved").count(), 1);
}

/// What is written above this field of a request.
fn comment(field: Field) -> String {
    let get = Endpoint {
        fields: vec![field],
        ..endpoint("get", "Get")
    };
    let file = module(&api(vec![get], Vec::new()));
    let lines = file.lines().filter_map(|line| line.strip_prefix("    /// "));
    // Below the fields come the functions.
    lines
        .take_while(|line| !line.starts_with("Creates a request"))
        .collect()
}

#[test]
fn documents_scopes_of_field() {
    let scoped = |scopes: &[&str]| Field {
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        ..field("mail", Type::String)
    };
    assert_has(&comment(scoped(&["a:b"])), "Requires the scope `a:b`.");
    assert_has(
        &comment(scoped(&["a:b", "c:d"])),
        "Requires any of the scopes `a:b`, `c:d`.",
    );
}

#[test]
fn undocumented_field_states_key_once() {
    let renamed = |doc: Option<&str>| Field {
        rust: "open_id".to_owned(),
        doc: doc.map(str::to_owned),
        ..field("openId", Type::String)
    };
    assert_eq!(comment(renamed(None)), "The field `openId`.");
    assert_eq!(
        comment(renamed(Some("Id of the user."))),
        "Id of the user.`openId` on the wire."
    );
}

#[test]
fn functions_are_parted_by_an_empty_line() {
    let file = module(&api(vec![endpoint("get", "Get")], Vec::new()));
    assert!(file.contains("    }\n\n    /// Sends the request.\n"), "{file}");
}

/// A paginated request with these fields in its response.
fn paged(next: Field, more: Field) -> Api {
    let mut list_things = endpoint("list", "List");
    list_things.fields = vec![Field {
        place: Place::Query,
        ..field("page_token", Type::String)
    }];
    list_things.response = Response::Json {
        ty: TypeId(0),
        flat: false,
    };
    list_things.pagination = Some(Pagination {
        token: "page_token".to_owned(),
        next: "page_token".to_owned(),
        more: "has_more".to_owned(),
        items: "items".to_owned(),
        size: None,
    });
    let kind = TypeKind::Object(vec![field("items", list(Type::Int)), next, more]);
    api(vec![list_things], vec![type_def("ListResponse", kind, false, true)])
}

#[test]
fn next_page_uses_page_token() {
    let text = generated(&paged(field("page_token", Type::String), field("has_more", Type::Bool)));
    assert_has(
        &text,
        "pub fn next(&self, response: &ListResponse) -> g::Result<Option<Self>>",
    );
    assert_has(
        &text,
        r#"const KEYS: [&'static str; 3] = ["has_more", "page_token", "items"];"#,
    );
    assert_has(&text, "request.page_token = Some(token.to_owned());");
}

#[test]
fn pages_and_items_are_streams() {
    let api = paged(
        field("page_token", Type::String),
        required(field("has_more", Type::Bool)),
    );
    let text = generated(&api);
    assert_has(
        &text,
        "pub fn pages(self, client: &g::Client) -> g::pagination::Pages<List>",
    );
    assert_has(
        &text,
        "pub fn items(self, client: &g::Client) -> g::pagination::Items<List>",
    );
    assert_has(&text, "type Item = i64;");
    assert_has(&text, "Some(page.has_more),");
    assert_has(&text, "page.page_token.as_deref().unwrap_or_default()");
    assert_has(&module(&api), "/// let mut items = thing::List::new().items(&client);");
}

#[test]
fn rejects_pagination_without_list() {
    let mut api = paged(field("page_token", Type::String), field("has_more", Type::Bool));
    for key in ["rows", "has_more"] {
        let endpoint = &mut api.modules[0].endpoints[0];
        endpoint.pagination.as_mut().expect("it is paged").items = key.to_owned();
        let error = emit(&api).expect_err("not a list").to_string();
        assert!(error.contains(&format!("`{key}`")), "{error}");
    }
}

#[test]
fn rejects_pagination_by_missing_field() {
    let error = emit(&paged(field("page_token", Type::String), field("more", Type::Bool))).expect_err("no `has_more`");
    assert!(error.to_string().contains("`has_more`"), "{error}");
}

/// Endpoints with these names, all of which return `Thing`.
fn answering(names: &[(&str, &str)]) -> String {
    let endpoints = names.iter().map(|(name, rust)| Endpoint {
        response: Response::Json {
            ty: TypeId(0),
            flat: false,
        },
        ..endpoint(name, rust)
    });
    let kind = TypeKind::Object(Vec::new());
    module(&api(endpoints.collect(), vec![type_def("Thing", kind, false, true)]))
}

#[test]
fn documents_response_of_endpoint() {
    assert_has(
        &answering(&[("get", "Get")]),
        "/// The response of `demo.v1.thing.get`.",
    );
}

#[test]
fn shared_response_is_documented_as_object() {
    let text = answering(&[("get", "Get"), ("put", "Put")]);
    assert_has(&text, "/// The object `Thing`.");
    assert_eq!(text.matches("pub struct Thing").count(), 1);
}

#[test]
fn a_name_that_is_code_is_an_error() {
    for name in [
        "x; fn evil() {}",
        "x /* */",
        " x",
        "x\n",
        "r",
        "fn",
        "",
        "_",
        "1a",
        "a-b",
        "ｘ",
    ] {
        let result = emit(&api(
            vec![endpoint("get", "Get")],
            vec![type_def(name, TypeKind::Object(Vec::new()), true, true)],
        ));
        let taken = result.is_ok();
        assert_eq!(taken, name == "r", "{name:?}");
    }
}

#[test]
fn rejects_module_outside_directory() {
    for part in ["..", "a/b", "", "A", "mod.rs"] {
        let mut api = api(vec![endpoint("get", "Get")], Vec::new());
        part.clone_into(&mut api.modules[0].project);
        assert!(matches!(emit(&api), Err(EmitError::Identifier { .. })), "{part:?}");
    }
}

fn assert_no_project(name: &str) {
    let mut api = api(vec![endpoint("get", "Get")], Vec::new());
    name.clone_into(&mut api.modules[0].project);
    let refused = matches!(emit(&api), Err(EmitError::ReservedProject { .. }));
    assert!(refused, "`{name}` has to be in names/reserved.rs");
}

#[test]
fn sdk_module_names_are_reserved() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/lib.rs");
    let root = std::fs::read_to_string(root).expect("the SDK's root");
    for item in syn::parse_file(&root).expect("Rust").items {
        if let syn::Item::Mod(module) = item {
            assert_no_project(&module.ident.to_string());
        }
    }
}

#[test]
fn rejects_project_named_default() {
    assert_no_project("default");
}

#[test]
fn rejects_two_modules_with_one_file() {
    let mut api = api(vec![endpoint("get", "Get")], Vec::new());
    let second = Module {
        source: "spec/demo/v1/THING.yaml".to_owned(),
        ..api.modules[0].clone()
    };
    api.modules.push(second);
    let message = emit(&api).expect_err("both are thing.rs").to_string();
    assert!(
        message.starts_with("spec/demo/v1/thing.yaml and spec/demo/v1/THING.yaml"),
        "{message}"
    );
}

#[test]
fn rejects_infinite_bound() {
    let bounds = Bounds {
        max: Some(f64::INFINITY),
        ..Bounds::default()
    };
    let mut get = endpoint("get", "Get");
    get.fields = vec![Field {
        bounds,
        ..field("size", Type::Float)
    }];
    let message = emit(&api(vec![get], Vec::new())).expect_err("no bound").to_string();
    assert!(
        message.starts_with("the field `size` of demo.v1.thing.get"),
        "{message}"
    );
}

#[test]
fn rejects_type_that_requires_itself() {
    let inner = Field {
        boxed: true,
        ..required(field("inner", Type::Named(TypeId(0))))
    };
    let mut put = endpoint("put", "Put");
    put.fields = vec![required(field("thing", Type::Named(TypeId(0))))];
    let result = emit(&api(
        vec![put],
        vec![type_def("Thing", TypeKind::Object(vec![inner]), true, false)],
    ));
    assert!(matches!(result, Err(EmitError::RecursiveType { .. })));
}
