//! `next`: the request for the page after an answer.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::Context;
use super::ident::ident;
use super::{EmitError, docs};
use crate::model::{Endpoint, Field, Pagination, Response, Type, TypeKind};

/// The method `next` of a request whose answers come in pages; nothing for any other.
pub(super) fn next(context: Context<'_>, endpoint: &Endpoint) -> Result<Option<TokenStream>, EmitError> {
    let Some(pagination) = &endpoint.pagination else {
        return Ok(None);
    };
    let (answer, fields) = answer(context, endpoint, pagination)?;
    let more = more(find(endpoint, fields, &pagination.more, &Type::Bool)?)?;
    let token = found_token(find(endpoint, fields, &pagination.next, &Type::String)?)?;
    let target = find(endpoint, &endpoint.fields, &pagination.token, &Type::String)?;
    let name = name(target)?;
    let value = if target.required {
        quote!(token.clone())
    } else {
        quote!(Some(token.clone()))
    };
    let docs = docs::line("The request for the page after `response`; `None` where that was the last.");
    Ok(Some(quote! {
        #docs
        pub fn next(&self, response: &#answer) -> Option<Self> {
            let token = #token.filter(|token| #more && !token.is_empty())?;
            let mut next = self.clone();
            next.#name = #value;
            Some(next)
        }
    }))
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

/// Whether there is another page.
fn more(field: &Field) -> Result<TokenStream, EmitError> {
    let name = name(field)?;
    Ok(if field.required {
        quote!(response.#name)
    } else {
        quote!(response.#name == Some(true))
    })
}

/// The token of the next page, as an `Option<&String>`.
fn found_token(field: &Field) -> Result<TokenStream, EmitError> {
    let name = name(field)?;
    Ok(if field.required {
        quote!(Some(&response.#name))
    } else {
        quote!(response.#name.as_ref())
    })
}
