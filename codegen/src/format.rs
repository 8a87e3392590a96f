//! The spec format as data: its mappings, their keys and the form of each value.
//!
//! The only list of keys: readers reject other keys, the JSON Schema is built from it, and `spec fmt` writes keys in its order.

/// A mapping of the format.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// The name in the JSON Schema.
    pub name: &'static str,
    /// The key names, in the order in which `spec fmt` writes them.
    pub names: &'static [&'static str],
    /// The keys with form and description.
    pub keys: &'static [Key],
    /// The required keys.
    pub required: &'static [&'static str],
    /// Whether `spec fmt` may write it on one line.
    pub short: bool,
}

impl Mapping {
    /// Returns the form of the value of a key; `None` for an unknown key.
    pub fn form(&self, key: &str) -> Option<&'static Form> {
        self.keys.iter().find(|other| other.name == key).map(|key| &key.form)
    }
}

/// A key of a mapping.
#[derive(Debug)]
pub(crate) struct Key {
    pub name: &'static str,
    pub form: Form,
    /// A one-line description.
    pub doc: &'static str,
}

/// The form of a value.
#[derive(Debug)]
pub(crate) enum Form {
    /// Prose.
    Line,
    /// Text that is sent as written; a number or `true` is also text.
    Text,
    /// Text that matches a regular expression.
    Pattern(&'static str),
    /// One of the given words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// An integer in a range.
    Integer(i64, i64),
    /// A number.
    Number,
    /// Any value.
    Any,
    /// A list of values of a form.
    List(&'static Form),
    /// A list without duplicates.
    Set(&'static Form),
    /// A mapping of the format.
    Mapping(&'static Mapping),
    /// A mapping whose keys are data that match a pattern, in significant order.
    Named(&'static str, &'static Form),
    /// Reasons by lint id.
    Allowances,
    /// A value of any of these forms.
    OneOf(&'static [Form]),
}

/// Defines a mapping from a table of its keys, so that the lists of names and keys cannot differ.
macro_rules! mapping {
    ($(#[$docs:meta])* $constant:ident $name:literal $length:ident $required:tt $($key:literal $form:expr, $doc:literal;)*) => {
        $(#[$docs])*
        pub(crate) static $constant: Mapping = Mapping {
            name: $name,
            names: &[$($key),*],
            keys: &[$(Key { name: $key, form: $form, doc: $doc }),*],
            required: &$required,
            short: mapping!($length),
        };
    };
    (short) => { true };
    (long) => { false };
}

/// Fields by name. A macro and not a constant, since fields contain fields.
macro_rules! fields {
    () => {
        Form::Named(NOT_EMPTY, &Form::Mapping(&FIELD))
    };
}

/// Fields by name, some of which have a constant value.
const SENT_FIELDS: Form = Form::Named(
    NOT_EMPTY,
    &Form::OneOf(&[Form::Mapping(&FIXED_FIELD), Form::Mapping(&FIELD)]),
);

/// Access token kinds.
pub(crate) const TOKENS: &[&str] = &["tenant", "user", "app"];
/// App kinds.
pub(crate) const APPS: &[&str] = &["custom", "store"];
/// Hosts of the platform other than the default, without the domain.
pub(crate) const HOSTS: [&str; 2] = ["www", "accounts"];
/// Forms of a response without the usual envelope.
pub(crate) const ENVELOPES: [&str; 2] = ["flat", "oauth"];
/// File attributes that a field can hold.
pub(crate) const FILE_ATTRIBUTES: [&str; 3] = ["name", "size", "adler32"];
/// Sources of facts that the platform's pages do not document.
pub(crate) const SOURCES: [&str; 1] = ["sdk"];
/// Formats of a timestamp.
pub(crate) const TIME_FORMATS: [&str; 3] = ["seconds", "milliseconds", "rfc3339"];
/// Abilities of an app.
pub(crate) const ABILITIES: &[&str] = &["bot"];

const SNAKE: &str = "^[a-z][a-z0-9_]*$";
const CAMEL: &str = "^[A-Z][A-Za-z0-9]*$";
const NOT_EMPTY: &str = r"\S";
const SCOPE: Form = Form::Pattern("^[A-Za-z0-9][A-Za-z0-9:._-]*$");
const SCOPES: Form = Form::Set(&SCOPE);
const ALLOW: Form = Form::Allowances;
const ENDPOINT_ID: Form = Form::Pattern(r"^[a-z][a-z0-9_]*\.v[0-9]+(\.[a-z][a-z0-9_]*){2,}$");
/// Fields of the poll request by the fields with their values.
const FEEDS: Form = Form::Named(NOT_EMPTY, &Form::Text);
const STATES: Form = Form::List(&Form::Text);
const COUNT: Form = Form::Integer(0, i64::MAX);
const CODE: Form = Form::Integer(i64::MIN, i64::MAX);
const STATUS: Form = Form::Integer(200, 599);
const BYTES: Form = Form::OneOf(&[COUNT, Form::Pattern("^[0-9]+ (KB|MB|GB)$")]);
const ENUM: Form = Form::List(&Form::OneOf(&[Form::Text, Form::Mapping(&ENUM_VALUE)]));
/// An element type in up to eight lists and maps; the loader parses it.
const TYPE: Form =
    Form::Pattern(r"^[\[{\s]*(string\s*:[\[{\s]*)*(string|int|float|bool|any|file|object|[A-Z][A-Za-z0-9]*)[\]}\s]*$");

mapping! {
    /// A spec file.
    FILE "file" long []
    "doc" Form::Line, "Description of the resource. Rustdoc of the module.";
    "allow" ALLOW, "Lints allowed in this file: id and reason.";
    "endpoints" Form::Named(SNAKE, &Form::Mapping(&ENDPOINT)), "Endpoints by name; each becomes a request type.";
    "errors" Form::Named("^-?[0-9]+$", &Form::Mapping(&ERROR_CODE)), "In errors.yaml: the error codes of the project version.";
    "types" Form::Named(CAMEL, &Form::Mapping(&NAMED_TYPE)), "Named types, each of which must be used.";
}

mapping! {
    /// An endpoint.
    ENDPOINT "endpoint" long ["http"]
    "allow" ALLOW, "Lints allowed in this endpoint: id and reason.";
    "summary" Form::Line, "One-line summary in our own words. First line of the rustdoc.";
    "docs" Form::Pattern(r"^https://[A-Za-z0-9][A-Za-z0-9._~/?#=&%:+@-]*$"), "URL of the platform's page.";
    "updated" Form::Pattern(r"^\d{4}-\d{2}-\d{2}$"), "Date of the page, YYYY-MM-DD.";
    "rust" Form::Pattern(CAMEL), "Name of the request type, if the one derived from the key cannot be used.";
    "http" Form::Pattern(r"^(GET|POST|PUT|PATCH|DELETE) /\S+$"), "Method and path: GET /open-apis/drive/v1/medias/:file_token/download.";
    "host" Form::Word(&HOSTS), "Host of the platform, if it is not the default `open`.";
    "deprecated" Form::Mapping(&DEPRECATION), "Marks the endpoint as deprecated.";
    "source" Form::Word(&SOURCES), "Where the endpoint is documented, if the platform has no page of it.";
    "tokens" Form::Set(&Form::OneOf(&[Form::Word(TOKENS), Form::Mapping(&TOKEN)])), "Token kinds that it takes; an empty list for no token.";
    "apps" Form::Set(&Form::Word(APPS)), "App kinds that may call it.";
    "scopes" SCOPES, "Scopes, any one of which suffices; an empty list if no scope is required.";
    "field_scopes" SCOPES, "Additional scopes that some response fields require.";
    "abilities" Form::Set(&Form::Word(ABILITIES)), "Abilities that the app must enable.";
    "limits" Form::List(&Form::Pattern("^(special|[1-9][0-9]*/(second|minute|hour|day))$")), "Rate limits, all of which apply; `special` for a limit that the page states without a number.";
    "notes" Form::List(&Form::Line), "Restrictions that types cannot express, in our own words.";
    "headers" Form::Named(NOT_EMPTY, &Form::OneOf(&[Form::Mapping(&FIXED_HEADER), Form::Mapping(&FIELD)])), "Request headers.";
    "path" fields!(), "Path parameters.";
    "query" SENT_FIELDS, "Query parameters.";
    "body" SENT_FIELDS, "Fields of a JSON body.";
    "multipart" fields!(), "Parts of a multipart body, instead of `body`.";
    "idempotency" Form::Text, "Query or body field with the idempotency key.";
    "repeatable" Form::Flag, "The request is idempotent although its method is not GET.";
    "envelope" Form::Word(&ENVELOPES), "`flat`: the response fields are next to `code` and `msg`; `oauth`: the response follows OAuth 2.0.";
    "response" Form::OneOf(&[Form::Word(&["binary"]), Form::Pattern(CAMEL), fields!()]), "The response: fields, a type name or `binary`; omitted for an empty response.";
    "download" Form::Mapping(&DOWNLOAD), "Properties of a binary response.";
    "pagination" Form::Mapping(&PAGINATION), "Fields for pagination; `{}` for the default names.";
    "poll" Form::Mapping(&POLL), "How to poll the task that the request starts.";
    "upload" Form::Mapping(&UPLOAD), "How to upload a file in parts that is too large for one request.";
    "lifetime" Form::Mapping(&LIFETIME), "How long the result stays available.";
    "errors" Form::List(&Form::OneOf(&[CODE, Form::Mapping(&ERROR)])), "Documented errors, each a code of errors.yaml or a status without a code.";
}

mapping! {
    /// A field of a path, a query, headers, a body or an object.
    FIELD "field" short ["type"]
    "allow" ALLOW, "Lints allowed in this field and its nested fields: id and reason.";
    "type" TYPE, "Type: string, int, float, bool, any, object, file, \"[T]\", \"{string: T}\" or a type name.";
    "required" Form::Flag, "In a request: rejected without it. In a response: unusable without it.";
    "rust" Form::Pattern(SNAKE), "Rust name, if the one derived from the key cannot be used.";
    "name" Form::Pattern(CAMEL), "Type name of an inline object or enum.";
    "secret" Form::Flag, "Never printed.";
    "format" Form::Word(&TIME_FORMATS), "Format of a timestamp: seconds or milliseconds since 1970, or RFC 3339.";
    "min" Form::Number, "Minimum of a number.";
    "max" Form::Number, "Maximum of a number.";
    "min_length" COUNT, "Minimum number of characters.";
    "max_length" COUNT, "Maximum number of characters.";
    "pattern" Form::Text, "Regular expression that a text matches, unanchored; checked before sending.";
    "min_items" COUNT, "Minimum number of elements of a list or map.";
    "max_items" COUNT, "Maximum number of elements of a list or map.";
    "min_bytes" BYTES, "Minimum size of a file: a number of bytes, or 3 KB (powers of 1024).";
    "max_bytes" BYTES, "Maximum size of a file: a number of bytes, or 20 MB (powers of 1024).";
    "of_file" Form::Word(&FILE_ATTRIBUTES), "Attribute of the uploaded file that it holds; the client sets it unless the caller does.";
    "enum" ENUM, "The possible values.";
    "flags" ENUM, "The bits of a bit mask, each a power of two; a value is a sum of them.";
    "default" Form::Any, "The value that the platform uses if the field is absent.";
    "doc" Form::Line, "One-line description in our own words.";
    "example" Form::Any, "Example of the page, as a value of the type.";
    "scopes" SCOPES, "Scopes, any one of which the field requires; the platform omits it without them.";
    "deprecated" Form::Line, "Why it is deprecated, or its replacement.";
    "source" Form::Word(&SOURCES), "Where it is documented, if the page of the endpoint does not have it.";
    "fields" fields!(), "Fields of an inline object.";
}

mapping! {
    /// A token kind that the page does not document.
    TOKEN "token" short ["kind", "source"]
    "kind" Form::Word(TOKENS), "Token kind.";
    "source" Form::Word(&SOURCES), "Where it is documented.";
}

mapping! {
    /// A header with a constant value.
    FIXED_HEADER "fixed_header" short ["fixed"]
    "fixed" Form::Text, "Value in printable ASCII.";
    "required" Form::Flag, "Whether the page marks it as required.";
    "doc" Form::Line, "Why it is sent.";
}

mapping! {
    /// A query parameter or body field with a constant value.
    FIXED_FIELD "fixed_field" short ["fixed"]
    "fixed" Form::Text, "Value: a text, an integer, or `true` or `false`.";
    "doc" Form::Line, "Why it is sent.";
}

mapping! {
    /// An enum value with details.
    ENUM_VALUE "enum_value" short ["value"]
    "value" Form::Text, "Wire value.";
    "name" Form::Pattern(SNAKE), "Name of the variant in snake_case; required for numbers.";
    "doc" Form::Line, "Meaning of the value.";
    "scopes" SCOPES, "Scopes, any one of which the value requires.";
}

mapping! {
    /// A named type.
    NAMED_TYPE "type" long []
    "doc" Form::Line, "One-line description in our own words.";
    "allow" ALLOW, "Lints allowed in this type: id and reason.";
    "type" Form::Word(&["string", "int"]), "Type of the enum values.";
    "enum" ENUM, "The possible values.";
    "fields" fields!(), "Fields of an object.";
}

mapping! {
    /// Properties of a binary response.
    DOWNLOAD "download" short []
    "ranges" Form::Flag, "Whether the platform supports range requests.";
    "max_bytes" BYTES, "Maximum body size: a number of bytes, or 100 MB (powers of 1024).";
    "headers" Form::Named("^[^A-Z]+$", &Form::Mapping(&RESPONSE_HEADER)), "Documented response headers, in lower case.";
}

mapping! {
    /// A documented response header.
    RESPONSE_HEADER "response_header" short []
    "doc" Form::Line, "One-line description.";
    "needs" Form::Text, "Fixed request header that it requires.";
}

mapping! {
    /// A documented error of an endpoint: a status without a code, or a code that differs from its definition.
    ERROR "error" short []
    "code" CODE, "A code of errors.yaml; the other keys are those that differ at this endpoint.";
    "http" STATUS, "HTTP status; required without a code.";
    "msg" Form::Line, "The `msg` as documented.";
    "doc" Form::Line, "Cause and fix, in our own words.";
    "retry" Form::Flag, "The request can be retried.";
}

mapping! {
    /// An error code of a project version.
    ERROR_CODE "error_code" short ["http"]
    "http" STATUS, "HTTP status.";
    "msg" Form::Line, "The `msg` as documented.";
    "name" Form::Pattern(SNAKE), "Name of the variant, in snake_case.";
    "doc" Form::Line, "Cause and fix, in our own words.";
    "retry" Form::Flag, "The request can be retried.";
}

mapping! {
    /// The fields for pagination.
    PAGINATION "pagination" short []
    "token" Form::Text, "Request field for the page token; default page_token.";
    "next" Form::Text, "Response field with the next page token; default page_token.";
    "more" Form::Text, "Response field that indicates more pages; default has_more.";
    "items" Form::Text, "Response field with the items; default items.";
    "size" Form::Text, "Request field for the page size; default page_size.";
}

mapping! {
    /// How to poll a task.
    POLL "poll" long ["endpoint", "state", "done"]
    "endpoint" ENDPOINT_ID, "Id of the endpoint to poll.";
    "from_response" FEEDS, "Fields of the poll request, each with the field of this response that it is set from.";
    "from_request" FEEDS, "Fields of the poll request, each with the field of this request that it is set from.";
    "state" Form::Text, "Field of the poll response with the state; dots separate nested keys.";
    "done" STATES, "States of a completed task.";
    "failed" STATES, "States of a failed task.";
    "reason" Form::Text, "Field of the poll response with the reason of a failure; dots separate nested keys.";
}

mapping! {
    /// How to upload a file in parts.
    UPLOAD "upload" long ["prepare", "part", "finish"]
    "prepare" ENDPOINT_ID, "Id of the endpoint that starts the upload and returns the part size.";
    "part" ENDPOINT_ID, "Id of the endpoint that receives a part.";
    "finish" ENDPOINT_ID, "Id of the endpoint that assembles the parts.";
    "block_size" Form::Text, "Field of the `prepare` response with the part size in bytes; default block_size.";
    "block_count" Form::Text, "Field of the `prepare` response with the number of parts; default block_num.";
    "number" Form::Text, "Field of `part` with the zero-based part number; default seq.";
    "restart" Form::List(&Form::Integer(i64::MIN, i64::MAX)), "Codes for an expired or unknown upload, after which it restarts.";
}

mapping! {
    /// How long a result stays available.
    LIFETIME "lifetime" short ["of", "seconds"]
    "of" Form::Line, "What expires: link or file.";
    "seconds" COUNT, "Lifetime in seconds.";
    "since" Form::Line, "Start of the lifetime; omitted if it starts with the response.";
}

mapping! {
    /// The deprecation of an endpoint.
    DEPRECATION "deprecation" short []
    "successor" ENDPOINT_ID, "Id of the endpoint to use instead.";
    "reason" Form::Line, "The reason.";
}

#[cfg(test)]
mod tests {
    use super::{FILE, Form, Mapping};

    fn visit(mapping: &'static Mapping, seen: &mut Vec<&'static Mapping>) {
        if seen.iter().any(|other| other.name == mapping.name) {
            return;
        }
        seen.push(mapping);
        mapping.keys.iter().for_each(|key| visit_form(&key.form, seen));
    }

    fn visit_form(form: &'static Form, seen: &mut Vec<&'static Mapping>) {
        match form {
            Form::Mapping(mapping) => visit(mapping, seen),
            Form::List(form) | Form::Set(form) | Form::Named(_, form) => visit_form(form, seen),
            Form::OneOf(forms) => forms.iter().for_each(|form| visit_form(form, seen)),
            _ => {}
        }
    }

    #[test]
    fn required_keys_exist() {
        let mut mappings = Vec::new();
        visit(&FILE, &mut mappings);
        for mapping in mappings {
            for key in mapping.required {
                assert!(mapping.names.contains(key), "{}: {key}", mapping.name);
            }
        }
    }

    #[test]
    fn keys_are_documented_and_unique() {
        let mut mappings = Vec::new();
        visit(&FILE, &mut mappings);
        for mapping in mappings {
            for (index, key) in mapping.keys.iter().enumerate() {
                assert!(key.doc.ends_with('.'), "{}.{}", mapping.name, key.name);
                assert!(
                    !mapping.names[..index].contains(&key.name),
                    "{}.{}",
                    mapping.name,
                    key.name
                );
            }
        }
    }
}
