//! Content sniffing: whether a binary response is a file, or an error in its place.

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap};

use super::envelope::Envelope;
use super::response::MAX_ERROR_BODY;
use crate::error::TransportError;
use crate::transport;

/// The result of sniffing.
pub(crate) enum Sniffed {
    /// A file, with the part of it that was read.
    File(Option<Bytes>),
    /// An error with this body.
    Error(Bytes),
}

/// Distinguishes a file from an error: a response with a file name is a file with any media type, and so is one that is
/// larger than any error of the platform.
pub(crate) async fn sniff(response: &mut Response) -> Result<Sniffed, TransportError> {
    if !is_json(response.headers()) || response.headers().contains_key(CONTENT_DISPOSITION) {
        return Ok(Sniffed::File(None));
    }
    let body = transport::read_up_to(response, MAX_ERROR_BODY).await?;
    if body.complete && Envelope::read_failure(&body.bytes).is_some() {
        return Ok(Sniffed::Error(body.bytes));
    }
    Ok(Sniffed::File(Some(body.bytes)))
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(header) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let value = String::from_utf8_lossy(header.as_bytes()).to_ascii_lowercase();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type == "application/json" || media_type.ends_with("+json") || media_type == "text/json"
}
