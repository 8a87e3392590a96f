//! A remote file, transfers of it, and servers that break off.
#![allow(dead_code)] // Each test file uses a part of it.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use larkspur::drive::v1::media;
use larkspur::error::{DownloadError, ErrorKind};
use larkspur::{Client, Download, Error, RetryPolicy};

use super::{Platform, Recorded, Reply, token};

/// The content of the file, of so many bytes.
pub fn file(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

pub fn transfer(client: &Client) -> Download {
    let patient = RetryPolicy::new().initial_backoff(Duration::from_millis(1));
    client.with_retries(patient).download(media::Download::new("boxcn1"))
}

/// The file without a validator.
pub fn typed(bytes: &[u8]) -> Reply {
    Reply::new(200, bytes.to_vec()).header("content-type", "image/png")
}

/// A download without retries.
pub fn once(client: &Client) -> Download {
    let impatient = client.with_retries(RetryPolicy::none());
    impatient.download(media::Download::new("boxcn1"))
}

pub fn whole(bytes: &[u8]) -> Reply {
    typed(bytes)
        .header("content-disposition", "attachment; filename=\"封面.png\"".as_bytes())
        .header("content-length", bytes.len().to_string())
        .header("etag", "\"v1\"")
}

/// The requested rest of the file.
pub fn rest(bytes: &[u8], request: &Recorded) -> Reply {
    let range = request.header("range");
    let first: usize = range["bytes=".len()..range.len() - 1].parse().unwrap();
    Reply::new(206, bytes[first..].to_vec())
        .header("content-type", "image/png")
        .header(
            "content-range",
            format!("bytes {first}-{}/{}", bytes.len() - 1, bytes.len()),
        )
        .header("etag", "\"v1\"")
}

/// Responds with the file: the first `cuts` times only with half of what was requested.
pub async fn cutting(bytes: Vec<u8>, cuts: usize) -> Platform {
    let left = Mutex::new(cuts);
    Platform::start(move |request| {
        if request.is_for_a_token() {
            return token(7200);
        }
        let mut left = left.lock().unwrap();
        let cut = *left > 0;
        *left = left.saturating_sub(1);
        let reply = match request.header("range").is_empty() {
            true => whole(&bytes),
            false => rest(&bytes, request),
        };
        if cut { reply.cut_in_half() } else { reply }
    })
    .await
}

pub fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub fn fault(error: &Error) -> &DownloadError {
    match error.kind() {
        ErrorKind::Download(fault) => fault,
        other => panic!("{other:?}"),
    }
}

/// The rest of the file is never sent.
pub async fn hanging(bytes: Vec<u8>) -> Platform {
    Platform::start(move |request| match request.is_for_a_token() {
        true => token(7200),
        false => whole(&bytes[..bytes.len() / 2]).announcing(bytes.len()).hang(),
    })
    .await
}
