//! Edits the types of a file and keeps its comments: a definition moves to `types:`, of this or of another file.

use granit_parser::ScalarStyle;

use super::print;
use super::tree::{self, Comments, Document, Entry, Node, Scalar};

/// A file that is edited. Entries are found by the byte offset of their key in the original text.
pub(crate) struct Editor {
    document: Document,
}

/// A type that was removed from a file, with its comments.
pub(crate) struct Definition {
    /// The entries of the type: `doc`, `fields`, `enum`.
    entries: Vec<Entry>,
    /// The comments of the entries, by [`Entry::id`].
    comments: Vec<Comments>,
    /// The comments of the type itself.
    own: Comments,
}

impl Editor {
    /// Parses a file without a byte order mark and without carriage returns; `None` if it is not valid YAML.
    pub fn new(text: &str) -> Option<Self> {
        let document = if text.trim().is_empty() {
            Document {
                header: Vec::new(),
                root: Node::Map(Vec::new()),
                comments: Vec::new(),
                offsets: Vec::new(),
            }
        } else {
            tree::parse_document(text)?
        };
        Some(Self { document })
    }

    /// Returns the text of the file, which is not in its final layout; `None` if nothing but its `doc` is left.
    pub fn finish(mut self) -> Option<String> {
        let Node::Map(entries) = &mut self.document.root else {
            return Some(print::print_document(&self.document));
        };
        entries.retain(|entry| !(is_key(entry, "types") && is_empty(&entry.value)));
        let is_left = entries
            .iter()
            .any(|entry| !is_key(entry, "doc") && !is_key(entry, "allow"));
        is_left.then(|| print::print_document(&self.document))
    }

    /// Sets the `type` of the field at `offset`, and removes the type that is defined at it.
    pub fn set_field_type(&mut self, offset: usize, expression: &str) -> Option<Definition> {
        let Document { root, offsets, .. } = &mut self.document;
        let field = find_entry(root, offsets, offset)?;
        let Node::Map(keys) = &mut field.value else { return None };
        let ty = keys.iter_mut().find(|entry| is_key(entry, "type"))?;
        let before = std::mem::replace(&mut ty.value, scalar(expression));
        let is_int = matches!(&before, Node::Scalar(scalar) if scalar.text.contains("int"));
        let (defined, kept): (Vec<_>, Vec<_>) = keys
            .drain(..)
            .partition(|entry| ["fields", "enum", "name"].iter().any(|key| is_key(entry, key)));
        *keys = kept;
        let is_enum = defined.iter().any(|entry| is_key(entry, "enum"));
        let mut definition = self.detach(defined, Comments::default());
        definition.entries.retain(|entry| !is_key(entry, "name"));
        if is_enum && is_int {
            definition.add("type", "int");
        }
        Some(definition)
    }

    /// Sets the named type of a response: `offset` is that of the key `response`.
    pub fn set_response(&mut self, offset: usize, name: &str) -> Option<()> {
        let Document { root, offsets, .. } = &mut self.document;
        find_entry(root, offsets, offset)?.value = scalar(name);
        Some(())
    }

    /// Removes the type under `types` whose key is at `offset`.
    pub fn remove_type(&mut self, offset: usize) -> Option<Definition> {
        let Node::Map(sections) = &mut self.document.root else {
            return None;
        };
        let types = sections.iter_mut().find(|entry| is_key(entry, "types"))?;
        let Node::Map(types) = &mut types.value else {
            return None;
        };
        let offsets = &self.document.offsets;
        let at = types.iter().position(|entry| offsets.get(entry.id) == Some(&offset))?;
        let entry = types.remove(at);
        let own = std::mem::take(&mut self.document.comments[entry.id]);
        match entry.value {
            Node::Map(entries) => Some(self.detach(entries, own)),
            _ => None,
        }
    }

    /// Adds the descriptions and examples of definitions to the type whose key is at `offset`, unless it has its own.
    pub fn add_missing_texts(&mut self, offset: usize, others: &[Definition]) {
        let Document {
            root,
            offsets,
            comments,
            ..
        } = &mut self.document;
        if let Some(Node::Map(entries)) = find_entry(root, offsets, offset).map(|entry| &mut entry.value) {
            others
                .iter()
                .for_each(|other| add_missing_texts(entries, &other.entries, comments));
        }
    }

    /// Adds the comments of definitions that the type whose key is at `offset` replaces.
    pub fn keep_comments(&mut self, offset: usize, others: Vec<Definition>) {
        let Document {
            root,
            offsets,
            comments,
            ..
        } = &mut self.document;
        let Some(entry) = find_entry(root, offsets, offset) else {
            return;
        };
        let lost = others.iter().flat_map(Definition::comment_lines);
        comments[entry.id].above.extend(lost);
    }

    /// Adds a type under `types`.
    pub fn add_type(&mut self, name: &str, definition: Definition) {
        let Definition {
            mut entries,
            comments,
            own,
        } = definition;
        let by = self.document.comments.len();
        self.document.comments.extend(comments);
        entries.iter_mut().for_each(|entry| shift_entry(entry, by));
        let id = self.add_entry_id(own);
        let entry = Entry {
            id,
            key: Some(text(name)),
            value: Node::Map(entries),
        };
        let section = self.add_entry_id(Comments::default());
        let Node::Map(sections) = &mut self.document.root else {
            return;
        };
        match sections.iter_mut().find(|entry| is_key(entry, "types")) {
            Some(types) => match &mut types.value {
                Node::Map(types) => types.push(entry),
                other => *other = Node::Map(vec![entry]),
            },
            None => sections.push(Entry {
                id: section,
                key: Some(text("types")),
                value: Node::Map(vec![entry]),
            }),
        }
    }

    /// Sets the description of the file unless it has one.
    pub fn set_doc(&mut self, doc: &str) {
        let id = self.add_entry_id(Comments::default());
        let Node::Map(sections) = &mut self.document.root else {
            return;
        };
        if !sections.iter().any(|entry| is_key(entry, "doc")) {
            let key = Some(text("doc"));
            sections.insert(
                0,
                Entry {
                    id,
                    key,
                    value: scalar(doc),
                },
            );
        }
    }

    fn add_entry_id(&mut self, comments: Comments) -> usize {
        self.document.comments.push(comments);
        self.document.comments.len() - 1
    }

    /// Takes the comments of entries that leave the document.
    fn detach(&mut self, mut entries: Vec<Entry>, own: Comments) -> Definition {
        let mut comments = Vec::new();
        entries
            .iter_mut()
            .for_each(|entry| take_comments(entry, &mut self.document.comments, &mut comments));
        Definition { entries, comments, own }
    }
}

impl Definition {
    /// Adds the descriptions and examples of a definition that this one replaces, unless it has its own.
    pub fn add_missing_texts(&mut self, other: &Definition) {
        add_missing_texts(&mut self.entries, &other.entries, &mut self.comments);
    }

    /// Adds the comments of a definition that this one replaces, unless it has them.
    pub fn keep_comments_of(&mut self, other: Definition) {
        let known: Vec<String> = self.comment_lines().collect();
        let lost = other.comment_lines().filter(|comment| !known.contains(comment));
        self.own.above.extend(lost);
    }

    fn comment_lines(&self) -> impl Iterator<Item = String> {
        self.comments.iter().chain([&self.own]).flat_map(lines)
    }

    /// Names the type that is defined at a field, given by the keys of the fields from outside to inside; `None` for the name
    /// that the loader derives.
    pub fn set_inner_name(&mut self, path: &[&str], name: Option<&str>) -> Option<()> {
        let (last, outer) = path.split_last()?;
        let mut entries = &mut self.entries;
        for key in outer {
            entries = map_of(find_key(fields_of(entries)?, key)?)?;
        }
        let field = map_of(find_key(fields_of(entries)?, last)?)?;
        field.retain(|entry| !is_key(entry, "name"));
        if let Some(name) = name {
            self.comments.push(Comments::default());
            field.push(Entry {
                id: self.comments.len() - 1,
                key: Some(text("name")),
                value: scalar(name),
            });
        }
        Some(())
    }

    fn add(&mut self, key: &str, value: &str) {
        self.comments.push(Comments::default());
        self.entries.push(Entry {
            id: self.comments.len() - 1,
            key: Some(text(key)),
            value: scalar(value),
        });
    }
}

/// Adds `doc` and `example` of the fields of `from` to the same fields of `to` that do not have their own.
fn add_missing_texts(to: &mut [Entry], from: &[Entry], comments: &mut Vec<Comments>) {
    let fields = |entries: &'_ [Entry]| entries.iter().position(|entry| is_key(entry, "fields"));
    let (Some(to_at), Some(from_at)) = (fields(to), fields(from)) else {
        return;
    };
    let (Node::Map(to), Node::Map(from)) = (&mut to[to_at].value, &from[from_at].value) else {
        return;
    };
    for field in from {
        let Some(key) = &field.key else { continue };
        let same = to.iter_mut().find(|entry| is_key(entry, &key.text));
        if let Some(Node::Map(known)) = same.map(|entry| &mut entry.value)
            && let Node::Map(other) = &field.value
        {
            for text in ["doc", "example"] {
                if let Some(found) = other.iter().find(|entry| is_key(entry, text))
                    && !known.iter().any(|entry| is_key(entry, text))
                {
                    known.push(copy(found, comments));
                }
            }
            add_missing_texts(known, other, comments);
        }
    }
}

/// Copies an entry without its comments.
fn copy(entry: &Entry, comments: &mut Vec<Comments>) -> Entry {
    comments.push(Comments::default());
    let id = comments.len() - 1;
    let scalar = |scalar: &Scalar| Scalar {
        text: scalar.text.clone(),
        style: scalar.style,
    };
    let value = match &entry.value {
        Node::Scalar(value) => Node::Scalar(scalar(value)),
        Node::List(entries) => Node::List(entries.iter().map(|entry| copy(entry, comments)).collect()),
        Node::Map(entries) => Node::Map(entries.iter().map(|entry| copy(entry, comments)).collect()),
    };
    Entry {
        id,
        key: entry.key.as_ref().map(scalar),
        value,
    }
}

fn fields_of(entries: &mut [Entry]) -> Option<&mut Vec<Entry>> {
    map_of(find_key(entries, "fields")?)
}

fn find_key<'e>(entries: &'e mut [Entry], key: &str) -> Option<&'e mut Entry> {
    entries.iter_mut().find(|entry| is_key(entry, key))
}

fn map_of(entry: &mut Entry) -> Option<&mut Vec<Entry>> {
    match &mut entry.value {
        Node::Map(entries) => Some(entries),
        _ => None,
    }
}

fn is_key(entry: &Entry, name: &str) -> bool {
    entry.key.as_ref().is_some_and(|key| key.text == name)
}

fn is_empty(node: &Node) -> bool {
    matches!(node, Node::Map(entries) if entries.is_empty())
}

fn text(text: &str) -> Scalar {
    Scalar {
        text: text.to_owned(),
        style: ScalarStyle::DoubleQuoted,
    }
}

fn scalar(value: &str) -> Node {
    Node::Scalar(text(value))
}

/// Returns the comments of an entry.
fn lines(comments: &Comments) -> Vec<String> {
    let Comments { above, right, below } = comments;
    above.iter().chain(right).chain(below).cloned().collect()
}

/// Moves the comments of an entry and of those inside it to `to`, and numbers the entries by them.
fn take_comments(entry: &mut Entry, from: &mut [Comments], to: &mut Vec<Comments>) {
    to.push(std::mem::take(&mut from[entry.id]));
    entry.id = to.len() - 1;
    if let Node::List(entries) | Node::Map(entries) = &mut entry.value {
        entries.iter_mut().for_each(|entry| take_comments(entry, from, to));
    }
}

fn shift_entry(entry: &mut Entry, by: usize) {
    entry.id += by;
    if let Node::List(entries) | Node::Map(entries) = &mut entry.value {
        entries.iter_mut().for_each(|entry| shift_entry(entry, by));
    }
}

/// Finds the entry whose key starts at `offset`. Entries are in the order of their offsets.
fn find_entry<'n>(node: &'n mut Node, offsets: &[usize], offset: usize) -> Option<&'n mut Entry> {
    let (Node::List(entries) | Node::Map(entries)) = node else {
        return None;
    };
    let start = |entry: &Entry| offsets.get(entry.id).copied().unwrap_or(usize::MAX);
    let next = entries.partition_point(|entry| start(entry) <= offset);
    let entry = entries.get_mut(next.checked_sub(1)?)?;
    if start(entry) == offset && entry.key.is_some() {
        return Some(entry);
    }
    find_entry(&mut entry.value, offsets, offset)
}
