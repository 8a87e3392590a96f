//! Strings that are named like a secret and would be printed.

use super::{Reporter, fields};
use crate::finding;
use crate::model::{Api, Type};
use crate::names;

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

pub(super) fn check(reporter: &mut Reporter<'_>, api: &Api) {
    let open = |field: &crate::model::Field| field.ty == Type::String && !field.secret;
    for (subject, field) in fields(api).filter(|(_, field)| open(field) && is_secret(&field.key)) {
        let message = format!("{subject} is named like a secret, and would be printed");
        let help = "add `secret: true`; where it is none, allow it and say what it is";
        reporter.report(finding::SECRET_FIELD, field.origin, message, help);
    }
}

/// Whether a text of this name must never be printed.
pub(crate) fn is_secret(key: &str) -> bool {
    let Some(name) = names::member(key) else {
        return false;
    };
    let words: Vec<&str> = name.split('_').collect();
    words.iter().any(|word| WORDS.contains(word))
        || words.windows(2).any(|pair| PAIRS.iter().any(|known| known == pair))
}

#[cfg(test)]
mod tests {
    use super::is_secret;

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
