//! A text as a tree that keeps what [`crate::yaml`] lets go: styles and comments.

use granit_parser::{Event, Options, Parser, ScalarStyle, Span};

use super::comments::{Anchor, Comment, Comments, attached};

/// A file.
pub(super) struct Document {
    /// Comments above everything else.
    pub header: Vec<String>,
    pub root: Node,
    /// What stands around each entry, by [`Entry::id`].
    pub comments: Vec<Comments>,
}

/// A value.
pub(super) enum Node {
    Scalar(Scalar),
    List(Vec<Entry>),
    Map(Vec<Entry>),
}

/// A scalar as it is written.
pub(super) struct Scalar {
    pub text: String,
    pub style: ScalarStyle,
}

/// An item of a list, or a key with its value.
pub(super) struct Entry {
    pub id: usize,
    /// Empty for the items of a list.
    pub key: Option<Scalar>,
    pub value: Node,
}

/// Reads a text that [`crate::yaml::parse`] has taken: nothing in it is deep, and there are no anchors.
pub(super) fn document(text: &str) -> Option<Document> {
    let mut reader = EventReader {
        text,
        parser: Parser::new_from_str_with_options(text, options(text)),
        comments: Vec::new(),
        anchors: Vec::new(),
    };
    let root = loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(..), _) => {}
            (event, _) => break reader.node(event, false)?,
        }
    };
    while reader.next().is_some_and(|(event, _)| event != Event::StreamEnd) {}
    let (header, comments) = attached(&reader.anchors, &reader.comments);
    Some(Document { header, root, comments })
}

/// Every comment of the text has room: one at most begins at each line.
fn options(text: &str) -> Options {
    granit_parser::options! {
        emit_comments: true,
        max_buffered_comment_events: text.lines().count() + 1,
    }
}

struct EventReader<'t> {
    text: &'t str,
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    comments: Vec<Comment>,
    anchors: Vec<Anchor>,
}

impl<'t> EventReader<'t> {
    /// The next event that is no comment; those are set aside.
    fn next(&mut self) -> Option<(Event<'t>, Span)> {
        loop {
            let (event, span) = self.parser.next()?.ok()?;
            if let Event::Comment(text, _) = &event {
                let comment = self.comment(text, span)?;
                self.comments.push(comment);
            } else {
                return Some((event, span));
            }
        }
    }

    fn comment(&self, text: &str, span: Span) -> Option<Comment> {
        let offset = span.start.byte_offset()?;
        Some(Comment {
            text: format!("#{}", text.trim_end()),
            line: span.start.line(),
            column: span.start.col(),
            offset,
            alone: self.line_before(offset)?.trim().is_empty(),
        })
    }

    /// What stands before `offset` in its line.
    fn line_before(&self, offset: usize) -> Option<&'t str> {
        let before = self.text.get(..offset)?;
        Some(before.rsplit('\n').next().unwrap_or(before))
    }

    fn node(&mut self, event: Event<'_>, in_flow: bool) -> Option<Node> {
        match event {
            Event::Scalar(text, style, ..) => Some(Node::Scalar(Scalar {
                text: text.into_owned(),
                style,
            })),
            Event::SequenceStart(style, ..) => self.list(in_flow || style == granit_parser::StructureStyle::Flow),
            Event::MappingStart(style, ..) => self.map(in_flow || style == granit_parser::StructureStyle::Flow),
            _ => None,
        }
    }

    fn list(&mut self, in_flow: bool) -> Option<Node> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Some(Node::List(entries));
            }
            let id = self.anchor(span, in_flow, true)?;
            let value = self.node(event, in_flow)?;
            self.anchors[id].holds_block = !matches!(value, Node::Scalar(_));
            entries.push(Entry { id, key: None, value });
        }
    }

    fn map(&mut self, in_flow: bool) -> Option<Node> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Some(Node::Map(entries)),
                Event::Scalar(text, style, ..) => Scalar {
                    text: text.into_owned(),
                    style,
                },
                _ => return None,
            };
            let id = self.anchor(span, in_flow, false)?;
            let (event, _) = self.next()?;
            let value = self.node(event, in_flow)?;
            let key = Some(key);
            entries.push(Entry { id, key, value });
        }
    }

    /// Notes where an entry begins; an item of a list in block style does at its dash.
    fn anchor(&mut self, span: Span, in_flow: bool, item: bool) -> Option<usize> {
        let offset = span.start.byte_offset()?;
        let before = self.line_before(offset)?.trim_end();
        let column = match before.strip_suffix('-') {
            Some(indent) if item && !in_flow => indent.chars().count(),
            _ => span.start.col(),
        };
        self.anchors.push(Anchor {
            line: span.start.line(),
            column,
            offset,
            in_flow,
            holds_block: false,
        });
        Some(self.anchors.len() - 1)
    }
}
