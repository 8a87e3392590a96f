//! One endpoint.

use super::allow::Span;
use super::http::Target;
use super::value::Entries;
use super::{Reader, shown};
use crate::model::{Binary, Body, Endpoint, Field, Method, Response};
use crate::yaml::{Key, Node, Value};
use crate::{finding, format, names};

impl Reader<'_> {
    /// Reads the endpoint with this id.
    pub(super) fn endpoint(&mut self, id: String, key: &Key, node: &Node) -> Option<Endpoint> {
        let entries = self.entries(node, format::ENDPOINT.names)?;
        self.allow(&entries, Span::entry(key, node));
        let rust = self.endpoint_name(key, &entries)?;
        let target = self.needed(&entries, "http", Self::http);
        let method = target.as_ref().map_or(Method::Get, |target| target.method);
        let mut request = self.request(&entries, &rust, target.as_ref());
        let response = self.response(&entries, &rust);
        if entries.get("pagination").is_some() {
            beside_methods_of_pages(&mut request.fields);
        }
        self.distinct_members(&request.fields);
        self.file_facts(&request.fields);
        let repetition = self.repetition(&entries, target.as_ref(), &request.fields);
        if let Some(Response::Binary(binary)) = &response {
            self.ranged_header(binary, &request);
        }
        Some(Endpoint {
            id,
            name: key.text.clone(),
            summary: self.optional(&entries, "summary", Self::line),
            docs: self.optional(&entries, "docs", Self::docs),
            updated: self.optional(&entries, "updated", Self::date),
            method,
            path: target.map(|target| target.path).unwrap_or_default(),
            tokens: self.optional(&entries, "tokens", Self::tokens),
            apps: self.list(&entries, "apps", Self::apps),
            scopes: self.optional(&entries, "scopes", Self::scopes),
            field_scopes: self.list(&entries, "field_scopes", Self::scopes),
            abilities: self.list(&entries, "abilities", Self::abilities),
            limits: self.optional(&entries, "limits", Self::limits),
            pagination: self.pagination(&entries, &request.fields, response.as_ref()),
            poll: self.poll(&entries, response.as_ref()),
            tells: None,
            idempotency: repetition.idempotency,
            repeatable: repetition.repeatable,
            upload: self.upload(&entries, &request, response.as_ref()),
            response: response.unwrap_or(Response::Empty),
            oauth: entries.get("envelope").is_some_and(|node| is_word(node, "oauth")),
            errors: self.list(&entries, "errors", Self::errors),
            lifetime: self.optional(&entries, "lifetime", Self::lifetime),
            deprecated: self.optional(&entries, "deprecated", Self::deprecation),
            notes: self.list(&entries, "notes", Self::notes),
            fixed_headers: request.fixed_headers,
            fields: request.fields,
            body: request.body,
            origin: key.origin,
            rust,
        })
    }

    fn endpoint_name(&mut self, key: &Key, entries: &Entries<'_>) -> Option<String> {
        if !names::is_snake(&key.text) {
            let message = format!("{} is no name of an endpoint: snake_case in ASCII", shown(&key.text));
            self.report(finding::ENDPOINT_NAME, key.origin, message);
            return None;
        }
        match self.optional(entries, "rust", Self::type_name) {
            Some(name) => Some(name),
            None => names::camel(&key.text),
        }
    }

    fn notes(&mut self, node: &Node) -> Option<Vec<String>> {
        self.each(node, Self::line)
    }

    fn docs(&mut self, node: &Node) -> Option<String> {
        let expected = "an https address in ASCII";
        self.pattern(node, finding::DOCS_URL, expected, names::is_docs_url)
    }

    fn date(&mut self, node: &Node) -> Option<String> {
        self.pattern(node, finding::DATE, "a date such as 2025-01-31", is_date)
    }
}

/// A request whose answers come in pages has methods that a setter of the same name would hide.
fn beside_methods_of_pages(fields: &mut [Field]) {
    for field in fields
        .iter_mut()
        .filter(|field| names::is_reserved_if_paged(&field.rust))
    {
        field.rust.push('_');
    }
}

fn is_word(node: &Node, word: &str) -> bool {
    matches!(&node.value, Value::Text(text) if text == word)
}

/// What is sent.
pub(super) struct Request {
    pub fixed_headers: Vec<crate::model::FixedHeader>,
    pub fields: Vec<Field>,
    pub body: Body,
}

impl Reader<'_> {
    fn request(&mut self, entries: &Entries<'_>, rust: &str, target: Option<&Target>) -> Request {
        let mut fields = self.path_fields(entries, rust, target);
        fields.extend(self.query_fields(entries, rust));
        let headers = self
            .optional(entries, "headers", |reader, node| Some(reader.headers(node, rust)))
            .unwrap_or_default();
        fields.extend(headers.fields);
        let (body, body_fields) = self.body(entries, rust, target);
        fields.extend(body_fields);
        self.multipart_content_type(&headers.fixed, body, entries);
        Request {
            fixed_headers: headers.fixed,
            fields,
            body,
        }
    }

    /// The SDK adds a field for `Range` itself where ranges are honoured.
    fn ranged_header(&mut self, binary: &Binary, request: &Request) {
        let named = |field: &&Field| field.key.eq_ignore_ascii_case("range");
        if let Some(field) = request.fields.iter().filter(|_| binary.ranges).find(named) {
            let message = "`download: { ranges: true }` stands for the header already";
            self.report_with_help(finding::CLIENT_HEADER, field.origin, message, "remove the field");
        }
    }
}

/// A day of the calendar, as `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        let part = text.get(range)?;
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(5..7), digits(8..10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    let dashes = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    dashes && (1..=days).contains(&day)
}
