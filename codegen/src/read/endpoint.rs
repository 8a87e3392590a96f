//! An endpoint, with what its page states about access, rate limits, lifetime and deprecation.

use super::document::entry_span;
use super::reader::Reader;
use super::value::Entries;
use crate::characters::quote;
use crate::model::{
    Ability, AppKind, Deprecation, Endpoint, Field, Lifetime, Limits, Method, Response, TokenKind, Window,
};
use crate::yaml::{Key, Node, Value};
use crate::{finding, format, names};

impl Reader<'_> {
    /// Reads the endpoint with this id.
    pub(super) fn endpoint(&mut self, id: String, key: &Key, node: &Node) -> Option<Endpoint> {
        let entries = self.entries(node, format::ENDPOINT.names)?;
        self.allow(&entries, entry_span(key, node));
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
            let message = format!("{} is no name of an endpoint: snake_case in ASCII", quote(&key.text));
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

const TOKENS: &[(&str, TokenKind)] = &[
    ("tenant", TokenKind::Tenant),
    ("user", TokenKind::User),
    ("app", TokenKind::App),
];

const APPS: &[(&str, AppKind)] = &[("custom", AppKind::Custom), ("store", AppKind::Store)];

const ABILITIES: &[(&str, Ability)] = &[("bot", Ability::Bot)];

impl Reader<'_> {
    /// Kinds of token; an empty list says that none is taken.
    pub(super) fn tokens(&mut self, node: &Node) -> Option<Vec<TokenKind>> {
        self.words(node, TOKENS)
    }

    /// Kinds of app.
    pub(super) fn apps(&mut self, node: &Node) -> Option<Vec<AppKind>> {
        self.words(node, APPS)
    }

    /// Abilities that have to be switched on.
    pub(super) fn abilities(&mut self, node: &Node) -> Option<Vec<Ability>> {
        self.words(node, ABILITIES)
    }

    /// Scopes of which any one suffices; an empty list says that none is needed.
    pub(super) fn scopes(&mut self, node: &Node) -> Option<Vec<String>> {
        let expected = "a scope such as `drive:drive:readonly`";
        let read = |reader: &mut Self, node: &Node| reader.pattern(node, finding::SCOPE, expected, names::is_scope);
        self.once_each(node, read)
    }

    fn words<T: Copy + PartialEq>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<Vec<T>> {
        self.once_each(node, |reader, node| reader.word(node, words))
    }

    /// A list without repetition.
    fn once_each<T: PartialEq>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut values = Vec::new();
        for item in self.sequence(node)? {
            let Some(value) = read(self, item) else {
                continue;
            };
            if values.contains(&value) {
                let text = self.text(item).unwrap_or_default();
                self.report(
                    finding::DUPLICATE_VALUE,
                    item.origin,
                    format!("{} is there twice", quote(&text)),
                );
            }
            values.push(value);
        }
        Some(values)
    }
}

const UNITS: &[(&str, u32)] = &[("second", 1), ("minute", 60), ("hour", 3600), ("day", 86400)];

impl Reader<'_> {
    /// Reads `[special, 5/second, 10000/day]`.
    pub(super) fn limits(&mut self, node: &Node) -> Option<Limits> {
        let mut limits = Limits::default();
        for item in self.sequence(node)? {
            let Some(text) = self.text(item) else {
                continue;
            };
            if text == "special" {
                limits.special = true;
                continue;
            }
            let Some(window) = window(&text) else {
                let message = format!("{} is no limit", quote(&text));
                let help = "write `special`, or a count and second, minute, hour or day: `5/second`";
                self.report_with_help(finding::LIMIT, item.origin, message, help);
                continue;
            };
            if limits.windows.iter().any(|other| other.seconds == window.seconds) {
                let message = format!("{} is the second limit over the same time", quote(&text));
                self.report(finding::LIMIT, item.origin, message);
            }
            limits.windows.push(window);
        }
        Some(limits)
    }
}

fn window(text: &str) -> Option<Window> {
    let (calls, unit) = text.split_once('/')?;
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let calls = calls
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| calls.parse().ok())??;
    (calls > 0).then_some(Window {
        calls,
        seconds: *seconds,
    })
}

impl Reader<'_> {
    /// Reads `{ of: link, seconds: 86400 }`.
    pub(super) fn lifetime(&mut self, node: &Node) -> Option<Lifetime> {
        let entries = self.entries(node, format::LIFETIME.names)?;
        let of = self.needed(&entries, "of", Self::line);
        let seconds = self.needed(&entries, "seconds", Self::count);
        let since = self.optional(&entries, "since", Self::line);
        Some(Lifetime {
            of: of?,
            seconds: seconds?,
            since,
        })
    }
}

impl Reader<'_> {
    /// Reads `{ successor: lingo.v1.file.download, reason: ... }`, of which both may be missing.
    pub(super) fn deprecation(&mut self, node: &Node) -> Option<Deprecation> {
        let entries = self.entries(node, format::DEPRECATION.names)?;
        Some(Deprecation {
            successor: self.optional(&entries, "successor", |reader, node| {
                let expected = "an id: project.version.resource.method";
                reader.pattern(node, finding::ENDPOINT_ID, expected, names::is_endpoint_id)
            }),
            reason: self.optional(&entries, "reason", Self::line),
        })
    }
}
