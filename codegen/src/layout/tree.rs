//! Parses a spec file to a tree that keeps scalar styles and comments, which [`crate::yaml`] discards.

use granit_parser::{Event, Options, Parser, ScalarStyle, Span};

/// A spec file.
pub(super) struct Document {
    /// The comments before the first entry.
    pub header: Vec<String>,
    pub root: Node,
    /// The comments of each entry, by [`Entry::id`].
    pub comments: Vec<Comments>,
    /// The byte offset of each entry in the text, by [`Entry::id`].
    pub offsets: Vec<usize>,
}

/// A YAML value.
pub(super) enum Node {
    Scalar(Scalar),
    List(Vec<Entry>),
    Map(Vec<Entry>),
}

/// A scalar with its style.
pub(super) struct Scalar {
    pub text: String,
    pub style: ScalarStyle,
}

/// An item of a list, or a key with its value.
pub(super) struct Entry {
    pub id: usize,
    /// `None` for the items of a list.
    pub key: Option<Scalar>,
    pub value: Node,
}

/// Parses a text that [`crate::yaml::parse`] accepts, so that depth is limited and there are no anchors.
pub(super) fn parse_document(text: &str) -> Option<Document> {
    let mut reader = EventReader {
        text,
        line_starts: [0]
            .into_iter()
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect(),
        parser: Parser::new_from_str_with_options(text, parser_options(text)),
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
    let (header, comments) = attach_comments(&reader.anchors, &reader.comments);
    let offsets = reader.anchors.iter().map(|anchor| anchor.offset).collect();
    Some(Document {
        header,
        root,
        comments,
        offsets,
    })
}

/// Returns options with a buffer for all comments: at most one starts on each line.
fn parser_options(text: &str) -> Options {
    granit_parser::options! {
        emit_comments: true,
        max_buffered_comment_events: text.lines().count() + 1,
    }
}

struct EventReader<'t> {
    text: &'t str,
    /// The offset of each line.
    line_starts: Vec<usize>,
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    comments: Vec<Comment>,
    anchors: Vec<Anchor>,
}

impl<'t> EventReader<'t> {
    /// Returns the next event other than a comment, and collects the comments before it.
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

    /// Returns the part of the line before `offset`.
    fn line_before(&self, offset: usize) -> Option<&'t str> {
        // Not by a search backwards: all entries of a file may be in one line.
        let line = self.line_starts.partition_point(|start| *start <= offset);
        self.text.get(self.line_starts[line.saturating_sub(1)]..offset)
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
            let id = self.add_anchor(span, in_flow, true)?;
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
            let id = self.add_anchor(span, in_flow, false)?;
            let (event, _) = self.next()?;
            let value = self.node(event, in_flow)?;
            let key = Some(key);
            entries.push(Entry { id, key, value });
        }
    }

    /// Records the start of an entry; an item attached a block list starts at its dash.
    fn add_anchor(&mut self, span: Span, in_flow: bool, item: bool) -> Option<usize> {
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

/// A comment of the source.
struct Comment {
    /// Including `#`, without trailing spaces.
    text: String,
    line: usize,
    column: usize,
    offset: usize,
    /// Whether the comment has its own line.
    alone: bool,
}

/// The start of an entry in the source.
struct Anchor {
    line: usize,
    column: usize,
    offset: usize,
    /// Whether the entry is inside brackets.
    in_flow: bool,
    /// Whether the entry is an item with a mapping or list; a comment in its line belongs to its first key.
    holds_block: bool,
}

/// The comments of one entry.
#[derive(Default)]
pub(super) struct Comments {
    /// Lines above the entry.
    pub above: Vec<String>,
    /// At the end of its line.
    pub right: Option<String>,
    /// Lines below the entry with a deeper indentation than the next entry.
    pub below: Vec<String>,
}

impl Comments {
    pub fn is_empty(&self) -> bool {
        self.above.is_empty() && self.right.is_none() && self.below.is_empty()
    }
}

/// Returns the comments before the first entry, and the comments of each entry.
fn attach_comments(anchors: &[Anchor], comments: &[Comment]) -> (Vec<String>, Vec<Comments>) {
    let mut header = Vec::new();
    let mut attached: Vec<Comments> = anchors.iter().map(|_| Comments::default()).collect();
    let outer = OuterEntries::new(anchors);
    for comment in comments {
        let next = anchors.partition_point(|anchor| anchor.offset < comment.offset);
        let text = comment.text.clone();
        if next == 0 {
            header.push(text);
        } else if !comment.alone {
            let target = &mut attached[entry_in_line(&anchors[..next], &outer, comment)];
            match target.right {
                None => target.right = Some(text),
                Some(_) => target.above.push(text),
            }
        } else if anchors.get(next).is_some_and(|anchor| comment.column <= anchor.column) {
            attached[next].above.push(text);
        } else {
            attached[outer.above(next, comment.column).unwrap_or(0)]
                .below
                .push(text);
        }
    }
    (header, attached)
}

/// Returns the entry of a comment at the end of a line: the first entry in its line, else the last before it.
fn entry_in_line(before: &[Anchor], outer: &OuterEntries<'_>, comment: &Comment) -> usize {
    let first = before.partition_point(|anchor| anchor.line < comment.line);
    let in_line = |anchor: &Anchor| anchor.line == comment.line && !anchor.holds_block;
    let found = before[first..].iter().position(in_line).map(|at| first + at);
    found.or_else(|| outer.last(before.len())).unwrap_or(0)
}

/// The entries outside of brackets, linked by their indentation.
struct OuterEntries<'a> {
    anchors: &'a [Anchor],
    /// For each number of entries, the last one outside of brackets.
    last: Vec<Option<usize>>,
    /// For each entry, the last one above it outside of brackets with less indentation.
    parents: Vec<Option<usize>>,
}

impl<'a> OuterEntries<'a> {
    fn new(anchors: &'a [Anchor]) -> Self {
        let (mut last, mut parents) = (vec![None], Vec::new());
        for (index, anchor) in anchors.iter().enumerate() {
            let previous = last[index];
            let above = std::iter::successors(previous, |at: &usize| parents[*at]);
            let parent = above.into_iter().find(|at| anchors[*at].column < anchor.column);
            last.push(if anchor.in_flow { previous } else { Some(index) });
            parents.push(parent);
        }
        Self { anchors, last, parents }
    }

    /// Returns the last entry of the first `count` ones.
    fn last(&self, count: usize) -> Option<usize> {
        self.last[count]
    }

    /// Returns the last entry of the first `count` ones that is indented by at most `column`.
    fn above(&self, count: usize, column: usize) -> Option<usize> {
        let mut candidates = std::iter::successors(self.last(count), |at| self.parents[*at]);
        candidates.find(|at| self.anchors[*at].column <= column)
    }
}
