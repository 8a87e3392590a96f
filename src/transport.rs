//! The HTTP client, and the reading of bodies.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::error::{Problem, SetupError, TransportFault};

const USER_AGENT: &str = concat!("larkspur/", env!("CARGO_PKG_VERSION"));

/// The HTTP client for one host.
///
/// Redirects are never followed, for custom headers and the Referer would leak to another host; its
/// own retries are off, for it cannot see the code in the body.
pub(crate) fn http_client(connect_timeout: Duration, loopback: bool) -> Result<reqwest::Client, SetupError> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls().map_err(|error| SetupError::Tls(error.to_string()))?)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(connect_timeout)
        .user_agent(USER_AGENT);
    // What is meant for this machine, perhaps in clear text, must not take the way through a proxy.
    let builder = if loopback { builder.no_proxy() } else { builder };
    builder
        .build()
        .map_err(|error| SetupError::Http(error.without_url().to_string()))
}

/// TLS with the provider of this crate instead of a global one, which another crate may have set.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    // The HTTP client sets them only in a configuration of its own making.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The beginning of a body.
pub(crate) struct Beginning {
    pub bytes: Bytes,
    /// Whether that is all of it.
    pub complete: bool,
}

/// Reads a body up to a limit, or a little more, for chunks are not cut.
pub(crate) async fn read_up_to(response: &mut reqwest::Response, limit: u64) -> Result<Beginning, TransportFault> {
    let mut bytes = BytesMut::new();
    while bytes.len() as u64 <= limit {
        match response.chunk().await.map_err(TransportFault::receiving)? {
            Some(chunk) => bytes.extend_from_slice(&chunk),
            None => {
                return Ok(Beginning {
                    bytes: bytes.freeze(),
                    complete: true,
                });
            }
        }
    }
    Ok(Beginning {
        bytes: bytes.freeze(),
        complete: false,
    })
}

/// Reads a body that must not be larger than the limit.
pub(crate) async fn read_all(response: &mut reqwest::Response, limit: u64) -> Result<Bytes, Problem> {
    let too_large = Problem::TooLarge {
        limit,
        way_out: "ask for less, for example a smaller page",
    };
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(too_large);
    }
    let beginning = read_up_to(response, limit).await.map_err(Problem::Transport)?;
    match beginning.complete && beginning.bytes.len() as u64 <= limit {
        true => Ok(beginning.bytes),
        false => Err(too_large),
    }
}
