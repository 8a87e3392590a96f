//! The bytes that come a second time, held against those that are there.

use super::body::Body;
use crate::error::TransportError;

/// Reads so many bytes from the start of an answer.
pub(crate) async fn take(body: &mut Body, count: u64) -> Result<Vec<u8>, TransportError> {
    let mut taken = Vec::new();
    let mut missing = usize::try_from(count).unwrap_or(usize::MAX);
    while missing > 0
        && let Some(mut chunk) = body.chunk().await?
    {
        let came = chunk.split_to(chunk.len().min(missing));
        missing -= came.len();
        taken.extend_from_slice(&came);
        if !chunk.is_empty() {
            body.give_back(chunk);
        }
    }
    Ok(taken)
}

/// Reads what overlaps from the start of an answer, and tells whether it is what is there.
pub(crate) async fn agrees(body: &mut Body, there: &[u8]) -> Result<bool, TransportError> {
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
