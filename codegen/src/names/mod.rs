//! Derives Rust names from the platform's names, and validates names.
//!
//! Every identifier that this module returns is ASCII, is not a keyword and needs no escaping.

mod reserved;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

pub use reserved::{
    is_keyword, is_reserved_if_paged, is_reserved_member, is_reserved_project, is_reserved_type, is_reserved_variant,
};

/// Returns the Rust field and setter for a key: snake_case, with `n` before a leading digit and `_` after a keyword or a
/// name that generated code reserves. `None` if the key has no ASCII letter or digit.
pub fn member(key: &str) -> Option<String> {
    let name = replace_non_ascii(key).to_snake_case();
    let name = prefix_digit('n', name)?;
    if is_keyword(&name) || is_reserved_member(&name) {
        Some(format!("{name}_"))
    } else {
        Some(name)
    }
}

/// Returns the Rust module for a resource: dots become underscores, and a keyword is suffixed with `_`.
pub fn module(resource: &str) -> String {
    let name = resource.replace('.', "_");
    if is_keyword(&name) { format!("{name}_") } else { name }
}

/// Returns a key in CamelCase, with `N` before a leading digit. `None` if the key has no ASCII letter or digit.
pub fn camel(key: &str) -> Option<String> {
    prefix_digit('N', replace_non_ascii(key).to_upper_camel_case())
}

/// Returns the variant for an enum value: [`camel`], with `_` after a name that every enum reserves.
pub fn variant(value: &str) -> Option<String> {
    let name = camel(value)?;
    if is_reserved_variant(&name) {
        Some(format!("{name}_"))
    } else {
        Some(name)
    }
}

/// Replaces everything but ASCII letters and digits with word separators.
fn replace_non_ascii(key: &str) -> String {
    key.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

fn prefix_digit(prefix: char, name: String) -> Option<String> {
    match name.chars().next() {
        None => None,
        Some(first) if first.is_ascii_digit() => Some(format!("{prefix}{name}")),
        Some(_) => Some(name),
    }
}

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

/// `v` followed by digits.
pub fn is_version(text: &str) -> bool {
    text.strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
}

/// Snake-case words separated by dots: `app.table.record`.
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

/// An HTTP token.
pub fn is_header_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

/// An https URL in ASCII without characters that are markup in Markdown or HTML.
pub fn is_docs_url(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric())
            && rest
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._~/?#=&%:+@".contains(c))
    })
}

/// Longer texts are not typing errors.
const MAX_TYPO_BYTES: usize = 256;

/// Returns the known name with the smallest edit distance to `text`, if the distance is small for its length; the
/// alphabetically first of several.
pub fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if text.len() > MAX_TYPO_BYTES {
        return None;
    }
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(text, word), word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        .min()
        .map(|(_, word)| word)
}

/// Words that mark a secret.
const SECRET_WORDS: &[&str] = &[
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "credential",
    "credentials",
];

/// Pairs of words that mark a secret. `token` alone usually identifies a document.
const SECRET_WORD_PAIRS: &[[&str; 2]] = &[
    ["access", "token"],
    ["refresh", "token"],
    ["id", "token"],
    ["session", "token"],
    ["bearer", "token"],
    ["verification", "token"],
    ["app", "ticket"],
    ["api", "key"],
    ["private", "key"],
    ["encrypt", "key"],
    ["encryption", "key"],
    ["signing", "key"],
    ["aes", "key"],
];

/// Returns whether a field of this name must never be printed.
pub(crate) fn is_secret(key: &str) -> bool {
    let Some(name) = member(key) else {
        return false;
    };
    let words: Vec<&str> = name.split('_').collect();
    words.iter().any(|word| SECRET_WORDS.contains(word))
        || words
            .windows(2)
            .any(|pair| SECRET_WORD_PAIRS.iter().any(|known| known == pair))
}

/// Returns the name of a constant for a variant in CamelCase.
pub(crate) fn constant(variant: &str) -> String {
    variant.to_shouty_snake_case()
}

/// Returns the names of the methods that read and set the timestamp in a field as a `SystemTime`.
pub(crate) fn time_accessors(field: &str) -> [String; 2] {
    let stem = field.trim_end_matches('_');
    ["as", "from"].map(|word| format!("{stem}_{word}_system_time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_keywords() {
        assert_eq!(member("type").as_deref(), Some("type_"));
        assert_eq!(member("self").as_deref(), Some("self_"));
        assert_eq!(member("Self").as_deref(), Some("self_"));
        assert_eq!(member("gen").as_deref(), Some("gen_"));
    }

    #[test]
    fn suffixes_reserved_names() {
        assert_eq!(member("new").as_deref(), Some("new_"));
        assert_eq!(variant("unrecognized").as_deref(), Some("Unrecognized_"));
    }

    #[test]
    fn prefixes_leading_digits() {
        assert_eq!(member("2fa").as_deref(), Some("n2fa"));
        assert_eq!(camel("2fa").as_deref(), Some("N2fa"));
    }

    #[test]
    fn separates_words_at_dots_and_dashes() {
        assert_eq!(member("user.employee-id").as_deref(), Some("user_employee_id"));
        assert_eq!(
            camel("batch_get_tmp_download_url").as_deref(),
            Some("BatchGetTmpDownloadUrl")
        );
    }

    #[test]
    fn rejects_keys_without_ascii() {
        assert_eq!(member("部门"), None);
        assert_eq!(member("_"), None);
        assert_eq!(camel("+"), None);
    }

    #[test]
    fn accepts_resource_keys_and_tokens() {
        for key in ["file_token", "page_token", "token", "file_key", "secretary", "user_id"] {
            assert!(!is_secret(key), "{key}");
        }
    }

    #[test]
    fn recognizes_secrets_in_any_case_style() {
        for key in [
            "app_secret",
            "appSecret",
            "client-secret",
            "PASSWORD",
            "userAccessToken",
            "api_key",
        ] {
            assert!(is_secret(key), "{key}");
        }
    }
}
