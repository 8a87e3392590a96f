//! The field list of a struct: `wire::Fields`, and `wire::FieldsMut` for what comes back.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::deprecation;
use super::literal::unsigned;
use super::member::Member;

/// A struct, of which its field list is generated.
pub(super) struct Owner<'a> {
    pub(super) name: &'a Ident,
    pub(super) members: &'a [Member],
    /// Whether it comes from the platform: then it has a field `unknown`.
    pub(super) received: bool,
    /// Whether it, or one of its fields, is deprecated.
    pub(super) deprecated: bool,
}

impl Owner<'_> {
    /// Every implementation that walks the field list.
    pub(super) fn implementations(&self) -> TokenStream {
        let fields = self.fields();
        let fields_mut = self.received.then(|| self.fields_mut());
        let shims = self.shims();
        quote!(#fields #fields_mut #shims)
    }

    /// `#[allow(deprecated)]` where it is needed.
    pub(super) fn allow(&self) -> Option<TokenStream> {
        self.deprecated.then(deprecation::allow)
    }

    fn fields(&self) -> TokenStream {
        let (name, allow) = (self.name, self.allow());
        let facts = self.facts();
        let value = self.lookup(&quote!(value), &quote!(&), &quote!(Encode));
        let unknown = self.received.then(|| {
            quote! {
                fn unknown(&self) -> Option<&::larkspur::wire::Unknown> {
                    Some(&self.unknown)
                }
            }
        });
        quote! {
            #allow
            impl ::larkspur::wire::Fields for #name {
                fn fields(&self) -> &'static [::larkspur::wire::FieldInfo] {
                    #facts
                }
                #value
                #unknown
            }
        }
    }

    fn facts(&self) -> TokenStream {
        if self.members.is_empty() {
            return quote!(&[]);
        }
        let count = unsigned(self.members.len() as u64);
        let facts = self.members.iter().map(|member| &member.facts);
        quote! {
            static FIELDS: [::larkspur::wire::FieldInfo; #count] = [#(#facts),*];
            &FIELDS
        }
    }

    fn fields_mut(&self) -> TokenStream {
        let (name, allow) = (self.name, self.allow());
        let value = self.lookup(&quote!(value_mut), &quote!(&mut), &quote!(Decode));
        quote! {
            #allow
            impl ::larkspur::wire::FieldsMut for #name {
                #value

                fn unknown_mut(&mut self) -> &mut ::larkspur::wire::Unknown {
                    &mut self.unknown
                }
            }
        }
    }

    /// The function that finds a field by its index. A match on numbers is what the compiler checks fastest.
    fn lookup(&self, function: &TokenStream, reference: &TokenStream, seen_as: &TokenStream) -> TokenStream {
        if self.members.is_empty() {
            return quote! {
                fn #function(#reference self, _: usize) -> Option<#reference dyn ::larkspur::wire::#seen_as> {
                    None
                }
            };
        }
        let arms = self.members.iter().enumerate().map(|(index, member)| {
            let (index, name) = (unsigned(index as u64), &member.name);
            quote!(#index => #reference self.#name,)
        });
        quote! {
            fn #function(#reference self, index: usize) -> Option<#reference dyn ::larkspur::wire::#seen_as> {
                Some(match index {
                    #(#arms)*
                    _ => return None,
                })
            }
        }
    }

    /// What the runtime's macros add: `Debug`, `Serialize` and, for what comes back, `Deserialize`.
    fn shims(&self) -> TokenStream {
        let name = self.name;
        let names = self.members.iter().map(|member| &member.name);
        let written = self
            .received
            .then(|| quote!(::larkspur::wire::object_mut!(#name { #(#names),* });));
        let shims = quote! {
            ::larkspur::wire::object!(#name);
            #written
        };
        if self.deprecated {
            deprecation::allow_in(shims)
        } else {
            shims
        }
    }
}
