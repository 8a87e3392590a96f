//! Tokens: a security scheme for each kind, and which of them an endpoint takes.

use serde_json::{Value, json};

use crate::model::TokenKind;

const KINDS: [TokenKind; 3] = [TokenKind::Tenant, TokenKind::User, TokenKind::App];

/// The security schemes.
pub(super) fn schemes() -> Value {
    KINDS
        .into_iter()
        .map(|kind| (name(kind).to_owned(), scheme(kind)))
        .collect()
}

/// Any one of the kinds of token suffices. Where the spec does not say which kinds an endpoint
/// takes, each of them may go with the call, and none.
pub(super) fn requirements(tokens: Option<&[TokenKind]>) -> Value {
    let unknown = tokens.is_none().then(|| json!({}));
    let kinds = tokens.unwrap_or(&KINDS).iter();
    unknown
        .into_iter()
        .chain(kinds.map(|kind| json!({ name(*kind): [] })))
        .collect()
}

fn name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Tenant => "tenant_access_token",
        TokenKind::User => "user_access_token",
        TokenKind::App => "app_access_token",
    }
}

fn scheme(kind: TokenKind) -> Value {
    let (format, description) = match kind {
        TokenKind::Tenant => ("t-...", "The app itself, in one tenant."),
        TokenKind::User => ("u-...", "A user who logged in."),
        TokenKind::App => ("a-...", "The app itself, in no tenant."),
    };
    json!({ "type": "http", "scheme": "bearer", "bearerFormat": format, "description": description })
}
