//! What can be judged only once everything has been read.

mod direction;
mod literals;
mod names;
mod poll;
mod recursion;
mod unique;
mod unused;
mod upload;

use crate::model::{Api, Module, TypeDef};
use crate::read::Reader;

/// Completes the model, and adds the findings about it to those of the readers.
pub(crate) fn all(reader: &mut Reader<'_>, modules: Vec<Module>) -> Api {
    let types = std::mem::take(&mut reader.types.defs);
    let mut api = Api { modules, types };
    direction::mark(&mut api);
    recursion::check(reader, &mut api);
    unique::check(reader, &api);
    names::check(reader, &api);
    literals::check(reader, &api);
    poll::check(reader, &mut api);
    upload::check(reader, &api);
    unused::check(reader, &api);
    api
}

/// What findings about something in a module begin with: `drive.v1.media`.
fn module_id(module: &Module) -> String {
    format!("{}.{}.{}", module.project, module.version, module.resource)
}

/// What findings about a type begin with: `drive.v1.media type TmpDownloadUrl: `.
fn type_subject(api: &Api, def: &TypeDef) -> String {
    format!("{} type {}: ", module_id(&api.modules[def.module]), def.rust)
}
