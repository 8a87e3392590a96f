//! What the runtime knows of an endpoint: an `endpoint::EndpointInfo` as constant data.

use proc_macro2::TokenStream;
use quote::quote;

use super::literal::{integer, unsigned};
use crate::model::{Ability, AppKind, Body, Endpoint, ErrorEntry, Lifetime, Method, Response, TokenKind};

/// The expression of the `endpoint::EndpointInfo`. What the spec does not say is left out.
pub(super) fn facts(endpoint: &Endpoint) -> TokenStream {
    let Endpoint { id, path, .. } = endpoint;
    let method = method(endpoint.method);
    let head = quote!(::larkspur::endpoint::EndpointInfo::new(#id, ::larkspur::endpoint::Method::#method, #path));
    let parts = [
        list(quote!(tokens), endpoint.tokens.iter().flatten().map(token)),
        list(quote!(apps), endpoint.apps.iter().map(app)),
        list(
            quote!(scopes),
            endpoint.scopes.iter().flatten().map(|scope| quote!(#scope)),
        ),
        list(
            quote!(field_scopes),
            endpoint.field_scopes.iter().map(|scope| quote!(#scope)),
        ),
        list(quote!(abilities), endpoint.abilities.iter().map(ability)),
        list(quote!(limits), windows(endpoint)),
        list(quote!(headers), headers(endpoint)),
        body(endpoint.body),
        endpoint.idempotency.as_ref().map(|field| quote!(.idempotency(#field))),
        endpoint.repeatable.then(|| quote!(.repeatable())),
        response(&endpoint.response),
        list(quote!(errors), endpoint.errors.iter().map(error)),
        endpoint.lifetime.as_ref().map(lifetime),
        endpoint.docs.as_ref().map(|url| quote!(.docs(#url))),
        deprecated(endpoint),
    ];
    let parts = parts.into_iter().flatten();
    quote!(#head #(#parts)*)
}

/// `.name(&[items])`, or nothing where there are no items.
fn list(name: TokenStream, items: impl Iterator<Item = TokenStream>) -> Option<TokenStream> {
    let mut items = items.peekable();
    items.peek().is_some().then(|| quote!(.#name(&[#(#items),*])))
}

fn method(method: Method) -> TokenStream {
    match method {
        Method::Get => quote!(Get),
        Method::Post => quote!(Post),
        Method::Put => quote!(Put),
        Method::Patch => quote!(Patch),
        Method::Delete => quote!(Delete),
    }
}

fn token(kind: &TokenKind) -> TokenStream {
    match kind {
        TokenKind::Tenant => quote!(::larkspur::endpoint::TokenKind::Tenant),
        TokenKind::User => quote!(::larkspur::endpoint::TokenKind::User),
        TokenKind::App => quote!(::larkspur::endpoint::TokenKind::App),
    }
}

fn app(kind: &AppKind) -> TokenStream {
    match kind {
        AppKind::Custom => quote!(::larkspur::endpoint::AppKind::Custom),
        AppKind::Store => quote!(::larkspur::endpoint::AppKind::Store),
    }
}

fn ability(ability: &Ability) -> TokenStream {
    match ability {
        Ability::Bot => quote!(::larkspur::endpoint::Ability::Bot),
    }
}

fn windows(endpoint: &Endpoint) -> impl Iterator<Item = TokenStream> {
    endpoint.limits.iter().flat_map(|limits| &limits.windows).map(|window| {
        let (calls, seconds) = (unsigned(window.calls.into()), unsigned(window.seconds.into()));
        quote!(::larkspur::endpoint::Window::new(#calls, #seconds))
    })
}

fn headers(endpoint: &Endpoint) -> impl Iterator<Item = TokenStream> {
    endpoint.fixed_headers.iter().map(|header| {
        let (name, value) = (&header.name, &header.value);
        quote!(::larkspur::endpoint::FixedHeader::new(#name, #value))
    })
}

fn body(body: Body) -> Option<TokenStream> {
    match body {
        Body::None => None,
        Body::Json => Some(quote!(.body(::larkspur::endpoint::BodyKind::Json))),
        Body::Multipart => Some(quote!(.body(::larkspur::endpoint::BodyKind::Multipart))),
    }
}

fn response(response: &Response) -> Option<TokenStream> {
    let kind = match response {
        Response::Empty | Response::Json { flat: false, .. } => return None,
        Response::Json { flat: true, .. } => quote!(Json { flat: true }),
        Response::Binary(binary) => {
            let ranges = binary.ranges;
            let max_bytes = match binary.max_bytes.map(unsigned) {
                Some(bytes) => quote!(Some(#bytes)),
                None => quote!(None),
            };
            quote!(Binary { ranges: #ranges, max_bytes: #max_bytes })
        }
    };
    Some(quote!(.response(::larkspur::endpoint::ResponseKind::#kind)))
}

fn error(entry: &ErrorEntry) -> TokenStream {
    let http = unsigned(entry.http.into());
    let msg = entry.msg.as_deref().unwrap_or_default();
    // A failure without code has no place for the platform's message but the hint.
    let hint = entry.doc.as_deref();
    let retry = entry.retry.then(|| quote!(.retry()));
    match entry.code.map(integer) {
        Some(code) => {
            let hint = hint.unwrap_or_default();
            quote!(::larkspur::endpoint::DocumentedError::code(#http, #code, #msg, #hint) #retry)
        }
        None => {
            let hint = hint.unwrap_or(msg);
            quote!(::larkspur::endpoint::DocumentedError::status(#http, #hint) #retry)
        }
    }
}

fn lifetime(lifetime: &Lifetime) -> TokenStream {
    let (of, seconds) = (&lifetime.of, unsigned(lifetime.seconds));
    let since = lifetime.since.as_deref().unwrap_or_default();
    quote!(.lifetime(::larkspur::endpoint::Lifetime::new(#of, #seconds, #since)))
}

fn deprecated(endpoint: &Endpoint) -> Option<TokenStream> {
    let successor = endpoint.deprecated.as_ref()?.successor.as_deref().unwrap_or_default();
    Some(quote!(.deprecated(#successor)))
}
