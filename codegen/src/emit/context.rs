//! Paths, names and types as one module of the output refers to them.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::EmitError;
use super::syntax::{ident, module_ident};
use crate::model::{Api, Endpoint, Field, Module, Type, TypeDef, TypeId};

/// The crate that the output is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// The SDK: examples are compiled.
    Sdk,
    /// Another crate, which includes one file in any of its modules.
    OtherCrate,
}

/// The parts of a generated item: what a reader looks for, and what only the compiler does, which is at the end of the file.
#[derive(Default)]
pub(super) struct Code {
    pub(super) item: TokenStream,
    pub(super) metadata: TokenStream,
}

/// One module of an [`Api`].
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) api: &'a Api,
    pub(super) home: Home,
    index: usize,
}

impl<'a> Context<'a> {
    /// Creates the context of the module at `index`.
    pub(super) fn new(api: &'a Api, index: usize, home: Home) -> Self {
        Self { api, home, index }
    }

    /// Returns the module.
    pub(super) fn module(&self) -> &'a Module {
        &self.api.modules[self.index]
    }

    /// Returns the definition of a type.
    pub(super) fn type_def(&self, id: TypeId) -> &'a TypeDef {
        self.api.type_def(id)
    }

    /// Returns the path of a type from this module: `Name`, or `super::types::Name`.
    pub(super) fn type_path(&self, id: TypeId) -> Result<TokenStream, EmitError> {
        let def = self.type_def(id);
        let name = ident(&def.rust, || {
            format!("a type of {}", self.api.modules[def.module].source)
        })?;
        self.path_to(def.module, &name)
    }

    /// Returns the path of an item of the module at `module` from this module.
    pub(super) fn path_to(&self, module: usize, name: &Ident) -> Result<TokenStream, EmitError> {
        if module == self.index {
            return Ok(quote!(#name));
        }
        if self.api.modules[module].is_platform() && self.home == Home::Sdk {
            let there = module_ident(&self.api.modules[module].rust, &self.module().source)?;
            return Ok(quote!(::larkspur::#there::#name));
        }
        let (here, there) = (module_path(self.module()), module_path(&self.api.modules[module]));
        let shared = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
        let up = (shared..here.len()).map(|_| quote!(super::));
        let down = there[shared..]
            .iter()
            .map(|part| module_ident(part, &self.module().source))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(quote!(#(#up)* #(#down::)* #name))
    }

    /// Returns the path of a type in an example.
    pub(super) fn example_path(&self, id: TypeId) -> Result<TokenStream, EmitError> {
        let def = self.type_def(id);
        let source = &self.api.modules[def.module].source;
        let name = ident(&def.rust, || format!("a type of {source}"))?;
        let path = module_path(&self.api.modules[def.module]);
        if def.module == self.index {
            let module = module_ident(path[path.len() - 1], source)?;
            return Ok(quote!(#module::#name));
        }
        let path = path.into_iter().map(|part| module_ident(part, source));
        let path = path.collect::<Result<Vec<_>, _>>()?;
        // Examples of the SDK are code of its users; those of another crate are code of that crate.
        let root = (self.home == Home::Sdk).then(|| quote!(larkspur::));
        Ok(quote!(#root #(#path::)* #name))
    }
}

/// Returns the components of the path of a module: `drive`, `v1` and `media`; only `types` for the platform's types.
pub(super) fn module_path(module: &Module) -> Vec<&str> {
    module.path()
}

/// Returns the name of the request type of an endpoint.
pub(super) fn request_ident(endpoint: &Endpoint) -> Result<Ident, EmitError> {
    ident(&endpoint.rust, || format!("the request of {}", endpoint.id))
}

/// Returns the type of the value of a field, boxed if the type is recursive.
pub(super) fn value_type(context: Context<'_>, field: &Field) -> Result<TokenStream, EmitError> {
    let inner = plain_type(context, &field.ty, field.secret)?;
    Ok(if field.boxed { quote!(Box<#inner>) } else { inner })
}

/// Returns the element type of a list field.
pub(super) fn element_type(context: Context<'_>, list: &Field) -> Result<TokenStream, EmitError> {
    match &list.ty {
        Type::List(inner) => plain_type(context, inner, list.secret),
        other => plain_type(context, other, list.secret),
    }
}

fn plain_type(context: Context<'_>, ty: &Type, secret: bool) -> Result<TokenStream, EmitError> {
    Ok(match ty {
        Type::String if secret => quote!(g::SecretString),
        Type::String => quote!(String),
        Type::Int => quote!(i64),
        Type::Float => quote!(f64),
        Type::Bool => quote!(bool),
        Type::Any => quote!(g::Value),
        Type::File => quote!(g::UploadSource),
        Type::List(inner) => {
            let inner = plain_type(context, inner, secret)?;
            quote!(Vec<#inner>)
        }
        Type::Map(inner) => {
            let inner = plain_type(context, inner, secret)?;
            quote!(::std::collections::BTreeMap<String, #inner>)
        }
        Type::Named(id) => context.type_path(*id)?,
    })
}

/// The argument of a setter, and the expression that converts it to the value of the field.
pub(super) struct Argument {
    pub(super) ty: TokenStream,
    pub(super) value: TokenStream,
    /// Whether the value is the unconverted argument.
    pub(super) is_itself: bool,
}

/// Returns the argument `name` for a field.
pub(super) fn argument(context: Context<'_>, field: &Field, name: &Ident) -> Result<Argument, EmitError> {
    let exact = plain_type(context, &field.ty, field.secret)?;
    let (ty, value) = match &field.ty {
        Type::String | Type::Any => (quote!(impl Into<#exact>), quote!(#name.into())),
        Type::List(inner) => {
            let item = plain_type(context, inner, field.secret)?;
            match **inner {
                Type::String => (
                    quote!(impl IntoIterator<Item = impl Into<#item>>),
                    quote!(#name.into_iter().map(Into::into).collect()),
                ),
                _ => (
                    quote!(impl IntoIterator<Item = #item>),
                    quote!(#name.into_iter().collect()),
                ),
            }
        }
        _ if field.boxed => (exact, quote!(Box::new(#name))),
        _ => (exact, quote!(#name)),
    };
    let is_itself = *name == value.to_string();
    Ok(Argument { ty, value, is_itself })
}
