//! What can be judged only once everything has been read.

mod direction;
mod literals;
mod names;
mod poll;
mod recursion;
mod unique;
mod unused;

use crate::finding::Finding;
use crate::model::{Api, Module, TypeDef};
use crate::read::Reader;

/// Completes the model, and adds the findings about it to those of the readers.
pub(crate) fn all(mut reader: Reader<'_>, modules: Vec<Module>) -> (Api, Vec<Finding>) {
    let types = std::mem::take(&mut reader.types.defs);
    let mut api = Api { modules, types };
    direction::mark(&mut api);
    recursion::check(&mut reader, &mut api);
    unique::check(&mut reader, &api);
    names::check(&mut reader, &api);
    literals::check(&mut reader, &api);
    poll::check(&mut reader, &api);
    unused::check(&mut reader, &api);
    (api, reader.findings)
}

/// What findings about something in a module begin with: `drive.v1.media`.
fn module_id(module: &Module) -> String {
    format!("{}.{}.{}", module.project, module.version, module.resource)
}

/// What findings about a type begin with: `drive.v1.media type TmpDownloadUrl: `.
fn type_subject(api: &Api, def: &TypeDef) -> String {
    format!("{} type {}: ", module_id(&api.modules[def.module]), def.rust)
}
