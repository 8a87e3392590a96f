//! From the platform's names to Rust's.
//!
//! Whatever leaves this module as an identifier is ASCII, is no keyword and needs no escaping.

mod near;
mod patterns;
mod reserved;

use heck::{ToSnakeCase, ToUpperCamelCase};

pub use near::nearest;
pub use patterns::{
    is_camel, is_docs_url, is_endpoint_id, is_header_name, is_resource, is_scope, is_snake, is_version,
};
pub use reserved::{
    is_keyword, is_reserved_if_paged, is_reserved_member, is_reserved_project, is_reserved_type, is_reserved_variant,
};

/// The Rust field and setter for a key: snake_case, `n` before a leading digit, `_` after a keyword
/// or after a name that generated code has in use. `None` where nothing of the key can stay.
pub fn member(key: &str) -> Option<String> {
    let name = ascii(key).to_snake_case();
    let name = lead('n', name)?;
    if is_keyword(&name) || is_reserved_member(&name) {
        Some(format!("{name}_"))
    } else {
        Some(name)
    }
}

/// The Rust module for a resource: dots become underscores, a keyword gets `_` at its end.
pub fn module(resource: &str) -> String {
    let name = resource.replace('.', "_");
    if is_keyword(&name) { format!("{name}_") } else { name }
}

/// CamelCase with `N` before a leading digit. `None` where nothing of the key can stay.
pub fn camel(key: &str) -> Option<String> {
    lead('N', ascii(key).to_upper_camel_case())
}

/// The variant for a value of an enum: as [`camel`], with `_` after a name that every enum has in use.
pub fn variant(value: &str) -> Option<String> {
    let name = camel(value)?;
    if is_reserved_variant(&name) {
        Some(format!("{name}_"))
    } else {
        Some(name)
    }
}

/// What is not ASCII parts words like a dot or a dash.
fn ascii(key: &str) -> String {
    key.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

fn lead(prefix: char, name: String) -> Option<String> {
    match name.chars().next() {
        None => None,
        Some(first) if first.is_ascii_digit() => Some(format!("{prefix}{name}")),
        Some(_) => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_gets_a_trailing_underscore() {
        assert_eq!(member("type").as_deref(), Some("type_"));
        assert_eq!(member("self").as_deref(), Some("self_"));
        assert_eq!(member("Self").as_deref(), Some("self_"));
        assert_eq!(member("gen").as_deref(), Some("gen_"));
    }

    #[test]
    fn a_name_that_generated_code_uses_gets_a_trailing_underscore() {
        assert_eq!(member("new").as_deref(), Some("new_"));
        assert_eq!(variant("unrecognized").as_deref(), Some("Unrecognized_"));
    }

    #[test]
    fn a_leading_digit_gets_a_letter() {
        assert_eq!(member("2fa").as_deref(), Some("n2fa"));
        assert_eq!(camel("2fa").as_deref(), Some("N2fa"));
    }

    #[test]
    fn dots_and_dashes_part_words() {
        assert_eq!(member("user.employee-id").as_deref(), Some("user_employee_id"));
        assert_eq!(
            camel("batch_get_tmp_download_url").as_deref(),
            Some("BatchGetTmpDownloadUrl")
        );
    }

    #[test]
    fn a_key_without_ascii_has_no_name() {
        assert_eq!(member("部门"), None);
        assert_eq!(member("_"), None);
        assert_eq!(camel("+"), None);
    }
}
