//! Whether an answer is the file that was asked for, or an error that came in its place.

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap};

use super::envelope::Envelope;
use super::response::FAILURE_LIMIT;
use crate::error::TransportError;
use crate::transport;

/// What an answer turned out to be.
pub(crate) enum Glance {
    /// A file, and what was read of it to find out.
    File(Option<Bytes>),
    /// An error in its place, with this body.
    Error(Bytes),
}

/// Tells a file from an error: one that a file's name comes with is a file, whatever its type, and what is larger than
/// any error of the platform is one too.
pub(crate) async fn glance(response: &mut Response) -> Result<Glance, TransportError> {
    if !is_json(response.headers()) || response.headers().contains_key(CONTENT_DISPOSITION) {
        return Ok(Glance::File(None));
    }
    let body = transport::read_up_to(response, FAILURE_LIMIT).await?;
    match body.complete && Envelope::of_failure(&body.bytes).is_some() {
        true => Ok(Glance::Error(body.bytes)),
        false => Ok(Glance::File(Some(body.bytes))),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(header) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let value = String::from_utf8_lossy(header.as_bytes()).to_ascii_lowercase();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type == "application/json" || media_type.ends_with("+json") || media_type == "text/json"
}
