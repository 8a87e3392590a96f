//! What goes wrong, and where.

use super::answer::{Answer, Then};
use super::file::{File, Known, V1, V2};
use super::{Protocol, Range};

/// What goes wrong. The first response breaks off at an offset; unless a kind states how, by the end of its
/// connection. What the kind is about then comes with the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The connection ends.
    Fin,
    /// The connection is reset.
    Reset,
    /// The response breaks off within a chunk; over HTTP/2 its stream is reset.
    CutChunk,
    /// Neither a length nor chunks: the end of the connection is all there is. HTTP/1 alone.
    CloseWithoutLength,
    /// The same without a validator. HTTP/1 alone.
    CloseWithoutAnything,
    /// No more bytes, and no end.
    Stall,
    /// HTTP 200 with all of the file, to a request for a part.
    WholeForRange,
    /// Another range than requested, with its true `Content-Range`.
    ShiftedRange,
    /// Another range than requested, with the `Content-Range` of the requested one.
    LyingRange,
    /// A part without a word on which.
    UnnamedRange,
    /// A part of a file of another size under the same tag.
    ChangedTotal,
    /// A part that does not know the size.
    UnknownTotal,
    /// Fewer bytes than the range should have, with their true length.
    ShortPart,
    /// The file changes, and the server goes by the tag: all of the new one.
    NewTag,
    /// The file changes, and the server does not look at the tag: a part of the new one, with its tag.
    NewTagInPart,
    /// The file changes and becomes shorter.
    Shrunk,
    /// A weak tag, and the file stays.
    WeakTag,
    /// A weak tag, and the file changes.
    WeakTagChanged,
    /// A date alone, and the file stays.
    DateAlone,
    /// A date alone, and the file changes within the second.
    DateAloneChanged,
    /// No validator.
    Unknown,
    /// The same, and the file changes.
    UnknownChanged,
    /// A page of a gateway, with HTTP 200.
    Page,
    /// An error of the platform with HTTP 200.
    JsonIn200,
    /// An error of the platform with HTTP 206, as if it were the part.
    JsonIn206,
    /// HTTP 416 to a request for a part.
    NoSuchRange,
    /// HTTP 429.
    TooMany,
    /// HTTP 503.
    Unavailable,
    /// HTTP 500 with an envelope whose code means overload.
    Internal,
}

pub const KINDS: [Kind; 29] = [
    Kind::Fin,
    Kind::Reset,
    Kind::CutChunk,
    Kind::CloseWithoutLength,
    Kind::CloseWithoutAnything,
    Kind::Stall,
    Kind::WholeForRange,
    Kind::ShiftedRange,
    Kind::LyingRange,
    Kind::UnnamedRange,
    Kind::ChangedTotal,
    Kind::UnknownTotal,
    Kind::ShortPart,
    Kind::NewTag,
    Kind::NewTagInPart,
    Kind::Shrunk,
    Kind::WeakTag,
    Kind::WeakTagChanged,
    Kind::DateAlone,
    Kind::DateAloneChanged,
    Kind::Unknown,
    Kind::UnknownChanged,
    Kind::Page,
    Kind::JsonIn200,
    Kind::JsonIn206,
    Kind::NoSuchRange,
    Kind::TooMany,
    Kind::Unavailable,
    Kind::Internal,
];

impl Kind {
    /// Whether there is such a thing over this protocol.
    pub fn exists_over(self, protocol: Protocol) -> bool {
        match self {
            // Every response ends differently.
            Self::CloseWithoutLength | Self::CloseWithoutAnything => protocol != Protocol::Http2,
            // The first response has no size, so nobody sees another.
            Self::ChangedTotal => protocol != Protocol::Chunked,
            _ => true,
        }
    }

    /// Whether a transfer that meets it may fail.
    pub fn may_fail(self) -> bool {
        matches!(
            self,
            Self::CloseWithoutAnything | Self::JsonIn200 | Self::JsonIn206 | Self::Page
        )
    }

    /// Whether the file changes after the first response.
    fn changes(self) -> bool {
        matches!(
            self,
            Self::NewTag
                | Self::NewTagInPart
                | Self::Shrunk
                | Self::WeakTagChanged
                | Self::DateAloneChanged
                | Self::UnknownChanged
        )
    }

    fn known_by(self) -> Known {
        match self {
            Self::WeakTag | Self::WeakTagChanged => Known::WeakTag,
            Self::DateAlone => Known::Date,
            Self::DateAloneChanged => Known::SameDate,
            Self::Unknown | Self::UnknownChanged | Self::CloseWithoutAnything => Known::Nothing,
            _ => Known::Tag,
        }
    }
}

/// One case: what goes wrong, at which offset of a file of which size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Case {
    pub kind: Kind,
    pub size: usize,
    pub offset: usize,
}

/// The response of a gateway in place of the platform.
const PAGE: &[u8] = b"<html>Log in to the network</html>";

impl Case {
    /// A header of the first response only: the case it belongs to.
    pub const FIRST: &str = "x-first-answer";

    /// Whether these bytes are the page of a gateway, where that is what the kind is about.
    pub fn is_page(&self, content: &[u8]) -> bool {
        self.kind == Kind::Page && content == PAGE
    }

    /// As it stands in the URL.
    pub fn token(&self) -> String {
        let kind = KINDS.iter().position(|kind| *kind == self.kind).unwrap();
        format!("case-{kind}-{}-{}", self.size, self.offset)
    }

    pub fn parse(token: &str) -> Self {
        let mut numbers = token.split('-').skip(1).map(|number| number.parse::<usize>().unwrap());
        let mut number = || numbers.next().unwrap();
        Self {
            kind: KINDS[number()],
            size: number(),
            offset: number(),
        }
    }

    /// Whether this is the file as of the last of so many requests.
    pub fn is_whole(&self, content: &[u8], requests: u32) -> bool {
        let changed = requests > 1 && self.kind.changes();
        self.file(changed).bytes() == content
    }

    /// Whether this is a beginning of one version of the file.
    pub fn is_beginning(&self, content: &[u8]) -> bool {
        let mut versions = [false, true].into_iter().map(|changed| self.file(changed));
        versions.any(|file| file.bytes().starts_with(content))
    }

    fn file(&self, changed: bool) -> File {
        let known = self.kind.known_by();
        match (changed, self.kind) {
            (false, _) => File::new(V1, self.size, known),
            (true, Kind::Shrunk) => File::new(V2, self.size / 2, known),
            (true, _) => File::new(V2, self.size, known),
        }
    }

    /// The response to the request of this number, the first being 0.
    pub fn answer(&self, number: u32, range: Option<Range>, tag: Option<&str>) -> Answer {
        if number == 0 {
            return self.first(range);
        }
        let file = self.file(self.kind.changes());
        match (number, range) {
            (1, _) => self.second(&file, range, tag),
            _ => file.answer(range, tag),
        }
    }

    fn first(&self, range: Option<Range>) -> Answer {
        let answer = self.file(false).answer(range, None);
        let answer = match self.kind {
            Kind::CloseWithoutLength | Kind::CloseWithoutAnything => answer.without_length(),
            _ => answer,
        };
        let answer = answer.header(Self::FIRST, self.token());
        answer.cut(self.offset, self.then().unwrap_or(Then::Fin))
    }

    /// How a response breaks off, if the kind defines it.
    fn then(&self) -> Option<Then> {
        match self.kind {
            Kind::Fin => Some(Then::Fin),
            Kind::Reset => Some(Then::Reset),
            Kind::CutChunk => Some(Then::CutChunk),
            Kind::Stall => Some(Then::Stall),
            _ => None,
        }
    }

    fn second(&self, file: &File, range: Option<Range>, tag: Option<&str>) -> Answer {
        match self.kind {
            Kind::Page => {
                return Answer::new(200, PAGE).header("content-type", "text/html");
            }
            Kind::JsonIn200 => return Answer::json(200, r#"{"code":1061002,"msg":"params error."}"#),
            Kind::TooMany => {
                return Answer::json(429, r#"{"code":99991400,"msg":"too many"}"#).header("retry-after", "0");
            }
            Kind::Unavailable => return Answer::new(503, &b""[..]),
            Kind::Internal => return Answer::json(500, r#"{"code":2200,"msg":"internal error"}"#),
            _ => {}
        }
        let Some((first, asked)) = range else {
            return file.answer(None, None);
        };
        let total = self.size;
        let last = asked.map_or(total - 1, |last| last.min(total - 1));
        match self.kind {
            Kind::WholeForRange => file.answer(None, None),
            Kind::ShiftedRange => file.part(first + 1, last, &format!("bytes {}-{last}/{total}", first + 1)),
            Kind::LyingRange => file
                .part(first + 1, last, &format!("bytes {first}-{last}/{total}"))
                .padded(),
            Kind::UnnamedRange => file.part(first, last, ""),
            Kind::ChangedTotal => match asked {
                Some(_) => file.part(first, last, &format!("bytes {first}-{last}/{}", total + 1)),
                None => file
                    .part(first, last, &format!("bytes {first}-{total}/{}", total + 1))
                    .padded(),
            },
            Kind::UnknownTotal => file.part(first, last, &format!("bytes {first}-{last}/*")),
            Kind::ShortPart => file
                .part(first, last, &format!("bytes {first}-{last}/{total}"))
                .cut_to((last + 1 - first) / 2),
            Kind::NewTagInPart => file.answer(range, None),
            Kind::JsonIn206 => Answer::json(206, r#"{"code":1061002,"msg":"params error."}"#)
                .header("content-range", format!("bytes {first}-{last}/{total}")),
            Kind::NoSuchRange => file.no_such_range(),
            // Of several ranges another one breaks off too.
            _ => match (asked, self.then()) {
                (Some(_), Some(then)) => file.answer(range, tag).cut(self.offset, then),
                _ => file.answer(range, tag),
            },
        }
    }
}
