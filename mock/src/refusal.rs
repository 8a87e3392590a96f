//! A call that is refused, and the error envelope that says so.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::HeaderValue;
use hyper::{Response, StatusCode};
use larkspur_codegen::model::Endpoint;
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::code;

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) http: u16,
    pub(crate) code: i64,
    pub(crate) msg: String,
    /// Fields that are wrong.
    pub(crate) violations: Vec<Violation>,
    /// Scopes of which one is missing.
    pub(crate) scopes: Vec<String>,
    /// The window that is full.
    pub(crate) rate: Option<Rate>,
    /// Whether the answer has no body at all.
    pub(crate) empty: bool,
}

/// A field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) field: String,
    pub(crate) value: String,
    pub(crate) description: String,
}

/// A rate window that is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// How many calls it takes.
    pub(crate) limit: u32,
    /// In how many seconds it takes calls again.
    pub(crate) reset: u64,
}

impl Refusal {
    /// A refusal with everything said by the caller.
    pub(crate) fn new(http: u16, code: i64, msg: impl Into<String>) -> Self {
        Self {
            http,
            code,
            msg: msg.into(),
            violations: Vec::new(),
            scopes: Vec::new(),
            rate: None,
            empty: false,
        }
    }

    /// One of the codes that every endpoint may answer with.
    pub(crate) fn common(code: i64) -> Self {
        let (http, msg) = code::common(code).unwrap_or((400, "error"));
        Self::new(http, code, msg)
    }

    /// Fields are wrong: with the endpoint's own code for that where it documents one.
    pub(crate) fn fields(endpoint: &Endpoint, violations: Vec<Violation>) -> Self {
        let documented = endpoint.errors.iter().find_map(|entry| {
            let msg = entry.msg.as_deref()?;
            let code = entry.code?;
            let of_parameters = entry.http == 400 && msg.to_ascii_lowercase().contains("param");
            of_parameters.then(|| Self::new(entry.http, code, msg))
        });
        Self {
            violations,
            ..documented.unwrap_or_else(|| Self::common(code::FIELD_VALIDATION))
        }
    }

    /// One field is wrong.
    pub(crate) fn field(endpoint: &Endpoint, field: &str, value: String, description: String) -> Self {
        let violation = Violation {
            field: field.to_owned(),
            value,
            description,
        };
        Self::fields(endpoint, vec![violation])
    }

    /// The failure that the endpoint documents with a message of all these words.
    pub(crate) fn documented(endpoint: &Endpoint, words: &[&str]) -> Option<Self> {
        endpoint.errors.iter().find_map(|entry| {
            let (msg, code) = (entry.msg.as_deref()?, entry.code?);
            let lower = msg.to_ascii_lowercase();
            let fits = words.iter().all(|word| lower.contains(word));
            fits.then(|| Self::new(entry.http, code, msg))
        })
    }

    /// The answer that says so, in the endpoint's form where it is the endpoint that refuses the call, and not
    /// what stands ahead of all of them.
    pub(crate) fn answer(&self, endpoint: &Endpoint, log_id: &str) -> Answer {
        let documented = endpoint.errors.iter().any(|entry| entry.code == Some(self.code));
        if endpoint.oauth && documented {
            return self.with_body(&self.oauth());
        }
        self.with_body(&self.envelope(log_id))
    }

    fn with_body(&self, body: &Value) -> Answer {
        let status = StatusCode::from_u16(self.http).unwrap_or(StatusCode::BAD_REQUEST);
        let mut answer = if self.empty {
            let mut empty = Response::new(Full::new(Bytes::new()));
            *empty.status_mut() = status;
            empty
        } else {
            answer::json(status, body)
        };
        if let Some(rate) = self.rate {
            let headers = answer.headers_mut();
            headers.insert("x-ogw-ratelimit-limit", HeaderValue::from(rate.limit));
            headers.insert("x-ogw-ratelimit-reset", HeaderValue::from(rate.reset));
        }
        answer
    }

    fn envelope(&self, log_id: &str) -> Value {
        let troubleshooter = format!(
            "https://open.feishu.cn/search?from=openapi&log_id={log_id}&code={}",
            self.code
        );
        let mut error = json!({ "log_id": log_id, "troubleshooter": troubleshooter });
        if !self.violations.is_empty() {
            error["field_violations"] = self.violations.iter().map(Violation::json).collect();
        }
        if !self.scopes.is_empty() {
            error["permission_violations"] = self.scopes.iter().map(|scope| missing_scope(scope)).collect();
        }
        json!({ "code": self.code, "msg": self.msg, "error": error })
    }
}

impl Refusal {
    fn oauth(&self) -> Value {
        let error = code::oauth::error(self.http, self.code);
        json!({ "code": self.code, "error": error, "error_description": self.msg })
    }
}

impl Violation {
    fn json(&self) -> Value {
        json!({ "field": self.field, "value": self.value, "description": self.description })
    }
}

fn missing_scope(scope: &str) -> Value {
    json!({ "scope": scope, "url": format!("https://open.feishu.cn/app?q={scope}") })
}
