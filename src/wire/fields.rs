//! Fields of objects: key, location and bounds.

/// A field of a request or of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FieldInfo {
    /// Key on the wire.
    pub key: &'static str,
    /// Location in the request.
    pub location: Location,
    /// Whether a request without it is rejected before sending.
    pub required: bool,
    /// Bounds of its value.
    pub rules: &'static [Rule],
    /// Property of the uploaded file that the client fills in if the caller does not.
    pub of_file: Option<OfFile>,
}

/// A property of the uploaded file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OfFile {
    /// File name.
    Name,
    /// Size in bytes.
    Size,
    /// Adler-32 checksum, in decimal digits.
    Adler32,
}

/// The location of a field in a request.
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
    /// Minimum of a number.
    Min(f64),
    /// Maximum of a number.
    Max(f64),
    /// Minimum number of characters.
    MinLength(u64),
    /// Maximum number of characters.
    MaxLength(u64),
    /// Regular expression that a text matches, unanchored.
    Pattern(&'static str),
    /// Minimum number of elements.
    MinItems(u64),
    /// Maximum number of elements.
    MaxItems(u64),
    /// Minimum size of a file in bytes.
    MinBytes(u64),
    /// Maximum size of a file in bytes.
    MaxBytes(u64),
}

/// Creates a path parameter, which is always required.
pub const fn path(key: &'static str) -> FieldInfo {
    let mut field = FieldInfo::at(Location::Path, key);
    field.required = true;
    field
}

/// Creates a query parameter.
pub const fn query(key: &'static str) -> FieldInfo {
    FieldInfo::at(Location::Query, key)
}

/// Creates a header.
pub const fn header(key: &'static str) -> FieldInfo {
    FieldInfo::at(Location::Header, key)
}

/// Creates a field of the body, or of an object in it.
pub const fn body(key: &'static str) -> FieldInfo {
    FieldInfo::at(Location::Body, key)
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

    /// Creates a path parameter, which is always required.
    pub const fn path(key: &'static str) -> Self {
        path(key)
    }

    /// Creates a query parameter.
    pub const fn query(key: &'static str) -> Self {
        query(key)
    }

    /// Creates a header.
    pub const fn header(key: &'static str) -> Self {
        header(key)
    }

    /// Creates a field of the body, or of an object in it.
    pub const fn body(key: &'static str) -> Self {
        body(key)
    }

    /// Marks the field as required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets the bounds.
    pub const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    /// Sets the property of the uploaded file.
    pub const fn of_file(mut self, fact: OfFile) -> Self {
        self.of_file = Some(fact);
        self
    }
}
