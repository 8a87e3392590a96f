//! The parts of a multipart body, as a server sees them.
#![allow(dead_code)] // Each test file uses a part of it.

use super::Recorded;

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The header `Content-Disposition` as received.
    pub disposition: String,
    pub name: String,
    pub content: Vec<u8>,
}

/// The parts of a request in their order.
pub fn parts(request: &Recorded) -> Vec<Part> {
    let content_type = request.header("content-type");
    let (_, boundary) = content_type.split_once("boundary=").unwrap();
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter has no line before it.
    let mut rest = [b"\r\n", &*request.body].concat();
    let mut parts = Vec::new();
    while let Some(at) = find(&rest, delimiter.as_bytes()) {
        let after = rest.split_off(at + delimiter.len());
        rest.truncate(at);
        if !rest.is_empty() {
            parts.push(part(&rest));
        }
        rest = after;
    }
    parts
}

/// The content of the part of this name.
pub fn content(request: &Recorded, name: &str) -> Option<Vec<u8>> {
    let part = parts(request).into_iter().find(|part| part.name == name);
    part.map(|part| part.content)
}

/// The same as text; `None` too where there is no form.
pub fn text_of_form(request: &Recorded, name: &str) -> Option<String> {
    request
        .header("content-type")
        .starts_with("multipart/")
        .then(|| text(request, name))
        .flatten()
}

/// The same as text.
pub fn text(request: &Recorded, name: &str) -> Option<String> {
    content(request, name).map(|content| String::from_utf8(content).unwrap())
}

fn part(bytes: &[u8]) -> Part {
    let bytes = bytes.strip_prefix(b"\r\n").unwrap();
    let end = find(bytes, b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let disposition = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Disposition: "))
        .unwrap();
    let (_, name) = disposition.split_once("name=\"").unwrap();
    let (name, _) = name.split_once('"').unwrap();
    Part {
        disposition: disposition.to_owned(),
        name: name.to_owned(),
        content: bytes[end + 4..].to_vec(),
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
