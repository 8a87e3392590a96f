//! Structs: their declaration, `new`, setters, and the field list that the runtime walks.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::EmitError;
use super::context::{Argument, Code, Context, argument, value_type};
use super::docs::field_docs;
use super::markdown::{self, allow_deprecated, deprecated_field, doc_line};
use super::metadata::field_info;
use super::syntax::{ident, unsigned};
use super::timestamps;
use crate::model::{Field, Type, TypeDef};

/// Emits an object type with these fields; `docs` is its comment.
pub(super) fn object(
    context: Context<'_>,
    def: &TypeDef,
    fields: &[Field],
    docs: TokenStream,
) -> Result<Code, EmitError> {
    let name = ident(&def.rust, || format!("a type of {}", context.module().source))?;
    let members = fields
        .iter()
        .map(|field| Member::new(context, &def.rust, field, def.in_request))
        .collect::<Result<Vec<_>, _>>()?;
    // An unused type can still be serialized and deserialized.
    let received = def.in_response || !def.in_request;
    let owner = Owner {
        name: &name,
        members: &members,
        received,
        deprecated: members.iter().any(|member| member.deprecated.is_some()),
    };
    let allow = owner.allow();
    let unknown = received.then(unknown);
    let declarations = members.iter().map(Member::declaration);
    let construction = def.in_request.then(|| construction(&owner));
    let timestamps = timestamps(&owner, fields, def.in_request)?;
    let derives = derives(&owner);
    let kind = if received { quote!(received) } else { quote!(sent) };
    Ok(Code {
        item: quote! {
            #docs
            #derives
            #[non_exhaustive]
            #allow
            pub struct #name {
                #(#declarations,)*
                #unknown
            }
            #construction
            #timestamps
        },
        metadata: owner.table(&kind),
    })
}

/// Emits the methods that read the timestamps of a response, and those that set them in a request.
fn timestamps(owner: &Owner<'_>, fields: &[Field], sent: bool) -> Result<Option<TokenStream>, EmitError> {
    let mut methods = Vec::new();
    if owner.received {
        methods.extend(timestamps::readers(fields)?);
    }
    if sent {
        methods.extend(timestamps::setters(fields)?);
    }
    let name = owner.name;
    Ok((!methods.is_empty()).then(|| quote!(impl #name { #(#methods)* })))
}

fn unknown() -> TokenStream {
    let docs = doc_line("Fields that the spec does not define.");
    quote!(#docs pub unknown: g::Unknown,)
}

/// Returns `#[derive(Clone)]`, with `Default` in responses and if `new` has no arguments.
pub(super) fn derives(owner: &Owner<'_>) -> TokenStream {
    let free = owner.members.iter().all(|member| member.presence == Presence::Optional);
    if owner.received || free {
        quote!(#[derive(Clone, Default)])
    } else {
        quote!(#[derive(Clone)])
    }
}

/// Emits `new` and the setters of an object in a request.
fn construction(owner: &Owner<'_>) -> TokenStream {
    let (name, allow) = (owner.name, owner.allow());
    let new = constructor(owner, "Creates a value from its required fields.");
    let setters = owner.members.iter().filter_map(|member| member.setter(name));
    quote! {
        #allow
        impl #name {
            #new
            #(#setters)*
        }
    }
}

/// Emits `new`, with the required fields as arguments.
pub(super) fn constructor(owner: &Owner<'_>, summary: &str) -> TokenStream {
    let docs = doc_line(summary);
    let parameters: Vec<_> = owner.members.iter().filter_map(Member::parameter).collect();
    // Clippy's limit is 7.
    let many = (parameters.len() > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    let initials = owner.members.iter().map(Member::initial);
    let unknown = owner.received.then(|| quote!(unknown: g::Unknown::default(),));
    quote! {
        #docs
        #many
        #[inline]
        pub fn new(#(#parameters),*) -> Self {
            Self { #(#initials,)* #unknown }
        }
    }
}

/// Returns the documentation of a type: its own, or `default`.
pub(super) fn type_docs(def: &TypeDef, default: impl FnOnce(&Ident) -> String) -> Result<TokenStream, EmitError> {
    let name = ident(&def.rust, || "a type".to_owned())?;
    Ok(doc_line(match &def.doc {
        Some(doc) => markdown::sentence(doc),
        None => default(&name),
    }))
}

/// A struct, from which its field list is generated.
pub(super) struct Owner<'a> {
    pub(super) name: &'a Ident,
    pub(super) members: &'a [Member],
    /// Whether it is part of a response: then it has a field `unknown`.
    pub(super) received: bool,
    /// Whether it, or one of its fields, is deprecated.
    pub(super) deprecated: bool,
}

impl Owner<'_> {
    /// Emits the table of the fields, from which the macro `kind` of the runtime makes every implementation.
    ///
    /// A field is found by its index: the compiler checks a match on integers fastest.
    pub(super) fn table(&self, kind: &TokenStream) -> TokenStream {
        let name = self.name;
        let rows = self.members.iter().enumerate().map(|(index, member)| {
            let (index, Member { name, facts, .. }) = (unsigned(index as u64), member);
            quote!(#index #name = #facts;)
        });
        quote!(g::#kind! { #name { #(#rows)* } })
    }

    /// Returns `#[allow(deprecated)]` if it is needed.
    pub(super) fn allow(&self) -> Option<TokenStream> {
        self.deprecated.then(allow_deprecated)
    }
}

/// How a struct holds the value of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// `T`, an argument of `new`.
    Required,
    /// `Option<T>`.
    Optional,
    /// `T`, a list or map of a response that is empty if absent.
    EmptyWhenAbsent,
}

/// A field of a generated struct.
pub(super) struct Member {
    pub(super) name: Ident,
    pub(super) presence: Presence,
    /// Type of the struct's field.
    pub(super) ty: TokenStream,
    /// The argument of `new` or of the setter.
    pub(super) argument: Argument,
    /// The `wire::FieldInfo` that describes it.
    pub(super) facts: TokenStream,
    /// Documentation of the struct's field.
    pub(super) docs: TokenStream,
    /// `#[deprecated]` if it is.
    pub(super) deprecated: Option<TokenStream>,
    /// Added to the first sentence of the setter's documentation.
    pub(super) hint: &'static str,
}

impl Member {
    /// Creates a field of `owner`; `sent` is whether the struct is part of a request.
    pub(super) fn new(context: Context<'_>, owner: &str, field: &Field, sent: bool) -> Result<Self, EmitError> {
        let place = || format!("the field `{}` of {owner} in {}", field.key, context.module().source);
        let name = ident(&field.rust, place)?;
        let presence = match field.ty {
            _ if field.is_argument() => Presence::Required,
            Type::List(_) | Type::Map(_) if !sent => Presence::EmptyWhenAbsent,
            _ => Presence::Optional,
        };
        let value = value_type(context, field)?;
        Ok(Self {
            presence,
            ty: if presence == Presence::Optional {
                quote!(Option<#value>)
            } else {
                value
            },
            argument: argument(context, field, &name)?,
            facts: field_info(field, place)?,
            docs: field_docs(field).outer(),
            deprecated: field.deprecated.as_deref().map(deprecated_field),
            hint: "",
            name,
        })
    }

    /// Creates the field for the byte range of a download, which the spec does not list.
    pub(super) fn range() -> Self {
        Self {
            name: quote::format_ident!("range"),
            presence: Presence::Optional,
            ty: quote!(Option<g::ByteRange>),
            argument: Argument {
                ty: quote!(impl Into<g::ByteRange>),
                value: quote!(range.into()),
                is_itself: false,
            },
            facts: quote!(g::header("Range")),
            docs: doc_line("The byte range to download; the whole file if unset."),
            deprecated: None,
            hint: ", for example `0..1024`",
        }
    }

    /// Returns the declaration in the struct.
    pub(super) fn declaration(&self) -> TokenStream {
        let Self {
            name,
            ty,
            docs,
            deprecated,
            ..
        } = self;
        quote!(#docs #deprecated pub #name: #ty)
    }

    /// Returns the argument of `new`, or `None` if the field is optional.
    pub(super) fn parameter(&self) -> Option<TokenStream> {
        let (name, ty) = (&self.name, &self.argument.ty);
        (self.presence == Presence::Required).then(|| quote!(#name: #ty))
    }

    /// Returns the field in the struct expression of `new`.
    pub(super) fn initial(&self) -> TokenStream {
        let (name, value) = (&self.name, &self.argument.value);
        match self.presence {
            Presence::Optional => quote!(#name: None),
            _ if self.argument.is_itself => quote!(#name),
            _ => quote!(#name: #value),
        }
    }

    /// Returns the chained setter, or `None` if the field is an argument of `new`.
    pub(super) fn setter(&self, owner: &Ident) -> Option<TokenStream> {
        if self.presence != Presence::Optional {
            return None;
        }
        let Self {
            name, deprecated, hint, ..
        } = self;
        let Argument { ty, value, .. } = &self.argument;
        let docs = doc_line(format!("Sets [`{owner}::{name}`]{hint}."));
        Some(quote! {
            #docs
            #deprecated
            #[inline]
            pub fn #name(mut self, #name: #ty) -> Self {
                self.#name = Some(#value);
                self
            }
        })
    }
}
