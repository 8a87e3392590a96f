//! Metadata of endpoints and fields as constant expressions of the runtime's types.

use proc_macro2::TokenStream;
use quote::quote;

use super::EmitError;
use super::errors::documented_errors;
use super::syntax::{float, integer, unsigned};
use crate::model::{
    Ability, AppKind, Body, Bounds, Endpoint, Field, FileAttribute, Lifetime, Method, Place, PlatformHost, Response,
    TokenKind,
};

/// Returns the expression of an `endpoint::EndpointInfo`. Values that the spec does not state are omitted.
pub(super) fn endpoint_info(endpoint: &Endpoint) -> TokenStream {
    let Endpoint { id, path, .. } = endpoint;
    let method = method(endpoint.method);
    let parts = [
        host(endpoint.host),
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
        list(quote!(fixed_fields), fixed_fields(endpoint)),
        body(endpoint.body),
        endpoint
            .idempotency
            .as_ref()
            .map(|field| quote!(idempotency: Some(#field),)),
        endpoint.repeatable.then(|| quote!(repeatable: true,)),
        response(&endpoint.response),
        documented_errors(endpoint),
        endpoint.lifetime.as_ref().map(lifetime),
        endpoint.docs.as_ref().map(|url| quote!(docs: #url,)),
        deprecated(endpoint),
    ];
    let parts = parts.into_iter().flatten();
    quote! {
        g::EndpointInfo {
            id: #id,
            method: g::Method::#method,
            path: #path,
            #(#parts)*
            ..g::EndpointInfo::DEFAULT
        }
    }
}

/// Returns `name: &[items],`, or `None` without items.
fn list(name: TokenStream, items: impl Iterator<Item = TokenStream>) -> Option<TokenStream> {
    let mut items = items.peekable();
    items.peek().is_some().then(|| quote!(#name: &[#(#items),*],))
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
        TokenKind::Tenant => quote!(g::TokenKind::Tenant),
        TokenKind::User => quote!(g::TokenKind::User),
        TokenKind::App => quote!(g::TokenKind::App),
    }
}

fn app(kind: &AppKind) -> TokenStream {
    match kind {
        AppKind::Custom => quote!(g::AppKind::Custom),
        AppKind::Store => quote!(g::AppKind::Store),
    }
}

fn ability(ability: &Ability) -> TokenStream {
    match ability {
        Ability::Bot => quote!(g::Ability::Bot),
    }
}

fn windows(endpoint: &Endpoint) -> impl Iterator<Item = TokenStream> {
    endpoint.limits.iter().flat_map(|limits| &limits.windows).map(|window| {
        let (calls, seconds) = (unsigned(window.calls.into()), unsigned(window.seconds.into()));
        quote!(g::Window::new(#calls, #seconds))
    })
}

fn headers(endpoint: &Endpoint) -> impl Iterator<Item = TokenStream> {
    endpoint.fixed_headers.iter().map(|header| {
        let (name, value) = (&header.name, &header.value);
        quote!(g::FixedHeader::new(#name, #value))
    })
}

fn host(host: PlatformHost) -> Option<TokenStream> {
    let host = match host {
        PlatformHost::Open => return None,
        PlatformHost::Www => quote!(Www),
        PlatformHost::Accounts => quote!(Accounts),
    };
    Some(quote!(host: g::PlatformHost::#host,))
}

fn fixed_fields(endpoint: &Endpoint) -> impl Iterator<Item = TokenStream> {
    endpoint.fixed_fields.iter().map(|field| {
        let key = &field.key;
        let constructor = match field.place {
            Place::Query => quote!(query),
            _ => quote!(body),
        };
        let value = match (&field.value, field.value.as_i64()) {
            (serde_json::Value::Bool(value), _) => quote!(Bool(#value)),
            (_, Some(number)) => {
                let number = integer(number);
                quote!(Int(#number))
            }
            _ => {
                let text = field.text();
                quote!(Str(#text))
            }
        };
        quote!(g::FixedField::#constructor(#key, g::FixedValue::#value))
    })
}

fn body(body: Body) -> Option<TokenStream> {
    match body {
        Body::None => None,
        Body::Json => Some(quote!(body: g::BodyKind::Json,)),
        Body::Multipart => Some(quote!(body: g::BodyKind::Multipart,)),
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
    Some(quote!(response: g::ResponseKind::#kind,))
}

fn lifetime(lifetime: &Lifetime) -> TokenStream {
    let (of, seconds) = (&lifetime.of, unsigned(lifetime.seconds));
    let since = lifetime.since.as_deref().unwrap_or_default();
    quote!(lifetime: Some(g::Lifetime::new(#of, #seconds, #since)),)
}

fn deprecated(endpoint: &Endpoint) -> Option<TokenStream> {
    let successor = endpoint.deprecated.as_ref()?.successor.as_deref().unwrap_or_default();
    Some(quote!(deprecated: Some(#successor),))
}

/// Returns the expression of the `wire::FieldInfo` of `field`.
pub(super) fn field_info(field: &Field, place: impl Fn() -> String) -> Result<TokenStream, EmitError> {
    let key = &field.key;
    let (constructor, always) = match field.place {
        Place::Path => (quote!(path), true),
        Place::Query => (quote!(query), false),
        Place::Header => (quote!(header), false),
        Place::Body => (quote!(body), false),
    };
    let required = (field.required && !always).then(|| quote!(.required()));
    let mut rules = rules(&field.bounds, place)?;
    rules.extend(field.pattern.as_ref().map(|pattern| quote!(Pattern(#pattern))));
    let rules = (!rules.is_empty()).then(|| quote!(.rules(&[#(g::#rules),*])));
    let of_file = field.of_file.map(of_file);
    Ok(quote!(g::#constructor(#key) #required #rules #of_file))
}

fn of_file(fact: FileAttribute) -> TokenStream {
    match fact {
        FileAttribute::Name => quote!(.of_file(g::OfFile::Name)),
        FileAttribute::Size => quote!(.of_file(g::OfFile::Size)),
        FileAttribute::Adler32 => quote!(.of_file(g::OfFile::Adler32)),
    }
}

fn rules(bounds: &Bounds, place: impl Fn() -> String) -> Result<Vec<TokenStream>, EmitError> {
    let number = |value: Option<f64>| {
        value
            .map(|value| float(value).ok_or_else(|| EmitError::Bound { place: place(), value }))
            .transpose()
    };
    let count = |value: Option<u64>| value.map(unsigned);
    let mut rules = Vec::new();
    rules.extend(number(bounds.min)?.map(|n| quote!(Min(#n))));
    rules.extend(number(bounds.max)?.map(|n| quote!(Max(#n))));
    rules.extend(count(bounds.min_length).map(|n| quote!(MinLength(#n))));
    rules.extend(count(bounds.max_length).map(|n| quote!(MaxLength(#n))));
    rules.extend(count(bounds.min_items).map(|n| quote!(MinItems(#n))));
    rules.extend(count(bounds.max_items).map(|n| quote!(MaxItems(#n))));
    rules.extend(count(bounds.min_bytes).map(|n| quote!(MinBytes(#n))));
    rules.extend(count(bounds.max_bytes).map(|n| quote!(MaxBytes(#n))));
    Ok(rules)
}
