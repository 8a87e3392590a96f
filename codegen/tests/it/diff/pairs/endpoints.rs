use crate::diff::pair::Pair;

const REMOVE: &str = "
  remove:
    http: DELETE /open-apis/demo/v1/things/:thing_id
    path:
      thing_id: { type: string, required: true }
    deprecated: { reason: Things stay. }
";
const UNDEPRECATED: (&str, &str) = ("    deprecated: { reason: Things stay. }\n", "");
const ADDED: &str = "\
endpoints:
  count:
    http: GET /open-apis/demo/v1/things
";
const PAGES: &str = "    pagination: {}\n";
const REMOVES: &str = "fn request() -> Remove { Remove::new(\"thing\") }";

pub const PAIRS: &[Pair] = &[
    Pair::new("endpoint-added", &[("endpoints:\n", ADDED)]),
    Pair::new(
        "endpoint-removed",
        &[(
            "
  remove:
    http: DELETE /open-apis/demo/v1/things/:thing_id
    path:
      thing_id: { type: string, required: true }
",
            "",
        )],
    )
    .before(&[UNDEPRECATED])
    .user(REMOVES),
    Pair::new("deprecated-endpoint-removed", &[(REMOVE, "")]).user(REMOVES),
    Pair::new("endpoint-renamed", &[("  remove:\n", "  delete:\n")]).user(REMOVES),
    Pair::new(
        "request-type-renamed",
        &[("  remove:\n", "  remove:\n    rust: Delete\n")],
    )
    .user(REMOVES),
    Pair::new("method-changed", &[("http: POST", "http: PUT")]),
    Pair::new(
        "path-changed",
        &[("/shelves/:shelf_id/find", "/shelves/:shelf_id/search")],
    ),
    Pair::new("body-kind-changed", &[("    body:\n", "    multipart:\n")])
        .before(&[
            ("      filter: { type: Filter }\n", "      note: { type: string }\n"),
            FILTER,
        ])
        .user("fn find() -> Find { Find::new(\"shelf\", \"name\", 3) }"),
    Pair::new(
        "required-header-changed",
        &[("fixed: zh,", "fixed: en, required: true,")],
    ),
    Pair::new("fixed-header-changed", &[("fixed: zh", "fixed: en")]),
    Pair::new("host-changed", &[("    summary:", "    host: www\n    summary:")]),
    Pair::new(
        "fixed-field-changed",
        &[("    body:\n", "    body:\n      kind: { fixed: shelf }\n")],
    ),
    Pair::new("fixed-field-changed", &[("fixed: shelf", "fixed: box")])
        .before(&[("    body:\n", "    body:\n      kind: { fixed: shelf }\n")]),
    Pair::new(
        "pagination-added",
        &[("    lifetime", "    pagination: {}\n    lifetime")],
    )
    .before(&[(PAGES, "")])
    .user("fn request(response: &FindResponse) -> Option<&String> { response.page_token.as_ref() }"),
    Pair::new("pagination-changed", &[(PAGES, "    pagination: { next: owner }\n")]),
    Pair::new("pagination-changed", &[(PAGES, "    pagination: { items: rows }\n")]).before(&[(
        "      items: { type: \"[Thing]\" }\n",
        "      items: { type: \"[Thing]\" }\n      rows: { type: \"[string]\" }\n",
    )]),
    Pair::new("pagination-removed", &[(PAGES, "")])
        .user("fn request(find: Find, response: &FindResponse) -> Option<Find> { find.next(response).ok().flatten() }"),
    Pair::new(
        "endpoint-deprecated",
        &[(
            "    summary:",
            "    deprecated: { successor: demo.v1.thing.fetch }\n    summary:",
        )],
    ),
    Pair::new("endpoint-undeprecated", &[UNDEPRECATED]),
    Pair::new("source-changed", &[("    summary:", "    source: sdk\n    summary:")]),
    Pair::new("docs-changed", &[("Find things.", "Find some things.")]),
];

const FILTER: (&str, &str) = (
    "  Filter:
    fields:
      colour: { type: string, required: true }
      depth: { type: int }
      label: { type: Label }
",
    "",
);
