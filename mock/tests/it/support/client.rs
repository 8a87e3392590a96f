//! A client that sends what it is told and shows what came back.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A request that is being put together.
pub struct Ask {
    url: String,
    request: hyper::http::request::Builder,
    body: Bytes,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub fn ask(method: &str, base_url: &str, path: &str) -> Ask {
    Ask {
        url: format!("{base_url}{path}"),
        request: Request::builder().method(method),
        body: Bytes::new(),
    }
}

pub fn get(base_url: &str, path: &str) -> Ask {
    ask("GET", base_url, path)
}

pub fn post(base_url: &str, path: &str) -> Ask {
    ask("POST", base_url, path)
}

impl Ask {
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

    pub async fn send(self) -> Result<Reply, Box<dyn std::error::Error>> {
        let request = self.request.uri(self.url).body(Full::new(self.body))?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await?;
        let (parts, body) = response.into_parts();
        Ok(Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.collect().await?.to_bytes(),
        })
    }
}

impl Reply {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The envelope's code.
    pub fn code(&self) -> Option<i64> {
        self.json()["code"].as_i64()
    }

    /// HTTP status and code.
    pub fn outcome(&self) -> (u16, Option<i64>) {
        (self.status, self.code())
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// The fields that are told to be wrong.
    pub fn wrong_fields(&self) -> Vec<String> {
        let json = self.json();
        let list = json["error"]["field_violations"].as_array();
        let fields = list.into_iter().flatten();
        fields
            .filter_map(|violation| Some(violation["field"].as_str()?.to_owned()))
            .collect()
    }
}
