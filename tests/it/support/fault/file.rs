//! A remote file in one of its versions, and the responses of a correct server.

use std::sync::OnceLock;

use hyper::body::Bytes;

use super::Range;
use super::answer::Answer;

/// A version of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(u8);

pub const V1: Version = Version(1);
/// Every byte differs from that of the first version.
pub const V2: Version = Version(2);

/// What a version is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Tag,
    WeakTag,
    Date,
    /// A date that does not change with the version.
    SameDate,
    Nothing,
}

/// Largest file.
const LARGEST: usize = 1 << 20;

#[derive(Debug, Clone)]
pub struct File {
    version: Version,
    bytes: Bytes,
    known: Known,
}

impl File {
    pub fn new(version: Version, size: usize, known: Known) -> Self {
        let bytes = content(version).slice(..size);
        Self { version, bytes, known }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn tag(&self) -> Option<String> {
        match self.known {
            Known::Tag => Some(format!("\"v{}\"", self.version.0)),
            Known::WeakTag => Some(format!("W/\"v{}\"", self.version.0)),
            _ => None,
        }
    }

    fn date(&self) -> Option<String> {
        let second = match self.known {
            Known::SameDate => 0,
            Known::Date | Known::WeakTag => self.version.0,
            _ => return None,
        };
        Some(format!("Wed, 21 Oct 2015 07:28:0{second} GMT"))
    }

    fn describe(&self, answer: Answer) -> Answer {
        let mut answer = answer.header("content-type", "application/octet-stream");
        if let Some(tag) = self.tag() {
            answer = answer.header("etag", tag);
        }
        if let Some(date) = self.date() {
            answer = answer.header("last-modified", date);
        }
        answer
    }

    /// The file, or its requested range.
    pub fn answer(&self, range: Option<Range>, tag: Option<&str>) -> Answer {
        let total = self.bytes.len();
        match range {
            Some(_) if tag.is_some() && tag != self.tag().as_deref() => self.answer(None, None),
            Some((first, _)) if first >= total => self.no_such_range(),
            Some((first, last)) => {
                let last = last.map_or(total - 1, |last| last.min(total - 1));
                self.part(first, last, &format!("bytes {first}-{last}/{total}"))
            }
            None => self.describe(Answer::new(200, self.bytes.clone())),
        }
    }

    /// What lies between these positions, both included, under this name.
    pub fn part(&self, first: usize, last: usize, content_range: &str) -> Answer {
        let end = (last + 1).min(self.bytes.len());
        let part = self.bytes.slice(first.min(end)..end);
        let answer = self.describe(Answer::new(206, part));
        match content_range {
            "" => answer,
            range => answer.header("content-range", range),
        }
    }

    pub fn no_such_range(&self) -> Answer {
        Answer::new(416, &b""[..]).header("content-range", format!("bytes */{}", self.bytes.len()))
    }
}

fn content(version: Version) -> Bytes {
    static CONTENT: OnceLock<[Bytes; 2]> = OnceLock::new();
    let contents = CONTENT.get_or_init(|| {
        let first: Vec<u8> = (0..LARGEST as u32)
            .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let second: Vec<u8> = first.iter().map(|byte| !byte).collect();
        [first.into(), second.into()]
    });
    contents[usize::from(version.0 - 1)].clone()
}
