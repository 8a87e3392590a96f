//! Small parts of an `Api`, made by hand.
#![allow(dead_code, reason = "each test uses some of these")]

pub mod any_spec;
pub mod examples;
pub mod outside;
pub mod pages;
pub mod repository;

use larkspur_codegen::model::*;

/// An optional body field without further properties.
pub fn field(key: &str, ty: Type) -> Field {
    Field {
        key: key.to_owned(),
        rust: key.to_owned(),
        place: Place::Body,
        ty,
        required: false,
        secret: false,
        boxed: false,
        doc: None,
        example: None,
        default: None,
        bounds: Bounds::default(),
        pattern: None,
        time: None,
        of_file: None,
        scopes: Vec::new(),
        deprecated: None,
        source: None,
        origin: Origin::default(),
    }
}

/// The same field, required.
pub fn required(field: Field) -> Field {
    Field {
        required: true,
        ..field
    }
}

/// An endpoint `demo.v1.thing.<name>` without fields and with an empty response.
pub fn endpoint(name: &str, rust: &str) -> Endpoint {
    Endpoint {
        keys: Vec::new(),
        id: format!("demo.v1.thing.{name}"),
        name: name.to_owned(),
        rust: rust.to_owned(),
        summary: None,
        docs: None,
        updated: None,
        method: Method::Get,
        path: format!("/open-apis/demo/v1/things/{name}"),
        source: None,
        token_sources: Vec::new(),
        host: PlatformHost::Open,
        tokens: Some(vec![TokenKind::Tenant]),
        apps: Vec::new(),
        scopes: None,
        field_scopes: Vec::new(),
        abilities: Vec::new(),
        limits: None,
        fixed_headers: Vec::new(),
        fixed_fields: Vec::new(),
        fields: Vec::new(),
        body: Body::None,
        idempotency: None,
        repeatable: false,
        response: Response::Empty,
        oauth: false,
        errors: Vec::new(),
        pagination: None,
        poll: None,
        task_state: None,
        upload: None,
        lifetime: None,
        deprecated: None,
        notes: Vec::new(),
        origin: Origin::default(),
    }
}

/// A documented error: a code with its variant, or a status.
pub fn error(http: u16, code: Option<(i64, &str)>) -> ErrorEntry {
    ErrorEntry {
        http,
        code: code.map(|(code, _)| code),
        msg: None,
        rust: code.map(|(_, rust)| rust.to_owned()),
        doc: None,
        retry: false,
        differs: code.is_none(),
        origin: Origin::default(),
    }
}

/// A type of the first module.
pub fn type_def(rust: &str, kind: TypeKind, in_request: bool, in_response: bool) -> TypeDef {
    TypeDef {
        flags: false,
        module: 0,
        rust: rust.to_owned(),
        doc: None,
        kind,
        is_named: true,
        in_request,
        in_response,
        origin: Origin::default(),
    }
}

/// The one module `demo.v1.thing` with these endpoints and types.
pub fn api(endpoints: Vec<Endpoint>, types: Vec<TypeDef>) -> Api {
    let module = Module {
        project: "demo".to_owned(),
        version: "v1".to_owned(),
        resource: "thing".to_owned(),
        rust: "thing".to_owned(),
        source: "spec/demo/v1/thing.yaml".to_owned(),
        doc: None,
        endpoints,
        errors: Vec::new(),
        types: (0..types.len()).map(TypeId).collect(),
    };
    Api {
        modules: vec![module],
        types,
    }
}
