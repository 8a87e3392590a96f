//! What the spec says of one field: its key, where it travels, and its bounds.

/// A field of a request or of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FieldInfo {
    /// On the wire.
    pub key: &'static str,
    /// Where it travels.
    pub location: Location,
    /// Whether a request without it is refused before it is sent.
    pub required: bool,
    /// Bounds of its value.
    pub rules: &'static [Rule],
    /// What it says of the file that is sent with it; the client says that where the caller does not.
    pub of_file: Option<OfFile>,
}

/// What a field says of the file that is sent with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OfFile {
    /// Its name.
    Name,
    /// How many bytes it has.
    Size,
    /// Its Adler-32 checksum, in decimal digits.
    Adler32,
}

/// Where a field travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Location {
    /// A segment of the path.
    Path,
    /// The query; a list repeats the key for each value.
    Query,
    /// A header.
    Header,
    /// The body.
    Body,
}

/// A bound of a value, inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// Smallest number.
    Min(f64),
    /// Largest number.
    Max(f64),
    /// Fewest characters.
    MinLength(u64),
    /// Most characters.
    MaxLength(u64),
    /// Fewest elements.
    MinItems(u64),
    /// Most elements.
    MaxItems(u64),
    /// Fewest bytes of a file.
    MinBytes(u64),
    /// Most bytes of a file.
    MaxBytes(u64),
}

impl FieldInfo {
    const fn at(location: Location, key: &'static str) -> Self {
        Self {
            key,
            location,
            required: false,
            rules: &[],
            of_file: None,
        }
    }

    /// A segment of the path, which is always required.
    pub const fn path(key: &'static str) -> Self {
        Self::at(Location::Path, key).required()
    }

    /// A parameter of the query.
    pub const fn query(key: &'static str) -> Self {
        Self::at(Location::Query, key)
    }

    /// A header.
    pub const fn header(key: &'static str) -> Self {
        Self::at(Location::Header, key)
    }

    /// A field of the body, or of an object in it.
    pub const fn body(key: &'static str) -> Self {
        Self::at(Location::Body, key)
    }

    /// Refuses a request without it.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets the bounds.
    pub const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    /// Says that its value is that of the file.
    pub const fn of_file(mut self, fact: OfFile) -> Self {
        self.of_file = Some(fact);
        self
    }
}
