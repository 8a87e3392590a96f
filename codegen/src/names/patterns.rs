//! What names and literals of a spec may look like.

/// `[a-z][a-z0-9_]*`: projects, methods, names of errors and enum values.
pub fn is_snake(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// `[A-Z][A-Za-z0-9]*`: types.
pub fn is_camel(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// `v` and digits.
pub fn is_version(text: &str) -> bool {
    text.strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
}

/// Snake-case words with dots between them: `app.table.record`.
pub fn is_resource(text: &str) -> bool {
    text.split('.').all(is_snake)
}

/// `project.version.resource.method`.
pub fn is_endpoint_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() >= 4 && is_version(parts[1]) && parts.iter().all(|part| is_snake(part))
}

/// `contact:user.employee_id:readonly`.
pub fn is_scope(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-'))
}

/// A token of HTTP.
pub fn is_header_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

/// An https address in ASCII without what Markdown or HTML could take for its own.
pub fn is_docs_url(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric())
            && rest
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._~/?#=&%:+@".contains(c))
    })
}
