//! The HTTP client: TLS, proxies, connections.

mod base_url;

use std::sync::Arc;
#[cfg(feature = "drive")]
use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::TRANSFER_ENCODING;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;

use crate::error::{ConfigError, ErrorKind, TransportError};

pub use base_url::Host;
pub(crate) use base_url::{BaseUrl, platform_url};

const USER_AGENT: &str = concat!("larkspur/", env!("CARGO_PKG_VERSION"));

/// ALPN names of the protocols.
const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

/// The settings of an HTTP client.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub connect_timeout: Option<Duration>,
    pub proxies: Vec<reqwest::Proxy>,
    /// Additional root certificates, as PEM.
    pub roots: Vec<Vec<u8>>,
}

impl Settings {
    /// Default timeout for establishing a connection.
    const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

    /// Creates the HTTP client for the platform.
    ///
    /// Redirects are never followed, since custom headers and the Referer would leak to another host. The client's own retries
    /// are disabled, since they ignore codes in the body and the retry budget.
    pub(crate) fn http_client(self, loopback: bool) -> Result<reqwest::Client, ConfigError> {
        let mut builder = self.builder(&[HTTP_2, HTTP_1])?;
        if loopback {
            // Requests to this machine, which may be plain HTTP, must not go through a proxy of the environment.
            builder = builder.no_proxy();
        }
        self.build(builder)
    }

    /// Creates a client for HTTP/1 only, with a connection for each concurrent call.
    pub(crate) fn http1_client(self, loopback: bool) -> Result<reqwest::Client, ConfigError> {
        let mut builder = self.builder(&[HTTP_1])?.http1_only();
        if loopback {
            builder = builder.no_proxy();
        }
        self.build(builder)
    }

    /// Creates the HTTP client for temporary links, which connects to addresses of this resolver only.
    #[cfg(feature = "drive")]
    pub(crate) fn link_client(
        self,
        resolver: Arc<dyn reqwest::dns::Resolve>,
        loopback: bool,
    ) -> Result<reqwest::Client, ConfigError> {
        let mut builder = self.builder(&[HTTP_2, HTTP_1])?.dns_resolver(resolver);
        if loopback {
            // As for the platform: the links of one on this machine lead to this machine.
            builder = builder.no_proxy();
        }
        self.build(builder)
    }

    fn builder(&self, protocols: &[&[u8]]) -> Result<reqwest::ClientBuilder, ConfigError> {
        Ok(reqwest::Client::builder()
            .tls_backend_preconfigured(tls_config(&self.roots, protocols)?)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout.unwrap_or(Self::DEFAULT_CONNECT_TIMEOUT))
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

/// Creates a TLS configuration with the provider of this crate instead of a global one, which another crate may set.
fn tls_config(roots: &[Vec<u8>], protocols: &[&[u8]]) -> Result<rustls::ClientConfig, ConfigError> {
    let roots = certificates(roots)?;
    let refuse = |error: rustls::Error| ConfigError::Tls(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = verifier(roots, Arc::clone(&provider)).map_err(refuse)?;
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(refuse)?
        // As the verifier crate does without additional roots.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // The HTTP client sets ALPN only in its own configurations.
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}

/// Creates the operating system's verifier with additional roots.
#[cfg(not(target_os = "android"))]
fn verifier(roots: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Result<Verifier, rustls::Error> {
    Verifier::new_with_extra_roots(roots, provider)
}

/// Creates the operating system's verifier, which does not accept additional roots.
#[cfg(target_os = "android")]
fn verifier(roots: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Result<Verifier, rustls::Error> {
    match roots.is_empty() {
        true => Verifier::new(provider),
        false => Err(rustls::Error::General(
            "additional root certificates are not supported on Android".to_owned(),
        )),
    }
}

/// Parses the certificates in PEM files.
fn certificates(files: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let mut certificates = Vec::new();
    for file in files {
        let found: Vec<_> = CertificateDer::pem_slice_iter(file)
            .collect::<Result<_, _>>()
            .map_err(|error| ConfigError::RootCertificate(format!("invalid PEM: {error}")))?;
        if found.is_empty() {
            let problem = "missing `BEGIN CERTIFICATE`".to_owned();
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
    /// Whether the platform is on this machine, so that a proxy of the environment is not used.
    pub loopback: bool,
    /// Created for the first link.
    pub http: OnceLock<reqwest::Client>,
}

#[cfg(feature = "drive")]
impl LinkTransport {
    pub(crate) fn new(settings: LinkSettings, transport: Settings, loopback: bool) -> Self {
        Self {
            settings,
            transport,
            loopback,
            http: OnceLock::new(),
        }
    }
}

/// The start of a body.
pub(crate) struct Beginning {
    pub bytes: Bytes,
    /// Whether this is the whole body.
    pub complete: bool,
}

/// Reads a body up to a limit, and at most one chunk beyond it.
pub(crate) async fn read_up_to(response: &mut reqwest::Response, limit: u64) -> Result<Beginning, TransportError> {
    // A small body is one chunk, which is not copied.
    let mut first = Bytes::new();
    let mut bytes = BytesMut::new();
    let complete = loop {
        let length = first.len() + bytes.len();
        if length as u64 > limit {
            break false;
        }
        match response.chunk().await.map_err(TransportError::receiving)? {
            Some(chunk) if length == 0 => first = chunk,
            Some(chunk) => {
                bytes.extend_from_slice(&std::mem::take(&mut first));
                bytes.extend_from_slice(&chunk);
            }
            None => break true,
        }
    };
    let bytes = if bytes.is_empty() { first } else { bytes.freeze() };
    Ok(Beginning { bytes, complete })
}

/// Returns whether a body without a length has an end marker; otherwise a closed connection may be a truncation.
pub(crate) fn has_end(response: &reqwest::Response) -> bool {
    response.headers().contains_key(TRANSFER_ENCODING) || response.version() >= reqwest::Version::HTTP_2
}

/// Reads a whole body; fails if it is larger than the limit.
pub(crate) async fn read_all(response: &mut reqwest::Response, limit: u64) -> Result<Bytes, ErrorKind> {
    let too_large = ErrorKind::TooLarge {
        limit,
        hint: "request less, for example a smaller page, or raise the limit with `ClientBuilder::max_json_bytes`",
    };
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(too_large);
    }
    let beginning = read_up_to(response, limit).await.map_err(ErrorKind::Transport)?;
    match beginning.complete && beginning.bytes.len() as u64 <= limit {
        true => Ok(beginning.bytes),
        false => Err(too_large),
    }
}
