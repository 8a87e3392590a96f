//! The headings of the parts of a page.

pub(super) const REQUEST: &[&str] = &["请求", "Request"];
pub(super) const PATH: &[&str] = &["路径参数", "Path parameters", "Path parameter"];
pub(super) const QUERY: &[&str] = &["查询参数", "Query parameters", "Query parameter"];
pub(super) const HEADERS: &[&str] = &["请求头", "Request header", "Request headers"];
pub(super) const BODY: &[&str] = &["请求体", "Request body"];
/// Of old pages: the query of a GET, the body of others.
pub(super) const PARAMETERS: &[&str] = &["请求参数", "Request parameters"];
pub(super) const RANGES: &[&str] = &["部分下载", "Partial download"];
pub(super) const RESPONSE: &[&str] = &["响应", "Response"];
pub(super) const RESPONSE_BODY: &[&str] = &["响应体", "Response body"];
pub(super) const RESPONSE_HEADERS: &[&str] = &["响应头", "Response header", "Response headers"];
pub(super) const ERRORS: &[&str] = &["错误码", "Error code", "Error codes"];
pub(super) const STATUSES: &[&str] = &["状态码", "Status code", "Status codes"];
pub(super) const REQUEST_EXAMPLE: &[&str] = &["请求体示例", "Request body example"];
pub(super) const RESPONSE_EXAMPLE: &[&str] = &[
    "响应体示例",
    "响应示例",
    "返回示例",
    "Response body example",
    "Response example",
];

/// Those whose tables are read.
pub(super) const WITH_TABLES: &[&[&str]] = &[
    REQUEST,
    PATH,
    QUERY,
    HEADERS,
    BODY,
    PARAMETERS,
    RANGES,
    RESPONSE_BODY,
    RESPONSE_HEADERS,
    ERRORS,
    STATUSES,
];

/// Headings that hold nothing which is read, and part what is.
pub(super) const OTHERS: &[&str] = &[
    "前提条件",
    "使用限制",
    "注意事项",
    "使用说明",
    "请求示例",
    "相关问题",
    "后续操作",
    "Prerequisites",
    "Prerequisite",
    "Limits",
    "Usage limits",
    "Precautions",
    "Notes",
    "Request example",
    "Related questions",
    "FAQs",
];

/// Whether a line is a heading of a page that has lost its marks.
pub(super) fn is_known(line: &str) -> bool {
    let is = |titles: &&[&str]| titles.iter().any(|title| title.eq_ignore_ascii_case(line));
    let known: [&[&str]; 4] = [RESPONSE, REQUEST_EXAMPLE, RESPONSE_EXAMPLE, OTHERS];
    WITH_TABLES.iter().chain(&known).any(is)
}
