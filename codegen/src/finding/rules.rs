//! Every rule of the format and every lint, with its stable id and severity.

use std::fmt;

/// What it means that a spec breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Something could be better; nothing fails.
    Note,
    /// A check of the spec fails, but code can be generated.
    Warning,
    /// The format does not allow it, and nothing is generated.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Something that is asked of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable id, in kebab-case.
    pub id: &'static str,
    /// What it asks for, in one line.
    pub meaning: &'static str,
    /// What it means that a spec breaks it.
    pub severity: Severity,
}

impl Rule {
    /// The rule with this id, of the format or a lint.
    pub fn with_id(id: &str) -> Option<&'static Self> {
        Self::all().find(|rule| rule.id == id)
    }

    /// All rules: those of the format, then the lints.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        RULES.iter().chain(LINTS)
    }

    /// Whether `allow:` may name it: a lint, but not that on allowances themselves.
    pub fn can_be_allowed(&self) -> bool {
        self.severity != Severity::Error && self.id != UNUSED_ALLOWANCE
    }
}

/// Makes a constant of each rule for the code that reports it, and a table of all of them.
macro_rules! rules {
    ($(#[$docs:meta])* $table:ident: $($name:ident $id:literal $severity:ident $meaning:literal)*) => {
        $(
            #[doc = $meaning]
            pub(crate) const $name: &str = $id;
        )*

        $(#[$docs])*
        pub const $table: &[Rule] = &[$(Rule { id: $id, meaning: $meaning, severity: Severity::$severity }),*];
    };
}

rules! {
    /// The rules of the format, sorted by id. Nothing is generated from a spec that breaks one of them.
    RULES:
    ALLOWANCE "allowance" Error "An allowance names a rule that can be allowed: a lint."
    BOUNDS_ORDER "bounds-order" Error "The smallest value of a field is not larger than the largest."
    CLIENT_HEADER "client-header" Error "A spec does not set the headers that the client sets itself."
    DATE "date" Error "A date is a day of the calendar, as YYYY-MM-DD."
    DOCS_URL "docs-url" Error "A link to the documentation is an https address in ASCII."
    DUPLICATE_ERROR "duplicate-error" Error "A code, or a status without a code, is documented once for each endpoint."
    DUPLICATE_HEADER "duplicate-header" Error "A header is there once, whatever its capitals."
    DUPLICATE_MODULE "duplicate-module" Error "No two files become the same Rust module."
    DUPLICATE_VALUE "duplicate-value" Error "A list of values has each of them once."
    EMPTY_VALUE "empty-value" Error "A key that is there has a value, and a text is not empty."
    ENDPOINT_ID "endpoint-id" Error "An id is project.version.resource.method."
    ENDPOINT_NAME "endpoint-name" Error "The key of an endpoint is snake_case in ASCII."
    ENDPOINTS_IN_TYPES "endpoints-in-types" Error "A file of shared types has no endpoints."
    ENVELOPE_FIELD "envelope-field" Error "A flat answer has no field that belongs to the envelope."
    ERROR_CODE "error-code" Error "The code of a failure is not 0."
    FILE_ENCODING "file-encoding" Error "A spec file is UTF-8."
    FILE_FACT "file-fact" Error "What a field says of a file goes with the one file of a multipart body, and with the field's type."
    FILE_PATH "file-path" Error "A spec file is spec/<project>/<version>/<resource>.yaml."
    FILE_SIZE "file-size" Error "A spec file has at most 4 MiB."
    FORBIDDEN_CHARACTER "forbidden-character" Error "A spec holds no control characters and none that hide or reorder text."
    HEADER_NAME "header-name" Error "The name of a header is a token of HTTP."
    HEADER_NEEDS "header-needs" Error "A response header needs a fixed header that the request has."
    HEADER_VALUE "header-value" Error "The value of a fixed header is printable ASCII."
    HTTP_METHOD "http-method" Error "A method is GET, POST, PUT, PATCH or DELETE."
    HTTP_STATUS "http-status" Error "The status of a documented failure is 200 to 599."
    IDEMPOTENCY_FIELD "idempotency-field" Error "What tells a repeated call is a string of the query or body."
    KEY_NOT_APPLICABLE "key-not-applicable" Error "A key stands only where it has an effect."
    LIMIT "limit" Error "A limit is `special`, or a count for a second, minute, hour or day, once for each."
    LITERAL_TYPE "literal-type" Error "An example and a default are values of their field's type."
    MISSING_KEY "missing-key" Error "A key that the format asks for is there."
    NO_RUST_NAME "no-rust-name" Error "A Rust name can be made of a key or value, or is given."
    OBJECT_WITHOUT_FIELDS "object-without-fields" Error "An inline object says its fields."
    OPTIONAL_PATH_PARAMETER "optional-path-parameter" Error "A path parameter is required."
    PAGINATION_FIELD "pagination-field" Error "Paging names fields that exist and have the right types."
    PATH_PARAMETER_NAME "path-parameter-name" Error "A path parameter is named with ASCII letters, digits and underscores."
    PATH_PARAMETER_UNDECLARED "path-parameter-undeclared" Error "Every `:name` of the path is declared under `path:`."
    PATH_PARAMETER_UNUSED "path-parameter-unused" Error "Every field under `path:` is in the path."
    POLL_ENDPOINT "poll-endpoint" Error "Polling names an endpoint of the same project that is there."
    POLL_FIELD "poll-field" Error "Polling names fields that exist and fit, and feeds all that the poll requires."
    POLL_STATE "poll-state" Error "The state of a task is a field of the poll's answer, with values of that field's type, each once."
    REQUIRED_CYCLE "required-cycle" Error "No object requires itself."
    RESERVED_NAME "reserved-name" Error "A type is not named like one of the prelude that generated code uses."
    RUST_NAME "rust-name" Error "A `rust:` name is a free identifier in snake_case."
    SAME_RUST_NAME "same-rust-name" Error "No two things in one Rust struct, enum or module have the same name."
    SCOPE "scope" Error "A scope is written with ASCII letters, digits, colons, dots, dashes and underscores."
    SECRET_TYPE "secret-type" Error "Only strings are secret."
    SNAKE_NAME "snake-name" Error "The name of an error or enum value is snake_case in ASCII."
    TWO_BODIES "two-bodies" Error "An endpoint has one kind of body."
    TYPE_EXPRESSION "type-expression" Error "A type is an expression that the format knows."
    TYPE_KIND "type-kind" Error "A named type has either fields or values."
    TYPE_NAME "type-name" Error "The name of a type is CamelCase in ASCII."
    TYPE_PLACEMENT "type-placement" Error "A field has a type that can travel where the field does."
    UNKNOWN_KEY "unknown-key" Error "A mapping has only keys that the format knows."
    UNKNOWN_WORD "unknown-word" Error "A word is one of those that the format knows."
    UNRESOLVED_TYPE "unresolved-type" Error "A type that is named exists."
    UPLOAD_ENDPOINT "upload-endpoint" Error "An upload in parts names endpoints of the same project that are there."
    UPLOAD_FIELD "upload-field" Error "An upload in parts gives each of its endpoints what that requires."
    URL_PATH "url-path" Error "A path is made of plain segments and `:parameters`."
    WIRE_KEY "wire-key" Error "A key has 1 to 256 bytes, and not only spaces."
    WRONG_VALUE "wrong-value" Error "A value has the form that its key asks for."
    YAML_SYNTAX "yaml-syntax" Error "A file is one YAML document without anchors, aliases, merge keys and tags."
}

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

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn no_two_rules_have_one_id() {
        let mut ids: Vec<&str> = Rule::all().map(|rule| rule.id).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
