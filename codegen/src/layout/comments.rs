//! Which comment belongs to which entry.

/// A comment of the source.
pub(super) struct Comment {
    /// With its `#`, without spaces at its end.
    pub text: String,
    pub line: usize,
    pub column: usize,
    pub offset: usize,
    /// Whether nothing stands before it in its line.
    pub alone: bool,
}

/// Where an entry begins in the source.
pub(super) struct Anchor {
    pub line: usize,
    pub column: usize,
    pub offset: usize,
    /// Whether it stands in brackets.
    pub in_flow: bool,
    /// Whether it is an item whose first key stands in the same line, and takes that line's comment.
    pub holds_block: bool,
}

/// The comments of one entry.
#[derive(Default)]
pub(super) struct Comments {
    /// Lines above it.
    pub above: Vec<String>,
    /// In its own line.
    pub right: Option<String>,
    /// Lines below it that are indented deeper than what follows.
    pub below: Vec<String>,
}

impl Comments {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.above.is_empty() && self.right.is_none() && self.below.is_empty()
    }
}

/// The comments before the first entry, and those of each entry.
pub(super) fn attached(anchors: &[Anchor], comments: &[Comment]) -> (Vec<String>, Vec<Comments>) {
    let mut header = Vec::new();
    let mut of: Vec<Comments> = anchors.iter().map(|_| Comments::default()).collect();
    for comment in comments {
        let next = anchors.partition_point(|anchor| anchor.offset < comment.offset);
        let text = comment.text.clone();
        if next == 0 {
            header.push(text);
        } else if !comment.alone {
            let target = &mut of[beside(&anchors[..next], comment)];
            match target.right {
                None => target.right = Some(text),
                Some(_) => target.above.push(text),
            }
        } else if anchors.get(next).is_some_and(|anchor| comment.column <= anchor.column) {
            of[next].above.push(text);
        } else {
            of[above(&anchors[..next], comment)].below.push(text);
        }
    }
    (header, of)
}

/// The entry that a comment stands beside: the first that begins in its line, else the last before it.
fn beside(before: &[Anchor], comment: &Comment) -> usize {
    let in_line = |anchor: &Anchor| anchor.line == comment.line && !anchor.holds_block;
    let last = || before.iter().rposition(|anchor| !anchor.in_flow);
    before.iter().position(in_line).or_else(last).unwrap_or(0)
}

/// The entry that a comment stands below: the last before it that is not indented deeper.
fn above(before: &[Anchor], comment: &Comment) -> usize {
    let outer = |anchor: &Anchor| anchor.column <= comment.column && !anchor.in_flow;
    before.iter().rposition(outer).unwrap_or(0)
}
