//! Redirect policy of temporary links: each hop is checked before it is requested.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use url::Host;

use super::address::{self, LinkResolver, NoPublicAddress, SystemResolver};
use crate::error::{DecodeError, ErrorKind, TemporaryLinkError, TransportError};
use crate::transport::LinkTransport;

/// Maximum number of redirects.
const MAX_REDIRECTS: usize = 5;

impl LinkTransport {
    fn http(&self) -> Result<reqwest::Client, ErrorKind> {
        if let Some(http) = self.http.get() {
            return Ok(http.clone());
        }
        let resolver = self
            .settings
            .resolver
            .clone()
            .unwrap_or_else(|| Arc::new(SystemResolver));
        let resolver = Arc::new(LinkResolver {
            resolver,
            allow_private: self.settings.allow_private,
            may_use_proxy: self.may_use_proxy(),
        });
        let http = self
            .transport
            .clone()
            .link_client(resolver, self.loopback)
            .map_err(ErrorKind::Config)?;
        Ok(self.http.get_or_init(|| http).clone())
    }

    /// Returns whether a link may be requested through a proxy, of the builder or of the environment.
    fn may_use_proxy(&self) -> bool {
        !self.transport.proxies.is_empty() || !self.loopback && address::environment_may_have_proxy()
    }

    /// Follows a link and its redirects to the final response. The timeout applies to each hop.
    pub(crate) async fn follow(
        &self,
        link: &SecretString,
        headers: HeaderMap,
        timeout: Duration,
    ) -> Result<Response, ErrorKind> {
        let http = self.http()?;
        let mut url = Url::parse(link.expose_secret())
            .map_err(|_| refuse(None, "the link is not a valid URL"))
            .and_then(|url| self.check_hop(url, false))?;
        for _ in 0..=MAX_REDIRECTS {
            let request = http
                .get(url.clone())
                .headers(headers.clone())
                .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            let sending = address::with_link_host(url.host_str().unwrap_or_default(), request.send());
            let response = match tokio::time::timeout(timeout, sending).await {
                Err(_) => return Err(ErrorKind::Transport(TransportError::timeout(timeout, "answer"))),
                Ok(Err(error)) => return Err(request_error(error, &url)),
                Ok(Ok(response)) => response,
            };
            if !is_redirect(response.status()) {
                return check_encoding(response);
            }
            let secure = url.scheme() == "https";
            url = self.check_hop(redirect_target(&url, response.headers())?, secure)?;
        }
        Err(ErrorKind::TemporaryLink(TemporaryLinkError::Redirects {
            followed: MAX_REDIRECTS,
        }))
    }

    /// Checks whether a link may lead to this URL.
    fn check_hop(&self, url: Url, secure: bool) -> Result<Url, ErrorKind> {
        match url.scheme() {
            "https" => {}
            "http" if secure => return Err(refuse(Some(&url), "it redirects from https to http")),
            "http" if self.settings.allow_private => {}
            "http" => {
                return Err(refuse(Some(&url), "plain http can be read and modified in transit"));
            }
            _ => return Err(refuse(Some(&url), "the scheme is not https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            // The HTTP client would send them as a header.
            return Err(refuse(Some(&url), "the URL contains a user name or password"));
        }
        let is_private = match url.host() {
            Some(Host::Ipv4(address)) => !address::is_public(address.into()),
            Some(Host::Ipv6(address)) => !address::is_public(address.into()),
            // A proxy resolves names itself. Without one, the resolver checks their addresses when the client connects.
            Some(Host::Domain(name)) => self.may_use_proxy() && address::is_private_name(name),
            None => false,
        };
        if is_private && !self.settings.allow_private {
            return Err(private_address(&url));
        }
        Ok(url)
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Returns the target of a redirect.
fn redirect_target(from: &Url, headers: &HeaderMap) -> Result<Url, ErrorKind> {
    let mut locations = headers.get_all(LOCATION).iter();
    let (Some(location), None) = (locations.next(), locations.next()) else {
        return Err(refuse(Some(from), "the redirect has no Location header, or several"));
    };
    let target = location.to_str().ok().and_then(|location| from.join(location).ok());
    target.ok_or_else(|| refuse(Some(from), "the Location header of the redirect is not a valid URL"))
}

/// An encoded body would be saved without decoding.
fn check_encoding(response: Response) -> Result<Response, ErrorKind> {
    match response.headers().get(CONTENT_ENCODING) {
        Some(encoding) if response.status().is_success() && encoding != "identity" => {
            let encoding = encoding.to_str().unwrap_or("?");
            let problem = format!("unexpected Content-Encoding `{encoding}`: a proxy may have re-encoded the response");
            Err(ErrorKind::Decode(DecodeError {
                status: response.status().as_u16(),
                path: String::new(),
                problem,
                log_id: None,
            }))
        }
        _ => Ok(response),
    }
}

fn request_error(error: reqwest::Error, url: &Url) -> ErrorKind {
    match crate::error::find_cause::<NoPublicAddress>(&error) {
        Some(_) => private_address(url),
        None => ErrorKind::Transport(TransportError::sending(error)),
    }
}

fn refuse(url: Option<&Url>, reason: &'static str) -> ErrorKind {
    let host = url.map(host).unwrap_or_default();
    ErrorKind::TemporaryLink(TemporaryLinkError::Unsafe { host, reason })
}

fn private_address(url: &Url) -> ErrorKind {
    ErrorKind::TemporaryLink(TemporaryLinkError::Private { host: host(url) })
}

/// Returns the host; the rest of a link is secret.
pub(super) fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{LinkSettings, Settings};

    fn is_allowed(to: &str, secure: bool, allow_private: bool) -> bool {
        let settings = LinkSettings {
            allow_private,
            resolver: None,
        };
        let transport = LinkTransport::new(settings, Settings::default(), true);
        Url::parse(to).is_ok_and(|url| transport.check_hop(url, secure).is_ok())
    }

    #[test]
    fn checks_each_hop_like_the_first() {
        for secure in [false, true] {
            assert!(is_allowed("https://files.example/a?b", secure, false));
            assert!(is_allowed("https://1.1.1.1:8443/", secure, false));
            for to in [
                "https://127.0.0.1/",
                "https://[::ffff:10.0.0.1]/",
                "https://2130706433/",
            ] {
                assert!(!is_allowed(to, secure, false), "{to}");
                assert!(is_allowed(to, secure, true), "{to}");
            }
            for to in [
                "https://a@files.example/",
                "https://:b@files.example/",
                "wss://files.example/",
            ] {
                assert!(!is_allowed(to, secure, true), "{to}");
            }
        }
    }

    #[test]
    fn allows_http_only_to_private_addresses() {
        assert!(!is_allowed("http://files.example/", false, false));
        assert!(is_allowed("http://files.example/", false, true));
        assert!(!is_allowed("http://files.example/", true, true));
    }
}
