//! A spec of any size, in the proportions of the platform's pages.
//!
//! Of its 1,600 endpoints the median has eight in a resource. Each has a parameter in the path, some in the query or a
//! nested body, a response with a type that the resource shares and an enum of its own, and a handful of errors.

use std::fmt::Write as _;

use larkspur_codegen::Source;

/// How many endpoints a file has.
const ENDPOINTS_PER_FILE: usize = 8;

/// How many files share a project and version, and its `types.yaml`.
const FILES_PER_PROJECT: usize = 12;

/// How many types the endpoints of a file share.
const TYPES_PER_FILE: usize = 4;

/// A spec of so many endpoints.
pub fn spec(endpoints: usize) -> Source {
    let files = endpoints.div_ceil(ENDPOINTS_PER_FILE);
    let mut source = Source::new();
    for file in 0..files {
        let first = file * ENDPOINTS_PER_FILE;
        let count = ENDPOINTS_PER_FILE.min(endpoints - first);
        source.add(path(file), text(file, count));
    }
    for project in 0..files.div_ceil(FILES_PER_PROJECT) {
        source.add(format!("spec/project{project}/v1/types.yaml"), shared());
    }
    source
}

/// Where the file of that number stands.
pub fn path(file: usize) -> String {
    format!("spec/project{}/v1/resource{file}.yaml", file / FILES_PER_PROJECT)
}

/// The text of a file with so many endpoints.
pub fn text(file: usize, endpoints: usize) -> String {
    let mut text = format!("doc: Resource {file} of a project.\n\nendpoints:\n");
    for endpoint in 0..endpoints {
        match endpoint % 4 {
            0 => list(&mut text, file, endpoint),
            1 => get(&mut text, file, endpoint),
            2 => create(&mut text, file, endpoint),
            _ => download(&mut text, file, endpoint),
        }
        errors(&mut text);
    }
    text.push_str("types:\n");
    for index in 0..TYPES_PER_FILE {
        object(&mut text, index);
    }
    text
}

fn head(text: &mut String, file: usize, endpoint: usize, method: &str, tail: &str) {
    let _ = write!(
        text,
        r"  method_{endpoint}:
    summary: Do what method {endpoint} does to one resource of the kind {file}.
    docs: https://open.feishu.cn/document/server-docs/docs/project/resource{file}/method_{endpoint}
    updated: 2025-02-20
    http: {method} /open-apis/project/v1/resource{file}/:resource_id/method_{endpoint}{tail}
    tokens: [tenant, user]
    apps: [custom, store]
    scopes: [project:resource, project:resource:readonly, project:resource.meta:readonly]
    limits: [special, 5/second, 1000/minute]
    path:
      resource_id: {{ type: string, required: true, doc: Token of the resource., example: boxcnabCdefgabcef, max_length: 27 }}
"
    );
}

fn list(text: &mut String, file: usize, endpoint: usize) {
    head(text, file, endpoint, "GET", "");
    text.push_str(
        r#"    query:
      page_token: { type: string, doc: Token of the page to return. }
      page_size: { type: int, min: 1, max: 200, default: 20, doc: How many items a page has. }
      order_by: { type: string, enum: [created, edited, size], doc: What to sort by. }
      ids: { type: "[string]", max_items: 50, doc: Only these. }
      user_id_type: { type: UserIdType, doc: Type of user ids to return. }
    response:
      items: { type: "[Thing0]", doc: What there is on this page. }
      page_token: { type: string, doc: Mark of the next page. }
      has_more: { type: bool, doc: Whether there is a next page. }
    pagination: {}
"#,
    );
}

fn get(text: &mut String, file: usize, endpoint: usize) {
    head(text, file, endpoint, "GET", "");
    text.push_str(
        r#"    response:
      thing: { type: Thing1, required: true, doc: The thing itself. }
      state: { type: string, enum: [open, closed, { value: "2", name: paused, doc: Stopped for a while. }] }
      history: { type: "[Thing2]", doc: What it was before. }
      labels: { type: "{string: string}", doc: Names for people by language. }
      extra: { type: any, doc: Whatever else there is. }
"#,
    );
}

fn create(text: &mut String, file: usize, endpoint: usize) {
    head(text, file, endpoint, "POST", "");
    text.push_str(
        r#"    query:
      user_id_type: { type: UserIdType, doc: Which ids of people are meant. }
    body:
      name: { type: string, required: true, min_length: 1, max_length: 250, doc: Name of the thing., example: Report }
      size: { type: int, required: true, min: 0, max: 20971520, doc: Size in bytes., example: 1024 }
      kind: { type: int, enum: [{ value: 1, name: folder }, { value: 2, name: document }], doc: What it is. }
      thing: { type: Thing3, doc: All that is known of it. }
      filter:
        type: object
        doc: Which of them.
        fields:
          conjunction: { type: string, required: true, enum: [and, or], doc: How the conditions go together. }
          conditions:
            type: "[object]"
            max_items: 20
            doc: What each of them has.
            fields:
              field_name: { type: string, required: true, max_length: 100, doc: Name of the field. }
              value: { type: "[string]", max_items: 10, doc: What it has to be. }
    response:
      thing: { type: Thing0, required: true, doc: The created thing. }
      task_id: { type: string, doc: Where to ask how far it is. }
"#,
    );
}

fn download(text: &mut String, file: usize, endpoint: usize) {
    head(text, file, endpoint, "GET", "/download");
    text.push_str(
        r"    query:
      extra: { type: string, max_length: 1000, doc: What the platform requires with advanced permissions. }
    response: binary
    download: { ranges: true, max_bytes: 100 MB }
",
    );
}

fn errors(text: &mut String) {
    text.push_str("    errors:\n");
    for (index, name) in [
        "invalid_params",
        "no_permission",
        "not_found",
        "too_large",
        "busy",
        "internal",
    ]
    .iter()
    .enumerate()
    {
        let _ = writeln!(
            text,
            "      - {{ http: {}, code: {}, msg: {name} error., name: {name}, doc: What to look at then. }}",
            400 + index,
            1_061_002 + index,
        );
    }
    text.push('\n');
}

/// An object of the proportions of the platform's: mostly text, some numbers, something nested.
fn object(text: &mut String, index: usize) {
    let _ = writeln!(
        text,
        "  Thing{index}:\n    doc: A thing of the kind {index}.\n    fields:"
    );
    for field in 0..4 {
        let _ = writeln!(
            text,
            "      text_{field}: {{ type: string, doc: Text number {field} of the thing. }}"
        );
    }
    text.push_str(
        r#"      count: { type: int, doc: How many there are. }
      visible: { type: bool, doc: Whether anybody sees it. }
      owner: { type: Person, doc: Whose it is. }
      tags: { type: "[string]", doc: What it is about. }
"#,
    );
    if index > 0 {
        let _ = writeln!(
            text,
            "      parts: {{ type: \"[Thing{}]\", doc: What it is made of. }}",
            index - 1
        );
    }
}

/// What the resources of a project share.
fn shared() -> &'static str {
    r"doc: What the resources share.

types:
  UserIdType:
    doc: Which ids of people are meant.
    enum: [open_id, union_id, user_id]
  Person:
    doc: Somebody.
    fields:
      id: { type: string, doc: Id of the person. }
      name: { type: string, doc: What they are called. }
      email: { type: string, doc: Where to write to. }
"
}
