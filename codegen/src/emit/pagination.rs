//! `next`, `pages` and `items` of a request whose answers come in pages.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::Context;
use super::ident::ident;
use super::rust_type::element_type;
use super::{EmitError, docs};
use crate::model::{Endpoint, Field, Pagination, Response, Type, TypeKind};

/// What a request has whose answers come in pages.
pub(super) struct Pages {
    /// `next`, `pages` and `items`.
    pub(super) methods: TokenStream,
    /// What they are written in terms of.
    pub(super) implementation: TokenStream,
}

/// What is generated for `request`, if its answers come in pages.
pub(super) fn pages(context: Context<'_>, endpoint: &Endpoint, request: &Ident) -> Result<Option<Pages>, EmitError> {
    let Some(pagination) = &endpoint.pagination else {
        return Ok(None);
    };
    let (answer, fields) = answer(context, endpoint, pagination)?;
    Ok(Some(Pages {
        methods: methods(request, &answer),
        implementation: implementation(context, endpoint, pagination, request, (answer, fields))?,
    }))
}

fn methods(request: &Ident, answer: &TokenStream) -> TokenStream {
    let next = docs::line("The request for the page after `response`; `None` where that was the last.");
    let pages = docs::line("The pages from this one on, as a stream; each is a call like any other.");
    let items = docs::line("What is on the pages from this one on, as a stream; each page is a call like any other.");
    quote! {
        #next
        pub fn next(&self, response: &#answer) -> Option<Self> {
            ::larkspur::pagination::next(self, response)
        }

        #pages
        pub fn pages(self, client: &::larkspur::Client) -> ::larkspur::pagination::Pages<#request> {
            ::larkspur::pagination::Pages::new(client, self)
        }

        #items
        pub fn items(self, client: &::larkspur::Client) -> ::larkspur::pagination::Items<#request> {
            ::larkspur::pagination::Items::new(client, self)
        }
    }
}

fn implementation(
    context: Context<'_>,
    endpoint: &Endpoint,
    pagination: &Pagination,
    request: &Ident,
    (answer, fields): (TokenStream, &[Field]),
) -> Result<TokenStream, EmitError> {
    let more = find(endpoint, fields, &pagination.more, &Type::Bool)?;
    let next = find(endpoint, fields, &pagination.next, &Type::String)?;
    let list = list(endpoint, fields, &pagination.items)?;
    let token = find(endpoint, &endpoint.fields, &pagination.token, &Type::String)?;
    let used = [more, next, list, token];
    let deprecated = endpoint.deprecated.is_some() || used.iter().any(|field| field.deprecated.is_some());
    let allow = deprecated.then(|| quote!(#[allow(deprecated)]));
    let (more, next, asked) = (truth(more)?, text(next, &quote!(page))?, text(token, &quote!(self))?);
    let item = element_type(context, list)?;
    let (list, name) = (name(list)?, name(token)?);
    let value = if token.required {
        quote!(token.to_owned())
    } else {
        quote!(Some(token.to_owned()))
    };
    Ok(quote! {
        #allow
        impl ::larkspur::pagination::Paged for #request {
            type Page = #answer;
            type Item = #item;

            fn token(&self) -> &str {
                #asked
            }

            fn with_token(&self, token: &str) -> Self {
                let mut request = self.clone();
                request.#name = #value;
                request
            }

            fn following(page: &Self::Page) -> (bool, &str) {
                (#more, #next)
            }

            fn items(page: Self::Page) -> Vec<Self::Item> {
                page.#list
            }
        }
    })
}

/// The type of the answer and its fields.
fn answer<'a>(
    context: Context<'a>,
    endpoint: &Endpoint,
    pagination: &Pagination,
) -> Result<(TokenStream, &'a [Field]), EmitError> {
    if let Response::Json { ty, .. } = &endpoint.response
        && let TypeKind::Object(fields) = &context.type_def(*ty).kind
    {
        return Ok((context.type_path(*ty)?, fields));
    }
    Err(impossible(endpoint, &pagination.next, "the answer has no fields"))
}

/// The field with this key, which has to be text or a truth value, as `ty` says.
fn find<'a>(endpoint: &Endpoint, fields: &'a [Field], key: &str, ty: &Type) -> Result<&'a Field, EmitError> {
    let field = fields.iter().find(|field| field.key == key);
    let field = field.ok_or_else(|| impossible(endpoint, key, "there is no such field"))?;
    if field.ty != *ty || field.secret {
        return Err(impossible(
            endpoint,
            key,
            "the page tokens have to be strings and the mark for more a bool",
        ));
    }
    Ok(field)
}

/// The field with this key, which has to be a list.
fn list<'a>(endpoint: &Endpoint, fields: &'a [Field], key: &str) -> Result<&'a Field, EmitError> {
    let field = fields.iter().find(|field| field.key == key);
    match field.ok_or_else(|| impossible(endpoint, key, "there is no such field"))? {
        field if matches!(field.ty, Type::List(_)) => Ok(field),
        _ => Err(impossible(endpoint, key, "what is on a page has to be a list")),
    }
}

fn impossible(endpoint: &Endpoint, field: &str, reason: &'static str) -> EmitError {
    EmitError::Pagination {
        endpoint: endpoint.id.clone(),
        field: field.to_owned(),
        reason,
    }
}

fn name(field: &Field) -> Result<Ident, EmitError> {
    ident(&field.rust, || format!("the field `{}`", field.key))
}

/// A truth value of a page; what is missing is none.
fn truth(field: &Field) -> Result<TokenStream, EmitError> {
    let name = name(field)?;
    Ok(if field.required {
        quote!(page.#name)
    } else {
        quote!(page.#name.unwrap_or(false))
    })
}

/// A text of `owner`; what is missing is empty.
fn text(field: &Field, owner: &TokenStream) -> Result<TokenStream, EmitError> {
    let name = name(field)?;
    Ok(if field.required {
        quote!(#owner.#name.as_str())
    } else {
        quote!(#owner.#name.as_deref().unwrap_or_default())
    })
}
