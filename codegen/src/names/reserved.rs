//! Names that Rust, generated code or the SDK reserve.

/// Strict and reserved keywords of edition 2024, and `_`.
const KEYWORDS: &[&str] = &[
    "Self", "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Methods and fields of generated types, or methods that a setter must not hide.
const MEMBERS: &[&str] = &["clone", "new", "next", "poll", "range", "send", "unknown", "wait"];

/// Methods of paginated requests; ordinary names elsewhere.
const PAGINATION_METHODS: &[&str] = &["items", "pages"];

/// Prelude types that generated code uses without a path.
const TYPES: &[&str] = &[
    "Box",
    "Default",
    "Err",
    "FnMut",
    "From",
    "Future",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Result",
    "Self",
    "Some",
    "String",
    "Vec",
];

/// Names that a project cannot have: `catalog`, `types` and the modules of the SDK are siblings of the project modules, and
/// `default` is a feature already.
const PROJECTS: &[&str] = &[
    "__private",
    "authentication",
    "byte_stream",
    "call",
    "catalog",
    "client",
    "default",
    "documents",
    "download",
    "dynamic",
    "endpoint",
    "error",
    "generated",
    "generated_code",
    "interceptor",
    "larkspur",
    "pages",
    "pagination",
    "polling",
    "range",
    "rate_limit",
    "retry",
    "sampling",
    "secret",
    "store",
    "temporary_links",
    "transfer",
    "transport",
    "types",
    "upload",
    "upload_source",
    "wire",
];

/// Returns whether this is a Rust keyword.
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Returns whether generated requests or responses reserve this name for a method or field.
pub fn is_reserved_member(name: &str) -> bool {
    MEMBERS.contains(&name)
}

/// Returns whether paginated requests have a method of this name.
pub fn is_reserved_if_paged(name: &str) -> bool {
    PAGINATION_METHODS.contains(&name)
}

/// Returns whether generated code uses a prelude type of this name.
pub fn is_reserved_type(name: &str) -> bool {
    TYPES.contains(&name)
}

/// Returns whether generated enums reserve, or Rust forbids, a variant of this name.
pub fn is_reserved_variant(name: &str) -> bool {
    matches!(name, "Self" | "Unrecognized")
}

/// Returns whether this is a module or feature of the SDK other than a project.
pub fn is_reserved_project(name: &str) -> bool {
    PROJECTS.contains(&name)
}
