//! What the runtime knows of a field: a `wire::Field` as constant data.

use proc_macro2::TokenStream;
use quote::quote;

use super::EmitError;
use super::literal::{float, unsigned};
use crate::model::{Bounds, Field, FileFact, Place};

/// The expression of the `wire::Field` that describes `field`.
pub(super) fn field(field: &Field, place: impl Fn() -> String) -> Result<TokenStream, EmitError> {
    let key = &field.key;
    let (constructor, always) = match field.place {
        Place::Path => (quote!(path), true),
        Place::Query => (quote!(query), false),
        Place::Header => (quote!(header), false),
        Place::Body => (quote!(body), false),
    };
    let required = (field.required && !always).then(|| quote!(.required()));
    let rules = rules(&field.bounds, place)?;
    let rules = (!rules.is_empty()).then(|| quote!(.rules(&[#(::larkspur::wire::Rule::#rules),*])));
    let of_file = field.of_file.map(of_file);
    Ok(quote!(::larkspur::wire::FieldInfo::#constructor(#key) #required #rules #of_file))
}

fn of_file(fact: FileFact) -> TokenStream {
    match fact {
        FileFact::Name => quote!(.of_file(::larkspur::wire::OfFile::Name)),
        FileFact::Size => quote!(.of_file(::larkspur::wire::OfFile::Size)),
        FileFact::Adler32 => quote!(.of_file(::larkspur::wire::OfFile::Adler32)),
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
