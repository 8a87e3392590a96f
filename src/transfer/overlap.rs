//! The bytes that come a second time, held against those that are there.

use super::body::Body;
use crate::error::TransportFault;

/// Reads what overlaps from the start of an answer, and tells whether it is what is there.
pub(crate) async fn agrees(body: &mut Body, there: &[u8]) -> Result<bool, TransportFault> {
    let mut rest = there;
    while !rest.is_empty() {
        let Some(mut chunk) = body.chunk().await? else {
            return Ok(false);
        };
        let count = chunk.len().min(rest.len());
        let came = chunk.split_to(count);
        if came != rest[..count] {
            return Ok(false);
        }
        rest = &rest[count..];
        if !chunk.is_empty() {
            body.give_back(chunk);
        }
    }
    Ok(true)
}
