//! The host and the base URL of the platform.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use reqwest::Url;
use url::Position;

use crate::endpoint::PlatformHost;
use crate::error::ConfigError;
use crate::secret::REDACTED;

/// The host of the platform.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Host {
    /// `https://open.feishu.cn`.
    #[default]
    Feishu,
    /// `https://open.larksuite.com`.
    Lark,
    /// The base URL of a private deployment, a gateway or a mock server. Plain `http` is allowed for loopback only.
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

/// The domains of the regions, each with its default host.
const REGIONS: [(&str, &str); 2] = [
    ("https://open.feishu.cn", "feishu.cn"),
    ("https://open.larksuite.com", "larksuite.com"),
];

/// Returns the URL of a host of the platform. Any other base URL is one of a private deployment, a gateway or a mock server,
/// which by default serves all hosts.
pub(crate) fn platform_url(base: &str, host: PlatformHost) -> Cow<'_, str> {
    let name = match host {
        PlatformHost::Open => return base.into(),
        PlatformHost::Www => "www",
        PlatformHost::Accounts => "accounts",
    };
    let region = REGIONS.iter().find(|(open, _)| *open == base);
    region.map_or(base.into(), |(_, domain)| format!("https://{name}.{domain}").into())
}

/// Without a password in the URL.
impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({})", redact_url(self.as_str()))
    }
}

/// A validated base URL. Tokens are sent to URLs below it only.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    /// Without a trailing slash.
    text: String,
    url: Url,
    /// Length of scheme, host and port in the text.
    origin_length: usize,
    /// The text without its scheme.
    host_and_path: Arc<str>,
    loopback: bool,
}

impl BaseUrl {
    pub(crate) fn new(host: &Host) -> Result<Self, ConfigError> {
        let text = host.as_str().trim();
        let refuse = |problem: String| ConfigError::BaseUrl {
            url: redact_url(text),
            problem,
        };
        let url = Url::parse(text).map_err(|error| refuse(format!("{error}: expected `https://host`")))?;
        let loopback = url.host_str().is_some_and(is_loopback);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return Err(refuse(
                    "plain HTTP would expose secrets: use `https://`; `http://` is allowed for 127.0.0.1, ::1 and localhost only"
                        .to_owned(),
                ));
            }
            other => {
                return Err(refuse(format!("unsupported scheme {other}: expected `https://host`")));
            }
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it contains a user name or a password: remove it".to_owned()));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it contains a query or a fragment: remove it".to_owned()));
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            host_and_path: text.split_once("://").map_or(&*text, |(_, rest)| rest).into(),
            origin_length: url[..Position::BeforePath].len(),
            text,
            url,
            loopback,
        })
    }

    /// Returns the base URL of another host of the platform, which may be this one.
    pub(crate) fn for_host(&self, host: PlatformHost) -> Result<Self, ConfigError> {
        Self::new(&Host::Custom(platform_url(&self.text, host).into_owned()))
    }

    /// Returns whether a URL has the same origin.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        let url_port = url.port_or_known_default();
        self.url.scheme() == url.scheme()
            && self.url.host() == url.host()
            && self.url.port_or_known_default() == url_port
    }

    /// Parses a URL that begins with this one; fails with the reason if the parser changes it.
    ///
    /// The parser resolves `..` and its encodings: a different result would call another endpoint.
    pub(crate) fn parse_below(&self, text: &str) -> Result<Url, String> {
        // What follows the origin is parsed relative to it: the host was parsed before.
        let relative = text.get(self.origin_length..).unwrap_or_default();
        let url = Url::options().base_url(Some(&self.url)).parse(relative);
        let url = url.map_err(|error| error.to_string())?;
        if url.as_str() == text {
            Ok(url)
        } else {
            Err("would change the called path".to_owned())
        }
    }

    /// Returns scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Returns host, port and path, which identify the platform.
    pub(crate) fn host_and_path(&self) -> &Arc<str> {
        &self.host_and_path
    }

    /// Without a trailing slash.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether the host is a loopback address.
    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }
}

/// Removes user name, password, query and fragment from a URL. A text with an `@` after a `?` or `#` is replaced as a whole:
/// those may be part of a password.
fn redact_url(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_the_region() {
        let url = |host: Host, of| BaseUrl::new(&host).unwrap().for_host(of).unwrap().as_str().to_owned();
        assert_eq!(url(Host::Feishu, PlatformHost::Open), "https://open.feishu.cn");
        assert_eq!(url(Host::Feishu, PlatformHost::Www), "https://www.feishu.cn");
        assert_eq!(url(Host::Lark, PlatformHost::Www), "https://www.larksuite.com");
        assert_eq!(
            url(Host::Lark, PlatformHost::Accounts),
            "https://accounts.larksuite.com"
        );
    }

    #[test]
    fn custom_base_url_serves_every_host() {
        for custom in [
            "http://127.0.0.1:9",
            "https://gateway.example/lark",
            "https://open.feishu.cn.example",
            "https://open.feishu.cn:8443",
        ] {
            let base = BaseUrl::new(&Host::Custom(custom.to_owned())).unwrap();
            for host in [PlatformHost::Open, PlatformHost::Www, PlatformHost::Accounts] {
                assert_eq!(base.for_host(host).unwrap().as_str(), custom);
            }
        }
    }
}
