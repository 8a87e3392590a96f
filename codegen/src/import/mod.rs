//! Imports documentation pages as spec entries: `spec import`.
//!
//! Data flows one way: `page` reads the three page formats into a neutral page, `extract` gets the endpoint from
//! it, and `write` writes the entry; `model` has the data that they pass on. The import takes facts (names, types,
//! limits, codes, literals) and no sentences. What only a sentence states becomes a [`Note`] with its line.

mod extract;
mod model;
mod page;
mod write;

use crate::Source;

pub use model::{Counts, ImportedEndpoint, Note};
pub use write::ImportError;

/// The maximum size of a page. The largest page of the platform has 1.1 MB.
pub(crate) const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;

/// A documentation page in any of the supported formats.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Its name in notes, such as the path of the file.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// The result of an import.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Imported {
    /// The spec with the imported entries.
    pub spec: Source,
    /// Files that are new or changed: `spec/drive/v1/file.yaml`.
    pub changed: Vec<String>,
    /// The endpoints in the order of the pages. A page without an endpoint has a note instead.
    pub endpoints: Vec<ImportedEndpoint>,
    /// What was skipped or assumed, in the order of the pages.
    pub notes: Vec<Note>,
}

/// Reads pages and writes or updates their entries in a spec. Existing entries keep what a person wrote; facts that
/// differ from the page are replaced. The files are formatted as by `spec fmt`.
///
/// # Errors
///
/// If the spec is invalid before or after the import. The content of a page never causes an error: a page that exceeds a
/// limit is skipped, with a note that names the limit.
pub fn import(spec: &Source, pages: &[Page<'_>]) -> Result<Imported, ImportError> {
    let api = write::load_spec(spec)?;
    let mut notes = Vec::new();
    let mut endpoints = Vec::new();
    for page in pages {
        let mut page_notes = model::Notes::new(page.name);
        endpoints.extend(extract::extract_endpoint(page.name, page.text, &api, &mut page_notes));
        notes.extend(page_notes.finish());
    }
    write::prepare_endpoints(spec, &api, &mut endpoints, &mut notes);
    // Before types are shared: the counts include the fields of inline objects.
    let reports = endpoints.iter().map(model::Endpoint::report).collect();
    let (spec, changed) = write::write_endpoints(spec, &api, &mut endpoints)?;
    Ok(Imported {
        spec,
        changed,
        endpoints: reports,
        notes,
    })
}
