//! The example in the documentation of a request: code that compiles, with values that the spec gives.

mod value;

use proc_macro2::TokenStream;
use quote::quote;

use value::Values;

use super::context::{Context, Home, parts};
use super::file::parse;
use super::ident::module_ident;
use super::{EmitError, request};
use crate::model::{Endpoint, Response};

/// The lines of the example, its fence among them.
pub(super) fn example(context: Context<'_>, endpoint: &Endpoint) -> Result<Vec<String>, EmitError> {
    let fence = match context.home {
        Home::Sdk => "```no_run",
        Home::OtherCrate => "```ignore",
    };
    let mut lines = vec![fence.to_owned()];
    if endpoint.deprecated.is_some() || endpoint.fields.iter().any(|field| field.deprecated.is_some()) {
        lines.push("# #![allow(deprecated)]".to_owned());
    }
    lines.push("# async fn example(client: larkspur::Client) -> larkspur::Result<()> {".to_owned());
    lines.push(import(context)?);
    lines.push(String::new());
    lines.extend(body(context, endpoint)?);
    lines.extend(["# Ok(())", "# }", "```"].map(str::to_owned));
    Ok(lines)
}

fn import(context: Context<'_>) -> Result<String, EmitError> {
    let module = context.module();
    let [project, version, name] = parts(module).map(|part| module_ident(part, &module.source));
    let root = match context.home {
        Home::Sdk => "larkspur::",
        Home::OtherCrate => "",
    };
    Ok(format!("use {root}{}::{}::{};", project?, version?, name?))
}

/// The call, printed as rustfmt would.
fn body(context: Context<'_>, endpoint: &Endpoint) -> Result<Vec<String>, EmitError> {
    let source = &context.module().source;
    let module = module_ident(&context.module().rust, source)?;
    let name = request::name(endpoint)?;
    let arguments = Values::new(context).arguments(&endpoint.fields, None)?;
    let request = quote!(#module::#name::new(#(#arguments),*));
    let call = match endpoint.poll {
        Some(_) => quote!(#request.wait(&client).await?),
        None => quote!(#request.send(&client).await?),
    };
    let statements = match &endpoint.response {
        _ if endpoint.pagination.is_some() => quote! {
            let mut items = #request.items(&client);
            while let Some(item) = items.next().await {
                let item = item?;
                println!("{item:?}");
            }
        },
        Response::Empty => quote!(#call;),
        Response::Json { .. } => quote!(let response = #call; println!("{response:?}");),
        Response::Binary(_) => quote!(let file = #call; file.save("file").await?;),
    };
    let function: TokenStream = quote!(async fn example() { #statements });
    let text = prettyplease::unparse(&parse(source, function)?);
    let lines: Vec<_> = text.lines().collect();
    // Without the first and last line, which are the function around.
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    Ok(inner
        .iter()
        .map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned())
        .collect())
}
