//! An HTTP client that sends requests unchanged.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A request builder.
pub struct TestRequest {
    url: String,
    request: hyper::http::request::Builder,
    body: Bytes,
}

/// A response.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub fn request(method: &str, base_url: &str, path: &str) -> TestRequest {
    TestRequest {
        url: format!("{base_url}{path}"),
        request: Request::builder().method(method),
        body: Bytes::new(),
    }
}

pub fn get(base_url: &str, path: &str) -> TestRequest {
    request("GET", base_url, path)
}

pub fn post(base_url: &str, path: &str) -> TestRequest {
    request("POST", base_url, path)
}

impl TestRequest {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn token(self, token: impl AsRef<str>) -> Self {
        let value = format!("Bearer {}", token.as_ref());
        self.header(AUTHORIZATION.as_str(), &value)
    }

    pub fn json(mut self, value: &Value) -> Self {
        self.body = value.to_string().into();
        self.header(CONTENT_TYPE.as_str(), "application/json; charset=utf-8")
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub async fn send(self) -> Result<Response, Box<dyn std::error::Error>> {
        let request = self.request.uri(self.url).body(Full::new(self.body))?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await?;
        let (parts, body) = response.into_parts();
        Ok(Response {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.collect().await?.to_bytes(),
        })
    }
}

impl Response {
    /// Returns the body as JSON, null if it does not parse.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Returns the code of the envelope.
    pub fn code(&self) -> Option<i64> {
        self.json()["code"].as_i64()
    }

    /// Returns HTTP status and code.
    pub fn outcome(&self) -> (u16, Option<i64>) {
        (self.status, self.code())
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// Returns the fields with violations.
    pub fn wrong_fields(&self) -> Vec<String> {
        let json = self.json();
        let list = json["error"]["field_violations"].as_array();
        let fields = list.into_iter().flatten();
        fields
            .filter_map(|violation| Some(violation["field"].as_str()?.to_owned()))
            .collect()
    }
}
