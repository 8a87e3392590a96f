//! Lints: what `larkspur spec check` asks on top of the format, each with its stable id.

use super::Severity;
use super::rules::{Rule, rules};

rules! {
    /// The lints, sorted by id. A spec that breaks one still becomes Rust.
    LINTS:
    BARE_DEPRECATION "bare-deprecation" Warning "A deprecated endpoint names its successor or a reason."
    BODY_ON_DELETE "body-on-delete" Warning "A DELETE has no body: servers and proxies may drop it."
    BODY_ON_GET "body-on-get" Warning "A GET has no body."
    DUPLICATE_ROUTE "duplicate-route" Warning "No two endpoints have the same method and path."
    ERROR_MESSAGE "error-message" Warning "A code has the same message at every endpoint of a project."
    LITERAL_BOUNDS "literal-bounds" Warning "An example and a default lie in the bounds of their field."
    MISSING_DOCS_LINK "missing-docs-link" Warning "An endpoint links to the page that it was transcribed from."
    MISSING_FIELD_DOC "missing-field-doc" Note "A field says in a line what it is."
    MISSING_LIMITS "missing-limits" Warning "An endpoint states its rate limits."
    MISSING_PAGINATION "missing-pagination" Warning "An endpoint that takes `page_token` and answers `has_more` declares its pagination."
    MISSING_POLL "missing-poll" Warning "An endpoint that answers with the id of a task says what asks for its outcome."
    MISSING_SCOPES "missing-scopes" Warning "An endpoint states the scopes that it needs, or that it needs none."
    MISSING_SUMMARY "missing-summary" Note "An endpoint says in a line what it does."
    MISSING_TOKENS "missing-tokens" Warning "An endpoint states the kinds of token that it takes, or that it takes none."
    SECRET_FIELD "secret-field" Warning "A string that is named like a secret is `secret: true`."
    TRAILING_SLASH "trailing-slash" Warning "A path does not end with a slash."
    UNTYPED_LIST "untyped-list" Warning "The elements of a list have a type."
    UNTYPED_VALUE "untyped-value" Note "A value has a type."
    UNUSED_ALLOWANCE "unused-allowance" Warning "An allowance allows something that is there."
    UNUSED_TYPE "unused-type" Warning "A type that exists is used by an endpoint."
}
