//! `next`, `pages` and `items` of a paginated request.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::EmitError;
use super::context::{Context, element_type};
use super::markdown::doc_line;
use super::syntax::ident;
use crate::model::{Endpoint, Field, Pagination, Response, Type, TypeKind};

/// The code of a paginated request.
pub(super) struct Pages {
    /// `next`, `pages` and `items`.
    pub(super) methods: TokenStream,
    /// The trait implementation that they use.
    pub(super) implementation: TokenStream,
}

/// Emits the code of `request`, if it is paginated.
pub(super) fn pages(context: Context<'_>, endpoint: &Endpoint, request: &Ident) -> Result<Option<Pages>, EmitError> {
    let Some(pagination) = &endpoint.pagination else {
        return Ok(None);
    };
    let (response, fields) = response(context, endpoint, pagination)?;
    Ok(Some(Pages {
        methods: methods(request, &response),
        implementation: implementation(context, endpoint, pagination, request, (response, fields))?,
    }))
}

fn methods(request: &Ident, response: &TokenStream) -> TokenStream {
    let next = doc_line("Returns the request for the page after `response`, or `None` after the last page.");
    let pages = doc_line("Returns a stream of the pages from this one on; each page is one call.");
    let items = doc_line("Returns a stream of the items from this page on; each page is one call.");
    quote! {
        #next
        #[inline]
        pub fn next(&self, response: &#response) -> g::Result<Option<Self>> {
            g::pagination::next(self, response)
        }

        #pages
        #[inline]
        pub fn pages(self, client: &g::Client) -> g::pagination::Pages<#request> {
            g::pagination::Pages::new(client, self)
        }

        #items
        #[inline]
        pub fn items(self, client: &g::Client) -> g::pagination::Items<#request> {
            g::pagination::Items::new(client, self)
        }
    }
}

fn implementation(
    context: Context<'_>,
    endpoint: &Endpoint,
    pagination: &Pagination,
    request: &Ident,
    (response, fields): (TokenStream, &[Field]),
) -> Result<TokenStream, EmitError> {
    let more = find(endpoint, fields, &pagination.more, &Type::Bool)?;
    let next = find(endpoint, fields, &pagination.next, &Type::String)?;
    let list = list(endpoint, fields, &pagination.items)?;
    let token = find(endpoint, &endpoint.fields, &pagination.token, &Type::String)?;
    let used = [more, next, list, token];
    let deprecated = endpoint.deprecated.is_some() || used.iter().any(|field| field.deprecated.is_some());
    let allow = deprecated.then(|| quote!(#[allow(deprecated)]));
    let (more, next, asked) = (
        bool_value(more)?,
        str_value(next, &quote!(page))?,
        str_value(token, &quote!(self))?,
    );
    let keys = [&pagination.more, &pagination.next, &pagination.items];
    let item = element_type(context, list)?;
    let (list, name) = (name(list)?, name(token)?);
    let value = if token.required {
        quote!(token.to_owned())
    } else {
        quote!(Some(token.to_owned()))
    };
    Ok(quote! {
        #allow
        impl g::pagination::Paged for #request {
            type Page = #response;
            type Item = #item;

            const KEYS: [&'static str; 3] = [#(#keys),*];

            #[inline]
            fn token(&self) -> &str {
                #asked
            }

            #[inline]
            fn with_token(&self, token: &str) -> Self {
                let mut request = self.clone();
                request.#name = #value;
                request
            }

            #[inline]
            fn following(page: &Self::Page) -> (Option<bool>, &str) {
                (#more, #next)
            }

            #[inline]
            fn items(page: Self::Page) -> Vec<Self::Item> {
                page.#list
            }
        }
    })
}

/// Returns the type of the response and its fields.
fn response<'a>(
    context: Context<'a>,
    endpoint: &Endpoint,
    pagination: &Pagination,
) -> Result<(TokenStream, &'a [Field]), EmitError> {
    if let Response::Json { ty, .. } = &endpoint.response
        && let TypeKind::Object(fields) = &context.type_def(*ty).kind
    {
        return Ok((context.type_path(*ty)?, fields));
    }
    Err(invalid(endpoint, &pagination.next, "the response has no fields"))
}

/// Finds the field with this key and checks its type.
fn find<'a>(endpoint: &Endpoint, fields: &'a [Field], key: &str, ty: &Type) -> Result<&'a Field, EmitError> {
    let field = fields.iter().find(|field| field.key == key);
    let field = field.ok_or_else(|| invalid(endpoint, key, "the field is missing"))?;
    if field.ty != *ty || field.secret {
        return Err(invalid(
            endpoint,
            key,
            "page tokens must be strings, and the field for more pages a bool",
        ));
    }
    Ok(field)
}

/// Finds the list field with this key.
fn list<'a>(endpoint: &Endpoint, fields: &'a [Field], key: &str) -> Result<&'a Field, EmitError> {
    let field = fields.iter().find(|field| field.key == key);
    match field.ok_or_else(|| invalid(endpoint, key, "the field is missing"))? {
        field if matches!(field.ty, Type::List(_)) => Ok(field),
        _ => Err(invalid(endpoint, key, "the items of a page must be a list")),
    }
}

fn invalid(endpoint: &Endpoint, field: &str, reason: &'static str) -> EmitError {
    EmitError::Pagination {
        endpoint: endpoint.id.clone(),
        field: field.to_owned(),
        reason,
    }
}

fn name(field: &Field) -> Result<Ident, EmitError> {
    ident(&field.rust, || format!("the field `{}`", field.key))
}

/// Returns a bool of a page, `None` if absent.
fn bool_value(field: &Field) -> Result<TokenStream, EmitError> {
    let name = name(field)?;
    Ok(if field.required {
        quote!(Some(page.#name))
    } else {
        quote!(page.#name)
    })
}

/// Returns a string of `owner`, empty if absent.
fn str_value(field: &Field, owner: &TokenStream) -> Result<TokenStream, EmitError> {
    let name = name(field)?;
    Ok(if field.required {
        quote!(#owner.#name.as_str())
    } else {
        quote!(#owner.#name.as_deref().unwrap_or_default())
    })
}
