//! The parts of the output, each rendered for itself.

use std::path::PathBuf;

use super::context::{Context, Home};
use super::slice::Index;
use super::{EmitError, Output, catalog, file, module, tree};
use crate::model::Api;

/// Every part of what is generated from an [`Api`].
pub(crate) struct Parts<'a> {
    api: &'a Api,
    index: Index<'a>,
    modules: Vec<PathBuf>,
}

/// One part, by its number.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// The `mod.rs` of all directories, and the list of all endpoints.
    Outline,
    /// The file of the module with this index.
    Module(usize),
}

impl<'a> Parts<'a> {
    /// Finds the parts; nothing is rendered yet.
    pub(crate) fn new(api: &'a Api) -> Result<Self, EmitError> {
        Ok(Self {
            api,
            index: Index::new(api),
            modules: module::paths(api)?,
        })
    }

    /// All of them; the outline first, since it takes longest.
    pub(crate) fn all(&self) -> Vec<Part> {
        let modules = (0..self.modules.len()).map(Part::Module);
        [Part::Outline].into_iter().chain(modules).collect()
    }

    /// What a part follows from: where this is as it was, so is the text.
    pub(crate) fn slice(&self, part: Part) -> Api {
        match part {
            Part::Outline => self.index.outline(),
            Part::Module(index) => self.index.module(index),
        }
    }

    /// The files of a part.
    pub(crate) fn paths(&self, part: Part) -> Result<Vec<PathBuf>, EmitError> {
        match part {
            Part::Outline => {
                let paths = tree::paths(self.api)?.into_iter();
                Ok(paths.chain([catalog::path()]).collect())
            }
            Part::Module(index) => Ok(vec![self.modules[index].clone()]),
        }
    }

    /// Renders the files of a part from its slice.
    pub(crate) fn render(&self, part: Part, slice: &Api) -> Result<Output, EmitError> {
        match part {
            Part::Outline => {
                let mut output = tree::files(slice)?;
                output.extend(catalog::file(slice)?);
                Ok(output)
            }
            Part::Module(index) => {
                // A slice begins with its module.
                let context = Context::new(slice, 0, Home::Sdk);
                let text = file::render(&context.module().source, module::tokens(context)?)?;
                Ok(Output::from([(self.modules[index].clone(), text)]))
            }
        }
    }
}
