//! Where the platform is.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::error::ConfigError;
use crate::secret::REDACTED;

/// Where the platform is.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Host {
    /// `https://open.feishu.cn`.
    #[default]
    Feishu,
    /// `https://open.larksuite.com`.
    Lark,
    /// A private deployment, a gateway or a stand-in: its base URL. Plain http is for loopback alone.
    Custom(String),
}

impl Host {
    fn as_str(&self) -> &str {
        match self {
            Self::Feishu => "https://open.feishu.cn",
            Self::Lark => "https://open.larksuite.com",
            Self::Custom(url) => url,
        }
    }
}

/// Without a password that the URL may hold.
impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({})", presentable(self.as_str()))
    }
}

/// A base URL that has been checked. Tokens are sent to URLs below it and to no other.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    /// Without a slash at its end.
    text: String,
    url: Url,
    loopback: bool,
}

impl BaseUrl {
    pub(crate) fn new(host: &Host) -> Result<Self, ConfigError> {
        let text = host.as_str().trim();
        let refuse = |problem: String| ConfigError::BaseUrl {
            url: presentable(text),
            problem,
        };
        let url = Url::parse(text).map_err(|error| refuse(format!("is no URL ({error}): write `https://host`")))?;
        let loopback = url.host_str().is_some_and(is_loopback);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return Err(refuse(
                    "would send secrets in clear text: write `https://`; `http://` is for 127.0.0.1, ::1 and localhost alone"
                        .to_owned(),
                ));
            }
            other => {
                return Err(refuse(format!("has the scheme {other}: write `https://host`")));
            }
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("holds a user name or a password: remove it".to_owned()));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("holds a query or a fragment: remove it".to_owned()));
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            url,
            loopback,
        })
    }

    /// Whether an answer from this URL is one from here.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        self.url.origin() == url.origin()
    }

    /// Scheme, host and port alone.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }
}

/// The text without what may be secret: user name and password, query and fragment. Of a text with an
/// `@` behind them nothing is left: they may themselves be part of a password.
fn presentable(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (shown, hidden) = text.split_at(end);
    match shown.rfind('@') {
        _ if hidden.contains('@') => REDACTED.to_owned(),
        Some(at) => shown[at + 1..].to_owned(),
        None => shown.to_owned(),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
