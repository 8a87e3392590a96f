use crate::diff::pair::Pair;

const TOTAL: &str = "      total: { type: int, required: true }\n";
const READS_TOTAL: &str = "fn total(response: FindResponse) -> i64 { response.total }";
const OWNER: &str = "owner: { type: string, max_length: 20 }";
const READS_OWNER: &str = "fn owner(response: FindResponse) -> Option<String> { response.owner }";
const STATE: &str = "state: { type: string, enum: [open, closed] }";
const IS_OPEN: &str = "fn open(state: FindResponseState) -> bool { state == FindResponseState::Open }";
const BYTES: &str = "    response: binary
    download:
      ranges: true
      max_bytes: 1000
      headers:
        content-type: { doc: MIME type. }
";
const EXTENDED: &str = "lifetime: { of: result, seconds: 60 }";
const EXPLAINS: &str = "fn is_bad(code: ErrorCode) -> bool { code == ErrorCode::BadThing }";

pub const PAIRS: &[Pair] = &[
    Pair::new("response-kind-changed", &[(BYTES, "    response:\n      size: { type: int }\n")])
        .user("async fn fetch(client: &larkspur::Client) -> larkspur::Result<larkspur::ByteStream> { Fetch::new(\"a\").send(client).await }"),
    Pair::new(
        "response-body-added",
        &[("    deprecated: {", "    response:\n      size: { type: int }\n    deprecated: {")],
    )
    .user("async fn remove(client: &larkspur::Client) -> larkspur::Result<()> { Remove::new(\"a\").send(client).await }"),
    Pair::new("envelope-changed", &[("    pagination: {}", "    envelope: flat\n    pagination: {}")]),
    Pair::new("failure-form-changed", &[("envelope: flat", "envelope: oauth")])
        .before(&[("    pagination: {}", "    envelope: flat\n    pagination: {}")]),
    Pair::new("response-field-removed", &[(TOTAL, "")]).user(READS_TOTAL),
    Pair::new("field-renamed", &[("      total: {", "      totals: {")]).user(READS_TOTAL),
    Pair::new("response-field-added", &[(TOTAL, "      total: { type: int, required: true }\n      pages: { type: int }\n")]),
    Pair::new("response-field-became-optional", &[(TOTAL, "      total: { type: int }\n")]).user(READS_TOTAL),
    Pair::new("response-field-became-required", &[(OWNER, "owner: { type: string, required: true, max_length: 20 }")])
        .user(READS_OWNER),
    Pair::new("response-list-became-optional", &[("parts: { type: \"[string]\", required: true }", "parts: { type: \"[string]\" }")]),
    Pair::new("response-list-became-required", &[("tags: { type: \"[string]\" }", "tags: { type: \"[string]\", required: true }")]),
    Pair::new("response-type-narrowed", &[("total: { type: float", "total: { type: int")])
        .before(&[("total: { type: int", "total: { type: float")])
        .user("fn total(response: FindResponse) -> f64 { response.total }"),
    Pair::new("response-type-narrowed", &[("owner: { type: string }", "owner: { type: string, enum: [me, you] }")])
        .before(&[(OWNER, "owner: { type: string }")])
        .user(READS_OWNER),
    Pair::new("response-type-widened", &[("total: { type: int", "total: { type: float")]).user(READS_TOTAL),
    Pair::new("response-type-widened", &[(STATE, "state: { type: string }")])
        .user("fn state(response: FindResponse) -> Option<FindResponseState> { response.state }"),
    Pair::new("response-type-changed", &[("total: { type: int", "total: { type: string")]).user(READS_TOTAL),
    Pair::new("response-bound-looser", &[("max_length: 20", "max_length: 30")]),
    Pair::new("response-bound-tighter", &[("max_length: 20", "max_length: 10")]),
    Pair::new("response-enum-value-removed", &[("[open, closed]", "[closed]")]).user(IS_OPEN),
    Pair::new("response-enum-value-added", &[("[open, closed]", "[open, closed, lost]")]),
    Pair::new("response-header-removed", &[("      headers:\n        content-type: { doc: MIME type. }\n", "")]),
    Pair::new(
        "response-header-added",
        &[("content-type: { doc: MIME type. }", "content-type: { doc: MIME type. }\n        etag: { doc: Version. }")],
    ),
    Pair::new("ranges-removed", &[("      ranges: true\n", "")])
        .user("fn first(fetch: Fetch) -> Fetch { fetch.range(0..10) }"),
    Pair::new("ranges-added", &[("      max_bytes", "      ranges: true\n      max_bytes")])
        .before(&[("      ranges: true\n", "")])
        .user("fn fetch() -> Fetch { Fetch::new(\"a\") }"),
    Pair::new("download-size-raised", &[("max_bytes: 1000", "max_bytes: 2000")]),
    Pair::new("download-size-lowered", &[("max_bytes: 1000", "max_bytes: 500")]),
    Pair::new("error-added", &[("    errors:\n", "    errors:\n      - 1\n")]),
    Pair::new("error-removed", &[("      - { http: 404 }\n", "")]),
    Pair::new("error-code-added", &[("  1001: {", "  1002: { http: 400, msg: worse }\n  1001: {")]),
    Pair::new("error-code-removed", &[
        ("      - 1001\n", ""),
        ("  1001: { http: 400, msg: bad thing, name: bad_thing }\n", ""),
    ])
    .also(&["error-removed"])
    .user(EXPLAINS),
    Pair::new("error-renamed", &[("name: bad_thing", "name: worse_thing")]).user(EXPLAINS),
    Pair::new("error-status-changed", &[("1001: { http: 400", "1001: { http: 403")]),
    Pair::new("error-status-changed", &[("      - 1001\n", "      - { code: 1001, http: 403 }\n")]),
    Pair::new("error-retry-changed", &[("name: bad_thing", "name: bad_thing, retry: true")]),
    Pair::new("lifetime-added", &[("    errors:\n", "    lifetime: { of: result, seconds: 60 }\n    errors:\n")])
        .before(&[("    lifetime: { of: result, seconds: 60 }\n", "")])
        .user(READS_TOTAL),
    Pair::new("lifetime-removed", &[("    lifetime: { of: result, seconds: 60 }\n", "")])
        .user("const LIVES: std::time::Duration = Find::LIFETIME;"),
    Pair::new("lifetime-shortened", &[(EXTENDED, "lifetime: { of: result, seconds: 30 }")]),
    Pair::new("lifetime-extended", &[(EXTENDED, "lifetime: { of: result, seconds: 90 }")]),
];
