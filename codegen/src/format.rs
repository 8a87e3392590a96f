//! The spec format as data.

/// A mapping whose keys are those of the format.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// Its name in the JSON Schema.
    pub name: &'static str,
    /// Its keys, in the order in which they are written.
    pub names: &'static [&'static str],
    /// The same keys with what is known of them.
    pub keys: &'static [Key],
    /// Those that have to be there.
    pub required: &'static [&'static str],
    /// Whether it may be written on one line.
    pub short: bool,
}

impl Mapping {
    /// The form of the value of a key; `None` for a key that the format does not know.
    pub fn form(&self, key: &str) -> Option<&'static Form> {
        self.keys.iter().find(|other| other.name == key).map(|key| &key.form)
    }
}

/// A key of a mapping.
#[derive(Debug)]
pub(crate) struct Key {
    pub name: &'static str,
    pub form: Form,
    /// What it says, in one line.
    pub doc: &'static str,
}

/// What a value looks like.
#[derive(Debug)]
pub(crate) enum Form {
    /// A sentence for people.
    Line,
    /// Text that goes over the wire as it is written, so that a number or `true` is text as well.
    Text,
    /// Text of which a regular expression tells more.
    Pattern(&'static str),
    /// One of some words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number in a range.
    Integer(i64, i64),
    /// A number.
    Number,
    /// Any value at all.
    Any,
    /// A list of values, each of a form.
    List(&'static Form),
    /// A list without repetition.
    Set(&'static Form),
    /// A mapping of the format.
    Mapping(&'static Mapping),
    /// A mapping whose keys are data of a pattern, in an order that counts.
    Named(&'static str, &'static Form),
    /// Reasons by the id of the lint that they allow.
    Allowances,
    /// A value of any one of these forms.
    OneOf(&'static [Form]),
}

/// Makes a mapping of the table of its keys, so that the list of names and that of keys cannot differ.
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

/// Fields by name. No constant, since fields hold fields.
macro_rules! fields {
    () => {
        Form::Named(NOT_EMPTY, &Form::Mapping(&FIELD))
    };
}

/// Kinds of access token.
pub(crate) const TOKENS: &[&str] = &["tenant", "user", "app"];
/// Kinds of app.
pub(crate) const APPS: &[&str] = &["custom", "store"];
/// Forms of an answer that is not in the usual envelope.
pub(crate) const ENVELOPES: [&str; 2] = ["flat", "oauth"];
/// What a field can say of the file that is sent with it.
pub(crate) const FILE_FACTS: [&str; 3] = ["name", "size", "adler32"];
/// Abilities of an app.
pub(crate) const ABILITIES: &[&str] = &["bot"];

const SNAKE: &str = "^[a-z][a-z0-9_]*$";
const CAMEL: &str = "^[A-Z][A-Za-z0-9]*$";
const NOT_EMPTY: &str = r"\S";
const SCOPE: Form = Form::Pattern("^[A-Za-z0-9][A-Za-z0-9:._-]*$");
const SCOPES: Form = Form::Set(&SCOPE);
const ALLOW: Form = Form::Allowances;
const ENDPOINT_ID: Form = Form::Pattern(r"^[a-z][a-z0-9_]*\.v[0-9]+(\.[a-z][a-z0-9_]*){2,}$");
/// Fields of one side by those of the other.
const FEEDS: Form = Form::Named(NOT_EMPTY, &Form::Text);
const STATES: Form = Form::List(&Form::Text);
const COUNT: Form = Form::Integer(0, i64::MAX);
const BYTES: Form = Form::OneOf(&[COUNT, Form::Pattern("^[0-9]+ (KB|MB|GB)$")]);
const ENUM: Form = Form::List(&Form::OneOf(&[Form::Text, Form::Mapping(&ENUM_VALUE)]));
/// A heart in up to eight lists and maps; the loader takes it apart.
const TYPE: Form =
    Form::Pattern(r"^[\[{\s]*(string\s*:[\[{\s]*)*(string|int|float|bool|any|file|object|[A-Z][A-Za-z0-9]*)[\]}\s]*$");

mapping! {
    /// A spec file.
    FILE "file" long []
    "doc" Form::Line, "What the resource is. Rustdoc of the module.";
    "allow" ALLOW, "Lints that may be broken in this file: id and reason.";
    "endpoints" Form::Named(SNAKE, &Form::Mapping(&ENDPOINT)), "Endpoints by name; each becomes a request type.";
    "types" Form::Named(CAMEL, &Form::Mapping(&NAMED_TYPE)), "Types with a name, each of which has to be used.";
}

mapping! {
    /// An endpoint.
    ENDPOINT "endpoint" long ["http"]
    "allow" ALLOW, "Lints that may be broken in this endpoint: id and reason.";
    "summary" Form::Line, "What it does, in a line of our own. First line of the rustdoc.";
    "docs" Form::Pattern(r"^https://[A-Za-z0-9][A-Za-z0-9._~/?#=&%:+@-]*$"), "The platform's page.";
    "updated" Form::Pattern(r"^\d{4}-\d{2}-\d{2}$"), "Date of the page, YYYY-MM-DD.";
    "rust" Form::Pattern(CAMEL), "Name of the request type, where the one made of the key cannot be.";
    "http" Form::Pattern(r"^(GET|POST|PUT|PATCH|DELETE) /\S+$"), "Method and path: GET /open-apis/drive/v1/medias/:file_token/download.";
    "deprecated" Form::Mapping(&DEPRECATION), "The endpoint should no longer be used.";
    "tokens" Form::Set(&Form::Word(TOKENS)), "Kinds of token that it takes; an empty list: none.";
    "apps" Form::Set(&Form::Word(APPS)), "Kinds of app that may call it.";
    "scopes" SCOPES, "Scopes of which any one suffices; an empty list: none is needed.";
    "field_scopes" SCOPES, "Scopes that some fields of the answer need on top.";
    "abilities" Form::Set(&Form::Word(ABILITIES)), "Abilities that the app must have switched on.";
    "limits" Form::List(&Form::Pattern("^(special|[1-9][0-9]*/(second|minute|hour|day))$")), "Rate windows, all in force at once; `special`: the page names a limit and no number.";
    "notes" Form::List(&Form::Line), "Restrictions that no type can carry, each a line of our own.";
    "headers" Form::Named(NOT_EMPTY, &Form::OneOf(&[Form::Mapping(&FIXED_HEADER), Form::Mapping(&FIELD)])), "Headers of the request.";
    "path" fields!(), "The parameters of the path.";
    "query" fields!(), "The parameters of the query.";
    "body" fields!(), "The fields of a JSON body.";
    "multipart" fields!(), "The parts of a multipart body, instead of `body`.";
    "idempotency" Form::Text, "The field of the query or body by which the platform recognises a repeated call.";
    "repeatable" Form::Flag, "The call is no GET and does the same however often it is sent.";
    "envelope" Form::Word(&ENVELOPES), "`flat`: the fields of the answer stand beside `code` and `msg`; `oauth`: as OAuth 2.0 has them.";
    "response" Form::OneOf(&[Form::Word(&["binary"]), Form::Pattern(CAMEL), fields!()]), "What comes back: fields, the name of a type, or `binary`; left out: nothing.";
    "download" Form::Mapping(&DOWNLOAD), "Facts about a binary answer.";
    "pagination" Form::Mapping(&PAGINATION), "Which fields carry the pages; `{}` for the usual names.";
    "poll" Form::Mapping(&POLL), "Where the call only starts a task: what asks for its outcome.";
    "upload" Form::Mapping(&UPLOAD), "How a file is sent that is too large for this call: in parts, by other endpoints.";
    "lifetime" Form::Mapping(&LIFETIME), "How long what the answer holds stays available.";
    "errors" Form::List(&Form::Mapping(&ERROR)), "Documented failures, each a code or a status without a code.";
}

mapping! {
    /// A field of a path, a query, headers, a body or an object.
    FIELD "field" short ["type"]
    "allow" ALLOW, "Lints that may be broken in this field, and in those inside: id and reason.";
    "type" TYPE, "Its type: string, int, float, bool, any, object, file, \"[T]\", \"{string: T}\" or the name of a type.";
    "required" Form::Flag, "In a request: refused without it. In a response: useless without it.";
    "rust" Form::Pattern(SNAKE), "Its name in Rust, where the one made of the key cannot be.";
    "name" Form::Pattern(CAMEL), "Name of the type of an inline object or enum.";
    "secret" Form::Flag, "Never printed.";
    "min" Form::Number, "Smallest number.";
    "max" Form::Number, "Largest number.";
    "min_length" COUNT, "Fewest characters.";
    "max_length" COUNT, "Most characters.";
    "min_items" COUNT, "Fewest elements of a list or map.";
    "max_items" COUNT, "Most elements of a list or map.";
    "min_bytes" BYTES, "Fewest bytes of a file: a number, or 3 KB (powers of 1024).";
    "max_bytes" BYTES, "Most bytes of a file: a number, or 20 MB (powers of 1024).";
    "of_file" Form::Word(&FILE_FACTS), "What it says of the file that is sent with it; the client says that where the caller does not.";
    "enum" ENUM, "The values that it can have.";
    "default" Form::Any, "What the platform takes where it is left out.";
    "doc" Form::Line, "What it is, in a line of our own.";
    "example" Form::Any, "A value of its type, as the page has it.";
    "scopes" SCOPES, "Any one of them, or the platform leaves the field out.";
    "deprecated" Form::Line, "Why it should no longer be used, or what instead.";
    "fields" fields!(), "The fields of an inline object.";
}

mapping! {
    /// A header that is sent with every call.
    FIXED_HEADER "fixed_header" short ["fixed"]
    "fixed" Form::Text, "Its value: printable ASCII.";
    "required" Form::Flag, "Whether the page says that it is required.";
    "doc" Form::Line, "Why it is sent.";
}

mapping! {
    /// A value of an enum with something to say of it.
    ENUM_VALUE "enum_value" short ["value"]
    "value" Form::Text, "On the wire.";
    "name" Form::Pattern(SNAKE), "Name of the variant in snake_case; numbers need it.";
    "doc" Form::Line, "What it means.";
    "scopes" SCOPES, "Scopes of which the value needs any one.";
}

mapping! {
    /// A type with a name.
    NAMED_TYPE "type" long []
    "doc" Form::Line, "What it is, in a line of our own.";
    "allow" ALLOW, "Lints that may be broken in this type: id and reason.";
    "type" Form::Word(&["string", "int"]), "Of the values of an enum.";
    "enum" ENUM, "The values that it can have.";
    "fields" fields!(), "Its fields, if it is an object.";
}

mapping! {
    /// Facts about a binary answer.
    DOWNLOAD "download" short []
    "ranges" Form::Flag, "Whether parts of the file can be asked for.";
    "max_bytes" BYTES, "The largest body: a number of bytes, or 100 MB (powers of 1024).";
    "headers" Form::Named("^[^A-Z]+$", &Form::Mapping(&RESPONSE_HEADER)), "Documented response headers, in lower case.";
}

mapping! {
    /// A documented response header.
    RESPONSE_HEADER "response_header" short []
    "doc" Form::Line, "What it says.";
    "needs" Form::Text, "The fixed request header without which it does not come.";
}

mapping! {
    /// A documented failure.
    ERROR "error" short ["http"]
    "http" Form::Integer(200, 599), "HTTP status.";
    "code" Form::Integer(i64::MIN, i64::MAX), "The `code` of the envelope.";
    "msg" Form::Line, "The `msg`, as the page has it.";
    "name" Form::Pattern(SNAKE), "Name of the variant, in snake_case.";
    "doc" Form::Line, "Cause and way out, in a line of our own.";
    "retry" Form::Flag, "Trying again may help.";
}

mapping! {
    /// Which fields carry the pages.
    PAGINATION "pagination" short []
    "token" Form::Text, "Request field that takes the next page's token; page_token.";
    "next" Form::Text, "Response field that holds it; page_token.";
    "more" Form::Text, "Response field that says whether there is more; has_more.";
    "items" Form::Text, "The list in the response; items.";
    "size" Form::Text, "Request field for the size of a page; page_size.";
}

mapping! {
    /// How the outcome of a task is asked for.
    POLL "poll" long ["endpoint", "state", "done"]
    "endpoint" ENDPOINT_ID, "Id of the endpoint that tells how far the task is.";
    "from_response" FEEDS, "Fields of that endpoint's request, each with the field of this answer that gives it.";
    "from_request" FEEDS, "Fields of that endpoint's request, each with the field of this request that gives it.";
    "state" Form::Text, "Field of that endpoint's answer; dots lead through objects.";
    "done" STATES, "Its values once the task is done.";
    "failed" STATES, "Its values once the task has failed.";
    "reason" Form::Text, "Field of that endpoint's answer with the reason of a failure; dots lead through objects.";
}

mapping! {
    /// How a file is sent in parts.
    UPLOAD "upload" long ["prepare", "part", "finish"]
    "prepare" ENDPOINT_ID, "Id of the endpoint that begins the upload and says how large a part is.";
    "part" ENDPOINT_ID, "Id of the endpoint that takes a part.";
    "finish" ENDPOINT_ID, "Id of the endpoint that makes a file of the parts.";
    "block_size" Form::Text, "Field of the answer to `prepare` with the size of a part in bytes; block_size.";
    "block_count" Form::Text, "Field of the answer to `prepare` with the number of parts; block_num.";
    "number" Form::Text, "Field of `part` with the number of the part, counted from 0; seq.";
    "restart" Form::List(&Form::Integer(i64::MIN, i64::MAX)), "Codes that say that the upload is no longer known, and has to begin anew.";
}

mapping! {
    /// How long something stays available.
    LIFETIME "lifetime" short ["of", "seconds"]
    "of" Form::Line, "What expires: link, file.";
    "seconds" COUNT, "For how long.";
    "since" Form::Line, "Since when; left out where it is counted from the answer.";
}

mapping! {
    /// That, and in favour of what, an endpoint is deprecated.
    DEPRECATION "deprecation" short []
    "successor" ENDPOINT_ID, "Id of the endpoint to use instead.";
    "reason" Form::Line, "Why.";
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
    fn what_a_mapping_requires_is_one_of_its_keys() {
        let mut mappings = Vec::new();
        visit(&FILE, &mut mappings);
        for mapping in mappings {
            for key in mapping.required {
                assert!(mapping.names.contains(key), "{}: {key}", mapping.name);
            }
        }
    }

    #[test]
    fn every_key_has_a_line_of_documentation_and_stands_once() {
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
