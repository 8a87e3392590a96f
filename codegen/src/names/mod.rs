//! Rust names from the platform's names.

mod reserved;

use heck::{ToSnakeCase, ToUpperCamelCase};

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

/// A longer text is nobody's slip.
const MAX_BYTES: usize = 256;

/// Of the known names the one that needs the fewest corrections to become `text`, and not many for its length;
/// of several, the first of the alphabet.
pub fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if text.len() > MAX_BYTES {
        return None;
    }
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(text, word), word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        .min()
        .map(|(_, word)| word)
}

/// Words of which one suffices.
const WORDS: &[&str] = &[
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "credential",
    "credentials",
];

/// Words that mean a secret one after the other. A `token` alone is the name of a document here.
const PAIRS: &[[&str; 2]] = &[
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

/// Whether a text of this name must never be printed.
pub(crate) fn is_secret(key: &str) -> bool {
    let Some(name) = member(key) else {
        return false;
    };
    let words: Vec<&str> = name.split('_').collect();
    words.iter().any(|word| WORDS.contains(word))
        || words.windows(2).any(|pair| PAIRS.iter().any(|known| known == pair))
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

    #[test]
    fn a_key_or_token_of_a_thing_is_no_secret() {
        for key in ["file_token", "page_token", "token", "file_key", "secretary", "user_id"] {
            assert!(!is_secret(key), "{key}");
        }
    }

    #[test]
    fn a_secret_is_known_however_its_name_is_written() {
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
