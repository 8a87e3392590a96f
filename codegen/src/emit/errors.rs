//! Error codes: the enum of a project version, and the documented errors of an endpoint.

use proc_macro2::TokenStream;
use quote::quote;

use super::EmitError;
use super::context::Code;
use super::markdown::{self, Docs, doc_line};
use super::syntax::{ident, integer, unsigned};
use crate::model::{Endpoint, ErrorCode, ErrorEntry, Module};

/// The name of the enum in the module of a project version.
pub(super) const ENUM: &str = "ErrorCode";

/// Emits the enum of the error codes of a project version, and the static `DOCUMENTED` that endpoints refer to.
pub(super) fn error_codes(module: &Module) -> Result<Code, EmitError> {
    let mut sorted: Vec<&ErrorCode> = module.errors.iter().collect();
    if sorted.is_empty() {
        return Ok(Code::default());
    }
    sorted.sort_by_key(|error| error.code);
    let version = format!("{}.{}", module.project, module.version);
    let mut docs = Docs::new(format!("The error codes of {}.", markdown::code(&version)));
    docs.paragraph("[`Error::code_as`](::larkspur::Error::code_as) returns the code of an error.");
    let docs = docs.outer();
    let place = || format!("an error code of {}", module.source);
    let variants = sorted.iter().map(|error| ident(&error.rust, place));
    let variants: Vec<_> = variants.collect::<Result<_, _>>()?;
    let codes: Vec<_> = sorted.iter().map(|error| integer(error.code)).collect();
    let descriptions = sorted.iter().map(|error| code_docs(error).outer());
    let number = doc_line("The code in the platform's responses.");
    let documented = sorted.iter().map(|error| {
        let (msg, doc) = (error.msg.as_deref(), error.doc.as_deref());
        documented_error(error.http, Some(error.code), msg, doc, error.retry)
    });
    Ok(Code {
        item: quote! {
            #docs
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            #[repr(i64)]
            pub enum ErrorCode {
                #(#descriptions #variants = #codes,)*
            }

            impl ErrorCode {
                #number
                pub const fn code(self) -> i64 {
                    self as i64
                }
            }
        },
        metadata: quote! {
            impl g::DocumentedCode for ErrorCode {
                const VERSION: &'static str = #version;

                #[inline]
                fn from_code(code: i64) -> Option<Self> {
                    Some(match code {
                        #(#codes => Self::#variants,)*
                        _ => return None,
                    })
                }
            }

            pub(super) static DOCUMENTED: &[g::DocumentedError] = &[#(#documented),*];
        },
    })
}

/// Returns the comment of a variant.
fn code_docs(error: &ErrorCode) -> Docs {
    let head = status(error.http, error.msg.as_deref());
    Docs::new(with_details(head, error.doc.as_deref(), error.retry))
}

/// Returns the status and the message of an error.
fn status(http: u16, msg: Option<&str>) -> String {
    match msg {
        Some(msg) => format!("HTTP {http}, {}", markdown::code(msg)),
        None => format!("HTTP {http}"),
    }
}

fn with_details(head: String, doc: Option<&str>, retry: bool) -> String {
    let mut text = match doc {
        Some(doc) => format!("{head}: {}", markdown::sentence(doc)),
        None => format!("{head}."),
    };
    if retry {
        text.push_str(" Retryable.");
    }
    text
}

/// Adds the section on errors to the comment of a request.
pub(super) fn errors_section(docs: &mut Docs, endpoint: &Endpoint) {
    docs.paragraph("# Errors");
    if endpoint.errors.is_empty() {
        docs.paragraph("The platform documents no errors specific to this endpoint; see [`larkspur::Error`].");
        return;
    }
    let has_code = endpoint.errors.iter().any(|error| error.code.is_some());
    docs.paragraph(if has_code {
        "Documented errors, whose code [`larkspur::Error`] returns with `code_as`:"
    } else {
        "Documented errors, whose status [`larkspur::Error`] returns:"
    });
    docs.list(endpoint.errors.iter().map(entry_line).collect::<Vec<_>>());
}

fn entry_line(entry: &ErrorEntry) -> String {
    let (Some(code), Some(rust)) = (entry.code, &entry.rust) else {
        let head = status(entry.http, entry.msg.as_deref());
        return with_details(head, entry.doc.as_deref(), entry.retry);
    };
    let head = format!("[`{rust}`](super::{ENUM}::{rust}) ({code})");
    if entry.differs {
        with_details(head, entry.doc.as_deref(), entry.retry)
    } else {
        head
    }
}

/// Returns `errors`, `catalog` and `codes` of the metadata of an endpoint: errors of its own, and the codes whose definition
/// holds unchanged.
pub(super) fn documented_errors(endpoint: &Endpoint) -> Option<TokenStream> {
    let own = endpoint.errors.iter().filter(|error| error.differs).map(|error| {
        let (msg, doc) = (error.msg.as_deref(), error.doc.as_deref());
        documented_error(error.http, error.code, msg, doc, error.retry)
    });
    let own: Vec<_> = own.collect();
    let defined = endpoint.errors.iter().filter(|error| !error.differs);
    let defined: Vec<_> = defined.filter_map(|error| error.code.map(integer)).collect();
    let own = (!own.is_empty()).then(|| quote!(errors: &[#(#own),*],));
    let defined = (!defined.is_empty()).then(|| quote!(catalog: super::errors::DOCUMENTED, codes: &[#(#defined),*],));
    (own.is_some() || defined.is_some()).then(|| quote!(#own #defined))
}

/// Returns the expression of an `endpoint::DocumentedError`.
fn documented_error(http: u16, code: Option<i64>, msg: Option<&str>, hint: Option<&str>, retry: bool) -> TokenStream {
    let http = unsigned(http.into());
    let msg = msg.unwrap_or_default();
    let retry = retry.then(|| quote!(.retry()));
    match code.map(integer) {
        Some(code) => {
            let hint = hint.unwrap_or_default();
            quote!(g::DocumentedError::code(#http, #code, #msg, #hint) #retry)
        }
        // An error without a code has only the hint for the platform's message.
        None => {
            let hint = hint.unwrap_or(msg);
            quote!(g::DocumentedError::status(#http, #hint) #retry)
        }
    }
}
