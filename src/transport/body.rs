//! Reading of response bodies.

use bytes::{Bytes, BytesMut};
use reqwest::header::TRANSFER_ENCODING;

use crate::error::{ErrorKind, TransportError};

/// The start of a body.
pub(crate) struct Beginning {
    pub bytes: Bytes,
    /// Whether this is the whole body.
    pub complete: bool,
}

/// Reads a body up to a limit, and at most one chunk beyond it.
pub(crate) async fn read_up_to(response: &mut reqwest::Response, limit: u64) -> Result<Beginning, TransportError> {
    let mut bytes = BytesMut::new();
    while bytes.len() as u64 <= limit {
        match response.chunk().await.map_err(TransportError::receiving)? {
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
