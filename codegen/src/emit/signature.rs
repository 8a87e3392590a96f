//! The functions of a request type as they are generated, without their bodies.

use quote::quote;
use syn::{ImplItem, ImplItemFn, Item, Visibility};

use super::context::{Context, Home};
use super::{EmitError, file, request};
use crate::model::{Api, Endpoint};

/// What the generated request type of an endpoint offers: `pub fn new(...) -> Self`, and so on.
///
/// `module` is the index of the module that the endpoint stands in.
pub fn signatures(api: &Api, module: usize, endpoint: &Endpoint) -> Result<Vec<String>, EmitError> {
    let context = Context::new(api, module, Home::Sdk);
    let source = &context.module().source;
    let file = file::parse(source, request::request(context, endpoint)?)?;
    let functions = file.items.into_iter().filter_map(inherent).flatten();
    functions
        .filter_map(public)
        .map(|function| printed(source, function))
        .collect()
}

/// What an `impl` that is of no trait holds.
fn inherent(item: Item) -> Option<Vec<ImplItem>> {
    match item {
        Item::Impl(item) if item.trait_.is_none() => Some(item.items),
        _ => None,
    }
}

fn public(item: ImplItem) -> Option<ImplItemFn> {
    match item {
        ImplItem::Fn(function) if matches!(function.vis, Visibility::Public(_)) => Some(function),
        _ => None,
    }
}

fn printed(source: &str, mut function: ImplItemFn) -> Result<String, EmitError> {
    function.attrs.clear();
    function.block.stmts.clear();
    let text = prettyplease::unparse(&file::parse(source, quote!(#function))?);
    // A person needs no path from the root.
    let text = text.trim_end().trim_end_matches("{}").trim_end();
    Ok(text.replace("::larkspur::", "larkspur::").replace("::std::", "std::"))
}
