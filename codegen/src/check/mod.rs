//! Checks across entries, after every file has been read.

mod literals;
mod names;
mod polling;
mod types;
mod upload;

use crate::model::{Api, Module};
use crate::read::Reader;

/// Completes the model and adds findings to the reader's.
pub(crate) fn check_all(reader: &mut Reader<'_>, modules: Vec<Module>) -> Api {
    let types = std::mem::take(&mut reader.types.defs);
    let mut api = Api { modules, types };
    types::mark_directions(&mut api);
    types::check_recursion(reader, &mut api);
    names::check_unique(reader, &api);
    names::check_type_names(reader, &api);
    literals::check(reader, &api);
    polling::check(reader, &mut api);
    upload::check(reader, &api);
    types::check_unused(reader, &api);
    api
}
