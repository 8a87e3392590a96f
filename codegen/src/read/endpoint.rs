//! Reads an endpoint with its access rules, rate limits, lifetime, deprecation, pagination and polling.

use super::Reader;
use super::document::entry_span;
use super::value::{Entries, child, parse_integer, suggest_nearest};
use crate::characters::quote;
use crate::model::{
    Ability, AppKind, Deprecation, Endpoint, Feed, FeedSource, Field, Lifetime, Limits, Method, Pagination,
    PlatformHost, Poll, PollState, Response, SecondSource, TokenKind, Type, Window,
};
use crate::yaml::{Key, Node, Value};
use crate::{finding, format, names};

impl Reader<'_> {
    /// Reads the endpoint with this id.
    pub(super) fn read_endpoint(&mut self, id: String, key: &Key, node: &Node) -> Option<Endpoint> {
        let entries = self.expect_known_keys(node, format::ENDPOINT.names)?;
        self.read_allowances(&entries, entry_span(key, node));
        let rust = self.read_endpoint_name(key, &entries)?;
        let target = self.read_required_key(&entries, "http", Self::read_route);
        let method = target.as_ref().map_or(Method::Get, |target| target.method);
        let mut request = self.read_request(&entries, &rust, target.as_ref());
        let response = self.read_response(&entries, &rust);
        if entries.get("pagination").is_some() {
            avoid_pagination_methods(&mut request.fields);
        }
        self.check_distinct_members(&request.fields);
        self.check_file_attributes(&request.fields);
        let repetition = self.read_idempotency(&entries, target.as_ref(), &request.fields);
        if let Some(Response::Binary(binary)) = &response {
            self.check_range_header(binary, &request);
        }
        Some(Endpoint {
            id,
            name: key.text.clone(),
            summary: self.read_optional(&entries, "summary", Self::read_line),
            docs: self.read_optional(&entries, "docs", Self::read_docs),
            updated: self.read_optional(&entries, "updated", Self::read_date),
            method,
            path: target.map(|target| target.path).unwrap_or_default(),
            source: self.read_optional(&entries, "source", Self::read_second_source),
            token_sources: self.read_token_sources(&entries),
            host: self
                .read_optional(&entries, "host", Self::read_host)
                .unwrap_or_default(),
            tokens: self.read_optional(&entries, "tokens", Self::read_tokens),
            apps: self.read_list(&entries, "apps", Self::read_apps),
            scopes: self.read_optional(&entries, "scopes", Self::read_scopes),
            field_scopes: self.read_list(&entries, "field_scopes", Self::read_scopes),
            abilities: self.read_list(&entries, "abilities", Self::read_abilities),
            limits: self.read_optional(&entries, "limits", Self::read_limits),
            pagination: self.read_pagination(&entries, &request.fields, response.as_ref()),
            poll: self.read_poll(&entries, response.as_ref()),
            task_state: None,
            idempotency: repetition.idempotency,
            repeatable: repetition.repeatable,
            upload: self.read_upload(&entries, &request, response.as_ref()),
            response: response.unwrap_or(Response::Empty),
            oauth: entries.get("envelope").is_some_and(|node| is_word(node, "oauth")),
            errors: self.read_list(&entries, "errors", Self::read_errors),
            lifetime: self.read_optional(&entries, "lifetime", Self::read_lifetime),
            deprecated: self.read_optional(&entries, "deprecated", Self::read_deprecation),
            notes: self.read_list(&entries, "notes", Self::read_notes),
            fixed_headers: request.fixed_headers,
            fixed_fields: request.fixed_fields,
            fields: request.fields,
            body: request.body,
            origin: key.origin,
            keys: entries.key_origins(),
            rust,
        })
    }

    fn read_endpoint_name(&mut self, key: &Key, entries: &Entries<'_>) -> Option<String> {
        if !names::is_snake(&key.text) {
            let message = format!(
                "invalid endpoint name {}: expected snake_case in ASCII",
                quote(&key.text)
            );
            self.report(finding::ENDPOINT_NAME, key.origin, message);
            return None;
        }
        match self.read_optional(entries, "rust", Self::read_type_name) {
            Some(name) => Some(name),
            None => names::camel(&key.text),
        }
    }

    fn read_host(&mut self, node: &Node) -> Option<PlatformHost> {
        let hosts = [PlatformHost::Www, PlatformHost::Accounts];
        self.read_word(node, &hosts.map(|host| (host.as_str(), host)))
    }

    fn read_notes(&mut self, node: &Node) -> Option<Vec<String>> {
        self.read_each(node, Self::read_line)
    }

    fn read_docs(&mut self, node: &Node) -> Option<String> {
        let expected = "an https URL in ASCII";
        self.read_pattern(node, finding::DOCS_URL, expected, names::is_docs_url)
    }

    fn read_date(&mut self, node: &Node) -> Option<String> {
        self.read_pattern(node, finding::DATE, "a date such as 2025-01-31", is_date)
    }
}

/// Renames fields whose setters would hide the methods of a paginated request.
fn avoid_pagination_methods(fields: &mut [Field]) {
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

/// Returns whether the text is a calendar date, as `YYYY-MM-DD`.
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
    /// Reads token kinds; an empty list means that no token is sent.
    pub(super) fn read_tokens(&mut self, node: &Node) -> Option<Vec<TokenKind>> {
        self.read_distinct(node, |reader, node| match &node.value {
            Value::Map(_) => {
                let entries = reader.expect_known_keys(node, format::TOKEN.names)?;
                reader.read_required_key(&entries, "source", Self::read_second_source);
                reader.read_required_key(&entries, "kind", |reader, node| reader.read_word(node, TOKENS))
            }
            _ => reader.read_word(node, TOKENS),
        })
    }

    /// Returns the token kinds with a source. Their findings have been reported.
    fn read_token_sources(&mut self, entries: &Entries<'_>) -> Vec<(TokenKind, SecondSource)> {
        let Some(Value::List(items)) = entries.get("tokens").map(|node| &node.value) else {
            return Vec::new();
        };
        let word = |node: &Node, key: &str| match child(node, key).map(|node| &node.value) {
            Some(Value::Literal(text) | Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let sourced = items.iter().filter_map(|node| {
            let (kind, source) = (word(node, "kind")?, word(node, "source")?);
            let (_, kind) = TOKENS.iter().find(|(name, _)| *name == kind)?;
            (source == SecondSource::Sdk.as_str()).then_some((*kind, SecondSource::Sdk))
        });
        sourced.collect()
    }

    /// Reads `source:`.
    pub(super) fn read_second_source(&mut self, node: &Node) -> Option<SecondSource> {
        self.read_word(node, &[(SecondSource::Sdk.as_str(), SecondSource::Sdk)])
    }

    /// Reads app kinds.
    pub(super) fn read_apps(&mut self, node: &Node) -> Option<Vec<AppKind>> {
        self.read_words(node, APPS)
    }

    /// Reads the abilities that the app must enable.
    pub(super) fn read_abilities(&mut self, node: &Node) -> Option<Vec<Ability>> {
        self.read_words(node, ABILITIES)
    }

    /// Reads scopes, any one of which suffices; an empty list means that no scope is required.
    pub(super) fn read_scopes(&mut self, node: &Node) -> Option<Vec<String>> {
        let expected = "a scope such as `drive:drive:readonly`";
        let read =
            |reader: &mut Self, node: &Node| reader.read_pattern(node, finding::SCOPE, expected, names::is_scope);
        self.read_distinct(node, read)
    }

    fn read_words<T: Copy + PartialEq>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<Vec<T>> {
        self.read_distinct(node, |reader, node| reader.read_word(node, words))
    }

    /// Reads a list and reports duplicates.
    fn read_distinct<T: PartialEq>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut values = Vec::new();
        for item in self.expect_list(node)? {
            let Some(value) = read(self, item) else {
                continue;
            };
            if values.contains(&value) {
                let text = self.read_text(item).unwrap_or_default();
                self.report(
                    finding::DUPLICATE_VALUE,
                    item.origin,
                    format!("duplicate value {}", quote(&text)),
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
    pub(super) fn read_limits(&mut self, node: &Node) -> Option<Limits> {
        let mut limits = Limits::default();
        for item in self.expect_list(node)? {
            let Some(text) = self.read_text(item) else {
                continue;
            };
            if text == "special" {
                limits.special = true;
                continue;
            }
            let Some(window) = parse_window(&text) else {
                let message = format!("invalid rate limit {}", quote(&text));
                let help = "write `special` or a count per second, minute, hour or day, such as `5/second`";
                self.report_with_help(finding::LIMIT, item.origin, message, help);
                continue;
            };
            if limits.windows.iter().any(|other| other.seconds == window.seconds) {
                let message = format!("duplicate rate limit {} for the same period", quote(&text));
                self.report(finding::LIMIT, item.origin, message);
            }
            limits.windows.push(window);
        }
        Some(limits)
    }
}

fn parse_window(text: &str) -> Option<Window> {
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
    pub(super) fn read_lifetime(&mut self, node: &Node) -> Option<Lifetime> {
        let entries = self.expect_known_keys(node, format::LIFETIME.names)?;
        let of = self.read_required_key(&entries, "of", Self::read_line);
        let seconds = self.read_required_key(&entries, "seconds", Self::read_count);
        let since = self.read_optional(&entries, "since", Self::read_line);
        Some(Lifetime {
            of: of?,
            seconds: seconds?,
            since,
        })
    }
}

impl Reader<'_> {
    /// Reads `{ successor: lingo.v1.file.download, reason: ... }`; both keys are optional.
    pub(super) fn read_deprecation(&mut self, node: &Node) -> Option<Deprecation> {
        let entries = self.expect_known_keys(node, format::DEPRECATION.names)?;
        Some(Deprecation {
            successor: self.read_optional(&entries, "successor", |reader, node| {
                let expected = "an endpoint id: project.version.resource.method";
                reader.read_pattern(node, finding::ENDPOINT_ID, expected, names::is_endpoint_id)
            }),
            reason: self.read_optional(&entries, "reason", Self::read_line),
        })
    }
}

/// One of the fields that pagination requires.
struct Role {
    /// Key under `pagination:`.
    key: &'static str,
    /// Default wire name.
    default_name: &'static str,
    /// Required type, for messages.
    expected: &'static str,
    fits: fn(&Type) -> bool,
}

const TOKEN: Role = Role {
    key: "token",
    default_name: "page_token",
    expected: "a string",
    fits: |ty| *ty == Type::String,
};

const NEXT: Role = Role { key: "next", ..TOKEN };

const MORE: Role = Role {
    key: "more",
    default_name: "has_more",
    expected: "a bool",
    fits: |ty| *ty == Type::Bool,
};

const ITEMS: Role = Role {
    key: "items",
    default_name: "items",
    expected: "a list",
    fits: |ty| matches!(ty, Type::List(_)),
};

const SIZE: Role = Role {
    key: "size",
    default_name: "page_size",
    // Some pages document it as text.
    expected: "an int or a string",
    fits: |ty| matches!(ty, Type::Int | Type::String),
};

/// The request or the response with its fields.
struct Side<'f> {
    name: &'static str,
    fields: &'f [Field],
}

impl Reader<'_> {
    /// Reads `pagination:`, which names fields of the request and the response; `None` if the response could not be read.
    pub(super) fn read_pagination(
        &mut self,
        entries: &Entries<'_>,
        request: &[Field],
        response: Option<&Response>,
    ) -> Option<Pagination> {
        let node = entries.get("pagination")?;
        let response_fields = match response? {
            Response::Json { ty, .. } => self.types.fields(*ty).to_vec(),
            Response::Empty | Response::Binary(_) => Vec::new(),
        };
        let request = Side {
            name: "request",
            fields: request,
        };
        let response = Side {
            name: "response",
            fields: &response_fields,
        };
        self.at_key("pagination", |reader| {
            let entries = reader.expect_known_keys(node, format::PAGINATION.names)?;
            let mut role = |role: Role, side: &Side<'_>| reader.resolve_role(&entries, &role, side);
            let token = role(TOKEN, &request);
            let next = role(NEXT, &response);
            let more = role(MORE, &response);
            let items = role(ITEMS, &response);
            let sized = entries.get(SIZE.key).is_some() || request.field(SIZE.default_name).is_some();
            let size = sized.then(|| role(SIZE, &request)).flatten();
            Some(Pagination {
                token: token?,
                next: next?,
                more: more?,
                items: items?,
                size,
            })
        })
    }

    /// Returns the wire name of the field with this role.
    fn resolve_role(&mut self, entries: &Entries<'_>, role: &Role, side: &Side<'_>) -> Option<String> {
        let stated = self.read_optional(entries, role.key, Self::read_text);
        let name = stated.unwrap_or_else(|| role.default_name.to_owned());
        let origin = entries.get(role.key).map_or(entries.origin, |node| node.origin);
        let (key, expected, whose) = (role.key, role.expected, side.name);
        let Some(field) = side.field(&name) else {
            let known: Vec<&str> = side.fields.iter().map(|field| field.key.as_str()).collect();
            let help = suggest_nearest(&name, &known, || format!("set `{key}` to the name of the field"));
            let message = format!("the {whose} has no field {} for `{key}`", quote(&name));
            self.report_with_help(finding::PAGINATION_FIELD, origin, message, help);
            return None;
        };
        if !(role.fits)(&field.ty) {
            let name = quote(&name);
            let message = format!("the {whose}'s field {name} for `{key}` is not {expected}");
            self.report(finding::PAGINATION_FIELD, origin, message);
        }
        Some(name)
    }
}

impl Side<'_> {
    fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

impl Reader<'_> {
    /// Reads `poll:`. The names in it are resolved after all endpoints have been read.
    pub(super) fn read_poll(&mut self, entries: &Entries<'_>, response: Option<&Response>) -> Option<Poll> {
        let node = entries.get("poll")?;
        if !matches!(response?, Response::Json { .. }) {
            let message = "`poll:` requires a response with fields";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("poll"), message);
            return None;
        }
        self.at_key("poll", |reader| {
            let entries = reader.expect_known_keys(node, format::POLL.names)?;
            let endpoint = reader.read_required_key(&entries, "endpoint", Self::read_endpoint_id);
            let mut feeds = reader.read_list(&entries, "from_response", |reader, node| {
                reader.read_feeds(node, FeedSource::Response)
            });
            feeds.extend(reader.read_list(&entries, "from_request", |reader, node| {
                reader.read_feeds(node, FeedSource::Request)
            }));
            reader.check_fed_once(&feeds);
            let state = reader.read_poll_state(&entries);
            Some(Poll {
                endpoint: endpoint?,
                feeds,
                state: state?,
                origin: entries.get("endpoint")?.origin,
            })
        })
    }

    pub(super) fn read_endpoint_id(&mut self, node: &Node) -> Option<String> {
        let expected = "an endpoint id: project.version.resource.method";
        self.read_pattern(node, finding::ENDPOINT_ID, expected, names::is_endpoint_id)
    }

    /// Reads `{ field of the poll request: field with its value }`.
    fn read_feeds(&mut self, node: &Node, source: FeedSource) -> Option<Vec<Feed>> {
        let entries = self.expect_mapping(node)?;
        let feed = |(key, node): &(Key, Node)| {
            Some(Feed {
                field: key.text.clone(),
                source,
                from: self.at_key(&key.text, |reader| reader.read_text(node))?,
                origin: key.origin,
            })
        };
        Some(entries.iter().filter_map(feed).collect())
    }

    fn check_fed_once(&mut self, feeds: &[Feed]) {
        for (index, feed) in feeds.iter().enumerate() {
            if feeds[..index].iter().any(|other| other.field == feed.field) {
                let message = format!("{} is set from both the response and the request", quote(&feed.field));
                self.report(finding::POLL_FIELD, feed.origin, message);
            }
        }
    }

    fn read_poll_state(&mut self, entries: &Entries<'_>) -> Option<PollState> {
        let path = self.read_required_key(entries, "state", Self::read_text);
        let done = self.read_required_key(entries, "done", Self::read_state_values);
        let failed = self.read_list(entries, "failed", Self::read_state_values);
        let reason = self.read_optional(entries, "reason", Self::read_text);
        let keys = |path: String| path.split('.').map(str::to_owned).collect();
        Some(PollState {
            path: keys(path?),
            done: done?,
            failed,
            reason: reason.map(keys).unwrap_or_default(),
            origin: entries.get("state")?.origin,
        })
    }

    fn read_state_values(&mut self, node: &Node) -> Option<Vec<serde_json::Value>> {
        let values = self.read_each(node, Self::read_state_value)?;
        if values.is_empty() {
            self.report(finding::EMPTY_VALUE, node.origin, "the list is empty");
        }
        Some(values)
    }

    /// Reads a scalar; an unquoted number or bool keeps its type.
    fn read_state_value(&mut self, node: &Node) -> Option<serde_json::Value> {
        if let Some(number) = parse_integer(&node.value) {
            return Some(number.into());
        }
        match &node.value {
            Value::Literal(text) if text == "true" || text == "false" => Some((text == "true").into()),
            _ => self.read_text(node).map(Into::into),
        }
    }
}
