//! Reading of failed responses.

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{StatusCode, Url};

use super::envelope::Envelope;
use super::scrub::Scrubber;
use crate::error::{ApiError, FieldViolation, Help, PermissionViolation};
use crate::retry::parse_retry_after;
use crate::wire::Value;

/// Maximum length of a text, in characters: enough for any message, and safe for logs.
const MAX_TEXT: usize = 1000;
/// Maximum length of an excerpt of a body without an envelope.
const MAX_EXCERPT: usize = 200;
/// Maximum number of entries of a list.
const MAX_ENTRIES: usize = 50;

/// Returns the log id of the call. A proxy may build it from anything in the request, so it is scrubbed.
pub(crate) fn log_id(headers: &HeaderMap, scrubber: &Scrubber) -> Option<String> {
    let value = headers.get("x-tt-logid").or_else(|| headers.get("x-request-id"))?;
    Some(clean(&scrubber.scrub(&String::from_utf8_lossy(value.as_bytes()))))
}

/// Reads an error from a failed response.
pub(crate) struct Reader<'a> {
    pub status: StatusCode,
    pub url: &'a Url,
    pub headers: &'a HeaderMap,
    pub scrubber: &'a Scrubber,
}

impl Reader<'_> {
    /// Reads the body, with or without an envelope.
    pub(crate) fn body(&self, body: &[u8]) -> ApiError {
        match Envelope::read(body, false, None) {
            Ok(envelope) if envelope.code.is_some() => self.envelope(envelope),
            _ => ApiError {
                excerpt: self.excerpt(body),
                ..self.head()
            },
        }
    }

    /// Reads the envelope.
    pub(crate) fn envelope(&self, envelope: Envelope) -> ApiError {
        let head = self.head();
        let error = envelope.error.unwrap_or_default();
        let log_id = ["log_id", "logid"]
            .iter()
            .find_map(|key| error.get(key)?.as_str())
            .map(|log_id| self.clean(log_id));
        ApiError {
            code: envelope.code,
            msg: self.clean(&envelope.msg),
            log_id: head.log_id.or(log_id),
            troubleshooter: Some(self.text(&error, &["troubleshooter"])).filter(|text| !text.is_empty()),
            helps: entries(&error, "helps", |entry| Help {
                url: self.text(entry, &["url"]),
                description: self.text(entry, &["description"]),
            }),
            field_violations: entries(&error, "field_violations", |entry| FieldViolation {
                field: self.text(entry, &["field"]),
                value: self.text(entry, &["value"]),
                description: self.text(entry, &["description"]),
            }),
            // The documentation has scope and url, other SDKs read type, subject and description.
            permission_violations: entries(&error, "permission_violations", |entry| PermissionViolation {
                scope: self.text(entry, &["scope", "subject"]),
                kind: self.text(entry, &["type"]),
                description: self.text(entry, &["description", "url"]),
            }),
            ..head
        }
    }

    /// Reads status and headers.
    fn head(&self) -> ApiError {
        ApiError {
            status: self.status.as_u16(),
            log_id: log_id(self.headers, self.scrubber),
            retry_after: parse_retry_after(self.headers),
            redirect: self.redirect(),
            ..ApiError::default()
        }
    }

    /// Returns the host of a redirect; the rest of its URL may contain tokens.
    fn redirect(&self) -> Option<String> {
        if !self.status.is_redirection() {
            return None;
        }
        let location = self.headers.get(LOCATION)?.to_str().ok()?;
        let to = self.url.join(location).ok()?;
        Some(self.clean(to.host_str().unwrap_or_default()))
    }

    fn excerpt(&self, body: &[u8]) -> Option<String> {
        let text = self.clean(&String::from_utf8_lossy(body));
        let excerpt: String = text.trim().chars().take(MAX_EXCERPT).collect();
        Some(excerpt).filter(|excerpt| !excerpt.is_empty())
    }

    /// Returns the first present key as text.
    fn text(&self, entry: &Value, keys: &[&str]) -> String {
        match keys.iter().find_map(|key| entry.get(key)) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => self.clean(text),
            Some(other) => self.clean(&other.to_string()),
        }
    }

    /// Returns the text without secrets, in one line of bounded length.
    pub(crate) fn clean(&self, text: &str) -> String {
        clean(&self.scrubber.scrub(text))
    }
}

fn entries<T>(error: &Value, key: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
    let list = error.get(key).and_then(Value::as_array);
    list.into_iter().flatten().take(MAX_ENTRIES).map(read).collect()
}

/// Returns one line without control characters, of bounded length.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .take(MAX_TEXT)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
