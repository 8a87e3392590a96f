//! Methods that read and set timestamps as `SystemTime`. The fields keep their types.

use proc_macro2::TokenStream;
use quote::quote;

use super::EmitError;
use super::markdown::{allow_deprecated, deprecated_field, doc_line};
use super::syntax::ident;
use crate::model::{Field, TimeFormat, Type};
use crate::names;

/// Returns the expression of a `wire::TimeFormat`.
fn format(format: TimeFormat) -> TokenStream {
    let variant = match format {
        TimeFormat::Seconds => quote!(Seconds),
        TimeFormat::Milliseconds => quote!(Milliseconds),
        TimeFormat::Rfc3339 => quote!(Rfc3339),
    };
    quote!(g::TimeFormat::#variant)
}

/// Emits a method for each timestamp that returns it, in a response.
pub(super) fn readers(fields: &[Field]) -> Result<Vec<TokenStream>, EmitError> {
    let timestamps = fields.iter().filter_map(|field| Some((field, field.time?)));
    timestamps.map(|(field, time)| reader(field, time)).collect()
}

fn reader(field: &Field, time: TimeFormat) -> Result<TokenStream, EmitError> {
    let place = || format!("the accessor of `{}`", field.key);
    let [method, _] = names::time_accessors(&field.rust);
    let (name, method) = (ident(&field.rust, place)?, ident(&method, place)?);
    let docs = doc_line(format!(
        "Returns [`Self::{name}`] as a `SystemTime`; `None` if it is absent or empty."
    ));
    let deprecated = field.deprecated.as_deref().map(deprecated_field);
    let allow = field.deprecated.is_some().then(allow_deprecated);
    let format = format(time);
    Ok(quote! {
        #docs
        #deprecated
        #allow
        #[inline]
        pub fn #method(&self) -> ::std::result::Result<Option<::std::time::SystemTime>, g::TimeError> {
            #format.read(&self.#name)
        }
    })
}

/// Emits a setter for each optional timestamp of a request.
pub(super) fn setters(fields: &[Field]) -> Result<Vec<TokenStream>, EmitError> {
    let optional = fields.iter().filter(|field| !field.is_argument());
    let timestamps = optional.filter_map(|field| Some((field, field.time?)));
    timestamps.map(|(field, time)| setter(field, time)).collect()
}

fn setter(field: &Field, time: TimeFormat) -> Result<TokenStream, EmitError> {
    let place = || format!("the accessor of `{}`", field.key);
    let [_, method] = names::time_accessors(&field.rust);
    let (name, method) = (ident(&field.rust, place)?, ident(&method, place)?);
    let docs = doc_line(format!("Sets [`Self::{name}`] from a `SystemTime`."));
    let deprecated = field.deprecated.as_deref().map(deprecated_field);
    let allow = field.deprecated.is_some().then(allow_deprecated);
    let format = format(time);
    let value = if field.ty == Type::Int {
        quote!(#format.number(time))
    } else {
        quote!(#format.text(time))
    };
    Ok(quote! {
        #docs
        #deprecated
        #allow
        #[inline]
        pub fn #method(mut self, time: ::std::time::SystemTime) -> Self {
            self.#name = Some(#value);
            self
        }
    })
}
