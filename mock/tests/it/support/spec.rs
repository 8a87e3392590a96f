//! A spec for tests, with features that no documented endpoint uses.

use larkspur_codegen::Source;
use larkspur_mock::{Builder, Mock};

const NOTES: &str = r#"
doc: Notes, for tests.

endpoints:
  list:
    http: GET /open-apis/test/v1/notes
    tokens: [tenant]
    apps: [custom]
    scopes: [test:note]
    limits: [2/second, 3/minute]
    query:
      page_size: { type: int, min: 1, max: 50 }
      page_token: { type: string }
      order: { type: string, enum: [newest, oldest] }
    response:
      items: { type: "[Note]" }
      page_token: { type: string }
      has_more: { type: bool }
    pagination: {}

  create:
    http: POST /open-apis/test/v1/notes
    tokens: [user]
    apps: [custom]
    scopes: []
    limits: []
    headers:
      X-Trace: { type: string, required: true }
    query:
      notify: { type: bool }
    body:
      title: { type: string, required: true, min_length: 2, max_length: 5 }
      weight: { type: float, min: 0.5, max: 2 }
      secret: { type: string, secret: true, max_length: 3 }
      labels: { type: "[string]", max_items: 2 }
      author: { type: Person }
      counts: { type: "{string: int}" }
      bits: { type: int, flags: [{ value: 1, name: one }, { value: 4, name: four }] }
      code: { type: string, pattern: "^[a-z]{2}$" }
      due: { type: string, format: seconds }
      remind: { type: string, format: rfc3339 }
    response:
      created: { type: string, format: milliseconds, required: true }
      note: { type: Note, required: true }

  archive:
    http: POST /open-apis/test/v1/notes/change
    host: www
    tokens: [tenant]
    query: { view: { fixed: full } }
    body: { action: { fixed: archive } }
    response: { archived: { type: bool, required: true } }

  restore:
    http: POST /open-apis/test/v1/notes/change
    tokens: [tenant]
    body: { action: { fixed: restore }, level: { fixed: 2 } }
    response: { restored: { type: bool, required: true } }

  upload:
    http: POST /open-apis/test/v1/notes/:note_id/files
    tokens: [app]
    apps: [custom]
    scopes: []
    limits: []
    path:
      note_id: { type: string, required: true }
    multipart:
      file_name: { type: string, required: true }
      size: { type: int, required: true, max: 100 }
      file: { type: file, required: true }

  delete:
    http: DELETE /open-apis/test/v1/notes/:note_id
    tokens: []
    apps: [custom]
    scopes: []
    limits: []
    path:
      note_id: { type: string, required: true }

  latest:
    http: GET /open-apis/test/v1/notes/latest
    tokens: []
    apps: [custom]
    scopes: []
    limits: []
    response:
      note: { type: Note }

  get:
    http: GET /open-apis/test/v1/notes/:note_id
    tokens: []
    apps: [custom]
    scopes: []
    limits: []
    path:
      note_id: { type: string, required: true }
    response: binary
    download:
      max_bytes: 8
    errors:
      - 777

types:
  Note:
    fields:
      note_id: { type: string, required: true, example: note }
      title: { type: string, min_length: 12 }
      priority: { type: string, enum: [low, high] }
      stars: { type: int, min: 3, max: 5 }
      author: { type: Person }
      comments: { type: "[Note]" }
  Person:
    fields:
      name: { type: string, required: true, example: Ada }
      age: { type: int }
"#;

/// Returns a spec with twelve types that each have a field of every other type. A complete response would have more objects
/// than there are permutations of the types.
pub fn entangled() -> Source {
    const TYPES: usize = 12;
    let mut text = String::from(
        "endpoints:\n  get:\n    http: GET /open-apis/test/v1/knots\n    tokens: []\n    response:\n      knot: { type: Knot0, required: true }\n      last: { type: string, required: true }\ntypes:\n",
    );
    for knot in 0..TYPES {
        text.push_str(&format!(
            "  Knot{knot}:\n    fields:\n      id: {{ type: string, required: true }}\n"
        ));
        for other in 0..TYPES {
            text.push_str(&format!("      knot{other}: {{ type: Knot{other} }}\n"));
        }
    }
    let mut source = Source::new();
    source.add("spec/test/v1/knot.yaml", text);
    source
}

/// Returns the source of the spec for tests.
pub fn source() -> Source {
    let mut source = Source::new();
    source.add("spec/test/v1/note.yaml", NOTES);
    source.add(
        "spec/test/v1/errors.yaml",
        "errors: { 777: { http: 400, msg: The size exceeds the limit., name: too_large } }",
    );
    source
}

/// Returns a builder with the spec for tests.
pub fn notes() -> Builder {
    Mock::builder().spec(source())
}
