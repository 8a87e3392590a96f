//! Documentation pages as spec entries: `spec import`.
//!
//! A page is read for its facts: names, types, limits, codes, wire literals. Its sentences stay where they are; what
//! they alone say is told in a [`Note`] with the line. What comes out is text in the layout of `spec fmt`, held
//! against the format before anybody writes it.

mod access;
mod basics;
mod bounds;
mod date;
mod deprecation;
mod doubt;
mod download;
mod endpoint;
mod enums;
mod errors;
mod example;
mod field;
mod headers;
mod infer;
mod inline;
mod known;
mod limits;
mod literal;
mod markdown;
mod marks;
mod markup;
mod naming;
mod nesting;
mod note;
mod page;
mod pagination;
mod parts;
mod plain;
mod plain_table;
mod response;
mod rows;
mod share;
mod table;
mod titles;
mod tree;
mod types;
mod words;
mod write;

use crate::{Findings, LayoutError, Source};

pub use endpoint::Counts;
pub use note::Note;

/// A documentation page as the portal serves it.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Where it came from, for notes.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// What pages came to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Imported {
    /// The whole spec with the entries in it.
    pub spec: Source,
    /// Files that are new or say something else than before: `spec/drive/v1/file.yaml`.
    pub changed: Vec<String>,
    /// The endpoints, in the order of the pages; a page without one has a note instead.
    pub endpoints: Vec<ImportedEndpoint>,
    /// What was not understood, in the order of the pages.
    pub notes: Vec<Note>,
}

/// One endpoint that a page describes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportedEndpoint {
    /// The page.
    pub page: String,
    /// `drive.v1.file.copy`.
    pub id: String,
    /// How much the page says.
    pub counts: Counts,
}

/// Why pages could not be imported; the spec is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The spec would not load with the entries in it, or does not load without them.
    #[error("{findings}")]
    Findings {
        /// What would be wrong.
        findings: Findings,
        /// The spec with the entries in it.
        spec: Box<Source>,
    },
    /// A file cannot be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

/// Reads pages and writes or updates their entries in a spec. In an entry that exists, what a person wrote stays,
/// and a fact that the page has otherwise is replaced.
///
/// # Errors
///
/// Where the spec does not load, before or after. No page is refused for what it says.
pub fn import(spec: &Source, pages: &[Page<'_>]) -> Result<Imported, ImportError> {
    let known = write::loaded(spec)?;
    let mut notes = Vec::new();
    let mut endpoints = Vec::new();
    for page in pages {
        let mut own = note::Notes::new(page.name);
        endpoints.extend(endpoint::read(page, &known, &mut own));
        notes.extend(own.finish());
    }
    naming::part(&mut endpoints, &mut notes);
    inline::name(&mut endpoints, &mut share::Types::new());
    write::retain_loadable(spec, &mut endpoints, &mut notes);
    let told = endpoints.iter().map(endpoint::Endpoint::told).collect();
    let mut types = share::share(&mut endpoints, spec, &known);
    inline::name(&mut endpoints, &mut types);
    let (spec, changed) = write::into(spec, &endpoints, &types)?;
    Ok(Imported {
        spec,
        changed,
        endpoints: told,
        notes,
    })
}
