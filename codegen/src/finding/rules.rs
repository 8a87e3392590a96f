//! Every rule that a spec can break, with its stable id.

/// A rule of the spec format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable id, in kebab-case.
    pub id: &'static str,
    /// What it asks for, in one line.
    pub meaning: &'static str,
}

/// Makes a constant of each rule for the code that reports it, and the table of all of them.
macro_rules! rules {
    ($($name:ident $id:literal $meaning:literal)*) => {
        $(
            #[doc = $meaning]
            pub(crate) const $name: &str = $id;
        )*

        /// All rules, sorted by id.
        pub const RULES: &[Rule] = &[$(Rule { id: $id, meaning: $meaning }),*];
    };
}

rules! {
    BODY_ON_GET "body-on-get" "A GET has no body."
    BOUNDS_ORDER "bounds-order" "The smallest value of a field is not larger than the largest."
    CLIENT_HEADER "client-header" "A spec does not set the headers that the client sets itself."
    DATE "date" "A date is a day of the calendar, as YYYY-MM-DD."
    DOCS_URL "docs-url" "A link to the documentation is an https address in ASCII."
    DUPLICATE_ERROR "duplicate-error" "A code, or a status without a code, is documented once for each endpoint."
    DUPLICATE_HEADER "duplicate-header" "A header is there once, whatever its capitals."
    DUPLICATE_MODULE "duplicate-module" "No two files become the same Rust module."
    DUPLICATE_ROUTE "duplicate-route" "No two endpoints have the same method and path."
    DUPLICATE_VALUE "duplicate-value" "A list of values has each of them once."
    EMPTY_VALUE "empty-value" "A key that is there has a value, and a text is not empty."
    ENDPOINT_ID "endpoint-id" "An id is project.version.resource.method."
    ENDPOINT_NAME "endpoint-name" "The key of an endpoint is snake_case in ASCII."
    ENDPOINTS_IN_TYPES "endpoints-in-types" "A file of shared types has no endpoints."
    ENVELOPE_FIELD "envelope-field" "A flat answer has no field that belongs to the envelope."
    ERROR_CODE "error-code" "The code of a failure is not 0."
    FILE_ENCODING "file-encoding" "A spec file is UTF-8."
    FILE_PATH "file-path" "A spec file is spec/<project>/<version>/<resource>.yaml."
    FILE_SIZE "file-size" "A spec file has at most 4 MiB."
    FORBIDDEN_CHARACTER "forbidden-character" "A spec holds no control characters and none that hide or reorder text."
    HEADER_NAME "header-name" "The name of a header is a token of HTTP."
    HEADER_NEEDS "header-needs" "A response header needs a fixed header that the request has."
    HEADER_VALUE "header-value" "The value of a fixed header is printable ASCII."
    HTTP_METHOD "http-method" "A method is GET, POST, PUT, PATCH or DELETE."
    HTTP_STATUS "http-status" "The status of a documented failure is 200 to 599."
    KEY_NOT_APPLICABLE "key-not-applicable" "A key stands only where it has an effect."
    LIMIT "limit" "A limit is `special`, or a count for a second, minute, hour or day, once for each."
    LITERAL_BOUNDS "literal-bounds" "An example and a default lie in the bounds of their field."
    LITERAL_TYPE "literal-type" "An example and a default are values of their field's type."
    MISSING_KEY "missing-key" "A key that the format asks for is there."
    NO_RUST_NAME "no-rust-name" "A Rust name can be made of a key or value, or is given."
    OBJECT_WITHOUT_FIELDS "object-without-fields" "An inline object says its fields."
    OPTIONAL_PATH_PARAMETER "optional-path-parameter" "A path parameter is required."
    PAGINATION_FIELD "pagination-field" "Paging names fields that exist and have the right types."
    PATH_PARAMETER_NAME "path-parameter-name" "A path parameter is named with ASCII letters, digits and underscores."
    PATH_PARAMETER_UNDECLARED "path-parameter-undeclared" "Every `:name` of the path is declared under `path:`."
    PATH_PARAMETER_UNUSED "path-parameter-unused" "Every field under `path:` is in the path."
    POLL_ENDPOINT "poll-endpoint" "Polling names an endpoint of the same project that is there."
    POLL_FIELD "poll-field" "Polling names fields that exist and fit, and feeds all that the poll requires."
    POLL_STATE "poll-state" "The state of a task is a field of the poll's answer, with values of that field's type, each once."
    REQUIRED_CYCLE "required-cycle" "No object requires itself."
    RESERVED_NAME "reserved-name" "A type is not named like one of the prelude that generated code uses."
    RUST_NAME "rust-name" "A `rust:` name is a free identifier in snake_case."
    SAME_RUST_NAME "same-rust-name" "No two things in one Rust struct, enum or module have the same name."
    SCOPE "scope" "A scope is written with ASCII letters, digits, colons, dots, dashes and underscores."
    SECRET_TYPE "secret-type" "Only strings are secret."
    SNAKE_NAME "snake-name" "The name of an error or enum value is snake_case in ASCII."
    TWO_BODIES "two-bodies" "An endpoint has one kind of body."
    TYPE_EXPRESSION "type-expression" "A type is an expression that the format knows."
    TYPE_KIND "type-kind" "A named type has either fields or values."
    TYPE_NAME "type-name" "The name of a type is CamelCase in ASCII."
    TYPE_PLACEMENT "type-placement" "A field has a type that can travel where the field does."
    UNKNOWN_KEY "unknown-key" "A mapping has only keys that the format knows."
    UNKNOWN_WORD "unknown-word" "A word is one of those that the format knows."
    UNRESOLVED_TYPE "unresolved-type" "A type that is named exists."
    UNUSED_TYPE "unused-type" "A type that exists is used by an endpoint."
    URL_PATH "url-path" "A path is made of plain segments and `:parameters`."
    WIRE_KEY "wire-key" "A key has 1 to 256 bytes, and not only spaces."
    WRONG_VALUE "wrong-value" "A value has the form that its key asks for."
    YAML_SYNTAX "yaml-syntax" "A file is one YAML document without anchors, aliases, merge keys and tags."
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn the_table_is_sorted_and_has_no_id_twice() {
        let sorted = RULES.windows(2).all(|pair| pair[0].id < pair[1].id);
        assert!(sorted);
    }
}
