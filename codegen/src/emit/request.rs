//! The request type of an endpoint with its implementations.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ImplItem, ImplItemFn, Item, Visibility};

use super::EmitError;
use super::context::{Code, Context, Home, request_ident};
use super::docs::endpoint_docs;
use super::example::example;
use super::markdown::{self, deprecated_endpoint, doc_line};
use super::metadata::{endpoint_info, field_info};
use super::object::{Member, Owner, constructor, derives};
use super::pagination::pages;
use super::polling::{poll_methods, task_state, wait_method};
use super::syntax::{integer, parse_file, unsigned};
use super::timestamps;
use crate::model::{Api, Endpoint, Response, Step, Type, Upload};

/// Emits the request type of `endpoint` with all its implementations.
pub(super) fn request(context: Context<'_>, endpoint: &Endpoint) -> Result<Code, EmitError> {
    let name = request_ident(endpoint)?;
    let members = members(context, endpoint)?;
    let deprecated = endpoint.deprecated.as_ref().map(deprecated_endpoint);
    let owner = Owner {
        name: &name,
        members: &members,
        received: false,
        deprecated: deprecated.is_some() || members.iter().any(|member| member.deprecated.is_some()),
    };
    let docs = endpoint_docs(endpoint, &name, example(context, endpoint)?).outer();
    let allow = owner.allow();
    let derives = derives(&owner);
    let declarations = members.iter().map(Member::declaration);
    let pages = pages(context, endpoint, &name)?;
    let (pagination, paged) = pages.map(|pages| (pages.methods, pages.implementation)).unzip();
    let polling = task_state(context, endpoint, &name)?;
    let methods = methods(context, endpoint, &owner, pagination)?;
    let in_parts = in_parts(context, endpoint)?;
    let table = owner.table(&quote!(request));
    let info_docs = doc_line(format!("The metadata of {}.", markdown::code(&endpoint.id)));
    let info = endpoint_info(endpoint);
    Ok(Code {
        item: quote! {
            #docs
            #deprecated
            #derives
            #[non_exhaustive]
            #[must_use = "a request does nothing until it is sent"]
            #allow
            pub struct #name {
                #(#declarations,)*
            }

            #methods
        },
        metadata: quote! {
            #allow
            impl #name {
                #info_docs
                pub const ENDPOINT: g::EndpointInfo = #info;
            }

            #table

            #paged

            #polling

            #in_parts
        },
    })
}

/// Returns the fields of the spec, and the byte range of a download that supports one.
fn members(context: Context<'_>, endpoint: &Endpoint) -> Result<Vec<Member>, EmitError> {
    let fields = endpoint
        .fields
        .iter()
        .map(|field| Member::new(context, &endpoint.id, field, true));
    let ranged = matches!(&endpoint.response, Response::Binary(binary) if binary.ranges);
    fields.chain(ranged.then(|| Ok(Member::range()))).collect()
}

/// Emits the inherent implementation: metadata, `new`, setters, pagination, polling, and `send`.
fn methods(
    context: Context<'_>,
    endpoint: &Endpoint,
    owner: &Owner<'_>,
    pagination: Option<TokenStream>,
) -> Result<TokenStream, EmitError> {
    let (name, allow) = (owner.name, owner.allow());
    let lifetime = lifetime(endpoint);
    let new = constructor(owner, "Creates a request from its required fields.");
    let setters = owner.members.iter().filter_map(|member| member.setter(name));
    let timestamps = timestamps::setters(&endpoint.fields)?;
    let tasks = match poll_methods(context, endpoint)? {
        Some(poll) => Some(poll),
        None => wait_method(endpoint, name),
    };
    let send = send(context, endpoint)?;
    Ok(quote! {
        #allow
        impl #name {
            #new
            #(#setters)*
            #(#timestamps)*
            #pagination
            #tasks
            #send
            #lifetime
        }
    })
}

fn lifetime(endpoint: &Endpoint) -> Option<TokenStream> {
    let lifetime = endpoint.lifetime.as_ref()?;
    let since = match &lifetime.since {
        Some(since) => format!("counted from {}", markdown::plain(since)),
        None => "counted from the response".to_owned(),
    };
    let docs = doc_line(format!(
        "The lifetime of the {}, {since}.",
        markdown::plain(&lifetime.of)
    ));
    let seconds = unsigned(lifetime.seconds);
    Some(quote! {
        #docs
        pub const LIFETIME: ::std::time::Duration = ::std::time::Duration::from_secs(#seconds);
    })
}

fn send(context: Context<'_>, endpoint: &Endpoint) -> Result<TokenStream, EmitError> {
    let docs = doc_line("Sends the request.");
    let (response, call) = match &endpoint.response {
        Response::Empty => (quote!(()), quote!(call_empty)),
        Response::Binary(_) => (quote!(g::ByteStream), quote!(fetch)),
        Response::Json { ty, .. } => (context.type_path(*ty)?, quote!(call)),
    };
    // A crate of an older edition has no `Future` in scope, and captures no lifetime.
    let future = match context.home {
        Home::Sdk => quote!(Future<Output = g::Result<#response>>),
        Home::OtherCrate => quote!(::std::future::Future<Output = g::Result<#response>> + '_),
    };
    Ok(quote! {
        #docs
        #[inline]
        pub fn send(self, client: &g::Client) -> impl #future {
            g::#call(client, self)
        }
    })
}

/// Emits `upload::InParts` for a request whose file may be too large for one call, and nothing for others.
pub(super) fn in_parts(context: Context<'_>, endpoint: &Endpoint) -> Result<Option<TokenStream>, EmitError> {
    let Some(upload) = &endpoint.upload else {
        return Ok(None);
    };
    let Response::Json { ty, .. } = endpoint.response else {
        return Err(invalid(endpoint, "the response has no fields".to_owned()));
    };
    let (name, response) = (request_ident(endpoint)?, context.type_path(ty)?);
    let [prepare, part, finish] = upload.steps().map(|(_, found)| step(context, endpoint, found));
    let (prepare, part, finish) = (prepare?, part?, finish?);
    let Upload {
        block_size,
        block_count,
        number,
        ..
    } = upload;
    let file = file(context, endpoint, &upload.part)?;
    let restart = upload.restart.iter().copied().map(integer);
    let allow = is_deprecated(context, endpoint).then(|| quote!(#[allow(deprecated)]));
    Ok(Some(quote! {
        #allow
        impl g::upload::InParts for #name {
            type Response = #response;

            fn parts(&self) -> &'static g::upload::Parts {
                static PARTS: g::upload::Parts = g::upload::Parts::new(#prepare, #part, #finish)
                    .block_size(#block_size)
                    .block_count(#block_count)
                    .number(#number)
                    .file(#file)
                    .restart(&[#(#restart),*]);
                &PARTS
            }
        }
    }))
}

/// Returns whether the implementation uses something deprecated.
fn is_deprecated(context: Context<'_>, endpoint: &Endpoint) -> bool {
    let steps = endpoint.upload.iter().flat_map(|upload| upload.steps());
    let mut targets = steps.filter_map(|(_, step)| find(context, endpoint, step).ok());
    endpoint.deprecated.is_some() || targets.any(|(_, target)| target.deprecated.is_some())
}

/// Returns the key of the field that holds the bytes of a part.
fn file(context: Context<'_>, endpoint: &Endpoint, part: &Step) -> Result<String, EmitError> {
    let (_, target) = find(context, endpoint, part)?;
    let file = target.fields.iter().find(|field| field.ty == Type::File);
    let file = file.ok_or_else(|| invalid(endpoint, format!("`{}` takes no file", part.endpoint)))?;
    Ok(file.key.clone())
}

/// Finds the endpoint of a step and the index of its module.
fn find<'a>(context: Context<'a>, endpoint: &Endpoint, step: &Step) -> Result<(usize, &'a Endpoint), EmitError> {
    let modules = context.api.modules.iter().enumerate();
    let found = modules
        .filter(|(_, module)| module.project == context.module().project)
        .find_map(|(index, module)| {
            let target = module.endpoints.iter().find(|target| target.id == step.endpoint)?;
            Some((index, target))
        });
    found.ok_or_else(|| invalid(endpoint, format!("the project has no endpoint `{}`", step.endpoint)))
}

/// Returns the constant expression of an endpoint with its fields.
fn step(context: Context<'_>, endpoint: &Endpoint, step: &Step) -> Result<TokenStream, EmitError> {
    let (module, target) = find(context, endpoint, step)?;
    let name = context.path_to(module, &request_ident(target)?)?;
    let fields = target.fields.iter().map(|field| {
        let place = || format!("the field `{}` of {}", field.key, target.id);
        field_info(field, place)
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Ok(quote!(g::upload::Step::new(&#name::ENDPOINT, &[#(#fields),*])))
}

fn invalid(endpoint: &Endpoint, reason: String) -> EmitError {
    EmitError::Upload {
        endpoint: endpoint.id.clone(),
        reason,
    }
}

/// Returns the signatures of the public functions of a request type, such as `pub fn new(...) -> Self`.
///
/// `module` is the index of the module of the endpoint.
///
/// # Errors
///
/// The endpoint cannot become Rust.
pub fn signatures(api: &Api, module: usize, endpoint: &Endpoint) -> Result<Vec<String>, EmitError> {
    let context = Context::new(api, module, Home::Sdk);
    let source = &context.module().source;
    let file = parse_file(source, request(context, endpoint)?.item)?;
    let functions = file.items.into_iter().filter_map(inherent).flatten();
    functions
        .filter_map(public)
        .map(|function| printed(source, function))
        .collect()
}

/// Returns the items of an inherent `impl`.
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
    let text = prettyplease::unparse(&parse_file(source, quote!(#function))?);
    let text = text.trim_end().trim_end_matches("{}").trim_end();
    Ok(short_paths(text))
}

/// Returns a signature as users read it: `Client` for `g::Client`.
fn short_paths(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    for (index, part) in text.split("g::").enumerate() {
        // The end of another name is not a prefix.
        if index > 0 && short.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
            short.push_str("g::");
        }
        short.push_str(part);
    }
    short.replace("::std::", "std::")
}
