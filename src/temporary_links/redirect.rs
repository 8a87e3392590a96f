//! The way along a link: each hop is looked at before it is taken.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use url::Host;

use super::address::{self, NoPublicAddress, PublicOnly, System};
use crate::error::{DecodeError, ErrorKind, TemporaryLinkError, TransportError};
use crate::transport::LinkTransport;

/// Most redirects that are followed.
const MOST_REDIRECTS: usize = 5;

impl LinkTransport {
    fn http(&self) -> Result<reqwest::Client, ErrorKind> {
        if let Some(http) = self.http.get() {
            return Ok(http.clone());
        }
        let resolver = self.settings.resolver.clone().unwrap_or_else(|| Arc::new(System));
        let resolver = match self.settings.allow_private {
            true => resolver,
            false => Arc::new(PublicOnly(resolver)),
        };
        let http = self
            .transport
            .clone()
            .link_client(resolver)
            .map_err(ErrorKind::Config)?;
        Ok(self.http.get_or_init(|| http).clone())
    }

    /// Follows a link to the answer at its end, whatever that is. No hop may take longer than this until it answers.
    pub(crate) async fn follow(
        &self,
        link: &SecretString,
        headers: HeaderMap,
        timeout: Duration,
    ) -> Result<Response, ErrorKind> {
        let http = self.http()?;
        let mut url = Url::parse(link.expose_secret())
            .map_err(|_| refuse(None, "what the platform gave is no URL"))
            .and_then(|url| self.check(url, false))?;
        for _ in 0..=MOST_REDIRECTS {
            let request = http
                .get(url.clone())
                .headers(headers.clone())
                .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            let response = match tokio::time::timeout(timeout, request.send()).await {
                Err(_) => return Err(ErrorKind::Transport(TransportError::timeout(timeout, "answer"))),
                Ok(Err(error)) => return Err(failed(error, &url)),
                Ok(Ok(response)) => response,
            };
            if !is_redirect(response.status()) {
                return check_encoding(response);
            }
            let secure = url.scheme() == "https";
            url = self.check(target(&url, response.headers())?, secure)?;
        }
        Err(ErrorKind::TemporaryLink(TemporaryLinkError::Redirects {
            followed: MOST_REDIRECTS,
        }))
    }

    /// Whether a link may lead there.
    fn check(&self, url: Url, secure: bool) -> Result<Url, ErrorKind> {
        match url.scheme() {
            "https" => {}
            "http" if secure => return Err(refuse(Some(&url), "it leads from https to http")),
            "http" if self.settings.allow_private => {}
            "http" => {
                return Err(refuse(
                    Some(&url),
                    "it is http, which anybody on the way can read and change",
                ));
            }
            _ => return Err(refuse(Some(&url), "it is no https URL")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            // The HTTP client would send them as a header.
            return Err(refuse(Some(&url), "it holds a user name or a password"));
        }
        // A name is judged by the addresses that it has when something connects to it.
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            _ => None,
        };
        match address {
            Some(address) if !self.settings.allow_private && !address::is_public(address) => Err(private(&url)),
            _ => Ok(url),
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads.
fn target(from: &Url, headers: &HeaderMap) -> Result<Url, ErrorKind> {
    let mut locations = headers.get_all(LOCATION).iter();
    let (Some(location), None) = (locations.next(), locations.next()) else {
        return Err(refuse(
            Some(from),
            "it is a redirect that does not say where to, or says so twice",
        ));
    };
    let target = location.to_str().ok().and_then(|location| from.join(location).ok());
    target.ok_or_else(|| refuse(Some(from), "it is a redirect to what is no URL"))
}

/// What comes packed would be written as it comes.
fn check_encoding(response: Response) -> Result<Response, ErrorKind> {
    match response.headers().get(CONTENT_ENCODING) {
        Some(encoding) if response.status().is_success() && encoding != "identity" => {
            Err(ErrorKind::Decode(DecodeError {
                status: response.status().as_u16(),
                path: String::new(),
                problem: "it came compressed and was not asked for in that form: look what changes it on its way"
                    .to_owned(),
                log_id: None,
            }))
        }
        _ => Ok(response),
    }
}

fn failed(error: reqwest::Error, url: &Url) -> ErrorKind {
    match crate::error::find_cause::<NoPublicAddress>(&error) {
        Some(_) => private(url),
        None => ErrorKind::Transport(TransportError::sending(error)),
    }
}

fn refuse(url: Option<&Url>, why: &'static str) -> ErrorKind {
    let host = url.map(host).unwrap_or_default();
    ErrorKind::TemporaryLink(TemporaryLinkError::Unsafe { host, why })
}

fn private(url: &Url) -> ErrorKind {
    ErrorKind::TemporaryLink(TemporaryLinkError::Private { host: host(url) })
}

/// The host alone: the rest of a link is secret.
pub(super) fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{LinkSettings, Settings};

    fn leads(to: &str, secure: bool, allow_private: bool) -> bool {
        let settings = LinkSettings {
            allow_private,
            resolver: None,
        };
        let way = LinkTransport::new(settings, Settings::default());
        Url::parse(to).is_ok_and(|url| way.check(url, secure).is_ok())
    }

    #[test]
    fn a_hop_is_judged_as_the_first_one_is() {
        for secure in [false, true] {
            assert!(leads("https://files.example/a?b", secure, false));
            assert!(leads("https://1.1.1.1:8443/", secure, false));
            for to in [
                "https://127.0.0.1/",
                "https://[::ffff:10.0.0.1]/",
                "https://2130706433/",
            ] {
                assert!(!leads(to, secure, false), "{to}");
                assert!(leads(to, secure, true), "{to}");
            }
            for to in [
                "https://a@files.example/",
                "https://:b@files.example/",
                "wss://files.example/",
            ] {
                assert!(!leads(to, secure, true), "{to}");
            }
        }
    }

    #[test]
    fn clear_text_is_for_private_addresses_and_never_behind_https() {
        assert!(!leads("http://files.example/", false, false));
        assert!(leads("http://files.example/", false, true));
        assert!(!leads("http://files.example/", true, true));
    }
}
