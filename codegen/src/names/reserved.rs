//! Names that Rust, generated code or the SDK reserve.

/// Strict and reserved keywords of edition 2024, and `_`.
const KEYWORDS: &[&str] = &[
    "Self", "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Methods and fields that generated types have themselves, or that a setter must not hide.
const MEMBERS: &[&str] = &["clone", "new", "next", "poll", "range", "send", "unknown", "wait"];

/// Methods that requests have whose answers come in pages. Elsewhere they are names like any other, and common ones.
const PAGED: &[&str] = &["items", "pages"];

/// Types of the prelude that generated code names without a path.
const TYPES: &[&str] = &[
    "Box",
    "Default",
    "Err",
    "FnMut",
    "From",
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

/// What a project cannot be called: the module `catalog` and the modules of the SDK stand beside the
/// projects, and would hide one of their name; a feature `default` would be there twice.
const PROJECTS: &[&str] = &[
    "authentication",
    "byte_stream",
    "catalog",
    "client",
    "default",
    "digest",
    "documents",
    "download",
    "dynamic",
    "endpoint",
    "envelope",
    "error",
    "failure",
    "generated",
    "interceptor",
    "larkspur",
    "login",
    "pages",
    "pagination",
    "polling",
    "range",
    "rate_limit",
    "redis",
    "retry",
    "secret",
    "store",
    "temporary_links",
    "tickets",
    "together",
    "transport",
    "upload",
    "wire",
];

/// Whether the language keeps this word for itself.
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Whether every generated request or response has, or may get, a method or field of this name.
pub fn is_reserved_member(name: &str) -> bool {
    MEMBERS.contains(&name)
}

/// Whether a request whose answers come in pages has a method of this name.
pub fn is_reserved_if_paged(name: &str) -> bool {
    PAGED.contains(&name)
}

/// Whether generated code uses a type of this name from the prelude.
pub fn is_reserved_type(name: &str) -> bool {
    TYPES.contains(&name)
}

/// Whether every generated enum has, or cannot have, a variant of this name.
pub fn is_reserved_variant(name: &str) -> bool {
    matches!(name, "Self" | "Unrecognized")
}

/// Whether the SDK has a module, or its manifest a feature, of this name that is no project.
pub fn is_reserved_project(name: &str) -> bool {
    PROJECTS.contains(&name)
}
