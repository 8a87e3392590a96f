//! The HTTP client, and the reading of bodies.

mod base_url;
mod body;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;

use crate::error::ConfigError;

pub(crate) use base_url::BaseUrl;
pub use base_url::Host;
pub(crate) use body::{has_end, read_all, read_up_to};

const USER_AGENT: &str = concat!("larkspur/", env!("CARGO_PKG_VERSION"));

/// Names of the protocols, as TLS agrees on them.
const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

/// What an HTTP client is made of.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub connect_timeout: Option<Duration>,
    pub proxies: Vec<reqwest::Proxy>,
    /// Root certificates beside those of the operating system, as PEM.
    pub roots: Vec<Vec<u8>>,
}

impl Settings {
    /// Longest wait for a connection unless something else is set.
    const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

    /// The HTTP client for one host.
    ///
    /// Redirects are never followed, for custom headers and the Referer would leak to another host; its
    /// own retries are off, for it cannot see the code in the body and knows no budget.
    pub(crate) fn http_client(self, loopback: bool) -> Result<reqwest::Client, ConfigError> {
        let mut builder = self.builder(&[HTTP_2, HTTP_1])?;
        if loopback {
            // What is meant for this machine, perhaps in clear text, must not take the way through a proxy that
            // only the environment names.
            builder = builder.no_proxy();
        }
        self.build(builder)
    }

    /// One that speaks HTTP/1 alone, in which each call under way has a connection to itself.
    pub(crate) fn http1_client(self, loopback: bool) -> Result<reqwest::Client, ConfigError> {
        let mut builder = self.builder(&[HTTP_1])?.http1_only();
        if loopback {
            builder = builder.no_proxy();
        }
        self.build(builder)
    }

    /// The HTTP client for temporary links, which connects to the addresses that this resolver gives. A proxy that only
    /// the environment names is left out, for it would resolve names by itself.
    #[cfg(feature = "drive")]
    pub(crate) fn link_client(self, resolver: Arc<dyn reqwest::dns::Resolve>) -> Result<reqwest::Client, ConfigError> {
        let builder = self.builder(&[HTTP_2, HTTP_1])?.no_proxy().dns_resolver(resolver);
        self.build(builder)
    }

    fn builder(&self, protocols: &[&[u8]]) -> Result<reqwest::ClientBuilder, ConfigError> {
        Ok(reqwest::Client::builder()
            .tls_backend_preconfigured(tls(&self.roots, protocols)?)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout.unwrap_or(Self::CONNECT_TIMEOUT))
            .user_agent(USER_AGENT))
    }

    fn build(self, mut builder: reqwest::ClientBuilder) -> Result<reqwest::Client, ConfigError> {
        for proxy in self.proxies {
            builder = builder.proxy(proxy);
        }
        builder
            .build()
            .map_err(|error| ConfigError::Http(error.without_url().to_string()))
    }
}

/// TLS with the provider of this crate instead of a global one, which another crate may have set.
fn tls(roots: &[Vec<u8>], protocols: &[&[u8]]) -> Result<rustls::ClientConfig, ConfigError> {
    let roots = certificates(roots)?;
    let refuse = |error: rustls::Error| ConfigError::Tls(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = verifier(roots, Arc::clone(&provider)).map_err(refuse)?;
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(refuse)?
        // So does the crate of the verifier itself, where there are no roots to add.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // The HTTP client sets them only in a configuration of its own making.
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}

/// The operating system's judgement, with these roots beside its own.
#[cfg(not(target_os = "android"))]
fn verifier(roots: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Result<Verifier, rustls::Error> {
    Verifier::new_with_extra_roots(roots, provider)
}

/// The operating system's judgement, which takes no further roots.
#[cfg(target_os = "android")]
fn verifier(roots: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Result<Verifier, rustls::Error> {
    match roots.is_empty() {
        true => Verifier::new(provider),
        false => Err(rustls::Error::General(
            "Android takes no root certificates from an app".to_owned(),
        )),
    }
}

/// The certificates in these PEM files.
fn certificates(files: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let mut certificates = Vec::new();
    for file in files {
        let found: Vec<_> = CertificateDer::pem_slice_iter(file)
            .collect::<Result<_, _>>()
            .map_err(|error| ConfigError::RootCertificate(format!("cannot be read as PEM: {error}")))?;
        if found.is_empty() {
            let problem = "holds no `BEGIN CERTIFICATE`".to_owned();
            return Err(ConfigError::RootCertificate(problem));
        }
        certificates.extend(found);
    }
    Ok(certificates)
}

/// How temporary links are followed.
#[cfg(feature = "drive")]
#[derive(Clone, Default)]
pub(crate) struct LinkSettings {
    /// Allows addresses that are not on the public internet, and plain HTTP.
    pub allow_private: bool,
    /// Resolves host names; the operating system's resolver unless set.
    pub resolver: Option<Arc<dyn reqwest::dns::Resolve>>,
}

/// The transport for temporary links: connections of its own, without tokens.
#[cfg(feature = "drive")]
pub(crate) struct LinkTransport {
    pub settings: LinkSettings,
    pub transport: Settings,
    /// Created for the first link.
    pub http: OnceLock<reqwest::Client>,
}

#[cfg(feature = "drive")]
impl LinkTransport {
    pub(crate) fn new(settings: LinkSettings, transport: Settings) -> Self {
        Self {
            settings,
            transport,
            http: OnceLock::new(),
        }
    }
}
