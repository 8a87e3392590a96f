//! Where in the tree of modules something is generated, and how it names types from there.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::EmitError;
use super::ident::{ident, module_ident};
use crate::model::{Api, Module, TypeDef, TypeId};

/// Which crate something is generated for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// The SDK itself, whose examples are compiled.
    Sdk,
    /// A crate that includes one file somewhere among its modules.
    OtherCrate,
}

/// One module of an [`Api`].
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) api: &'a Api,
    pub(super) home: Home,
    index: usize,
}

impl<'a> Context<'a> {
    /// The module at `index`.
    pub(super) fn new(api: &'a Api, index: usize, home: Home) -> Self {
        Self { api, home, index }
    }

    /// The module itself.
    pub(super) fn module(&self) -> &'a Module {
        &self.api.modules[self.index]
    }

    /// The type that `id` stands for.
    pub(super) fn type_def(&self, id: TypeId) -> &'a TypeDef {
        self.api.type_def(id)
    }

    /// The type as this module names it: `Name`, or `super::types::Name`.
    pub(super) fn type_path(&self, id: TypeId) -> Result<TokenStream, EmitError> {
        let def = self.type_def(id);
        let name = ident(&def.rust, || {
            format!("a type of {}", self.api.modules[def.module].source)
        })?;
        self.path_to(def.module, &name)
    }

    /// Something of the module at `module`, as this one names it.
    pub(super) fn path_to(&self, module: usize, name: &Ident) -> Result<TokenStream, EmitError> {
        if module == self.index {
            return Ok(quote!(#name));
        }
        let (here, there) = (parts(self.module()), parts(&self.api.modules[module]));
        let shared = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
        let up = (shared..here.len()).map(|_| quote!(super::));
        let down = there[shared..]
            .iter()
            .map(|part| module_ident(part, &self.module().source))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(quote!(#(#up)* #(#down::)* #name))
    }

    /// The type as an example names it.
    pub(super) fn example_path(&self, id: TypeId) -> Result<TokenStream, EmitError> {
        let def = self.type_def(id);
        let source = &self.api.modules[def.module].source;
        let name = ident(&def.rust, || format!("a type of {source}"))?;
        let [project, version, module] = parts(&self.api.modules[def.module]).map(|part| module_ident(part, source));
        let module = module?;
        if def.module == self.index {
            return Ok(quote!(#module::#name));
        }
        let (project, version) = (project?, version?);
        // An example is read outside the SDK, but beside the modules of another crate.
        let root = (self.home == Home::Sdk).then(|| quote!(larkspur::));
        Ok(quote!(#root #project::#version::#module::#name))
    }
}

/// The path of a module.
pub(super) fn parts(module: &Module) -> [&str; 3] {
    [&module.project, &module.version, &module.rust]
}
