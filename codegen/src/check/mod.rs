//! What can be judged only once everything has been read.

mod direction;

use crate::finding::Finding;
use crate::model::{Api, Module};
use crate::read::Reader;

/// Completes the model, and adds the findings about it to those of the readers.
pub(crate) fn all(mut reader: Reader<'_>, modules: Vec<Module>) -> (Api, Vec<Finding>) {
    let types = std::mem::take(&mut reader.types.defs);
    let mut api = Api { modules, types };
    direction::mark(&mut api);
    (api, reader.findings)
}
