//! The field list of a struct: `wire::Fields`, and `wire::FieldsMut` for what comes back.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::deprecation;
use super::literal::unsigned;
use super::member::{Member, Presence};

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
        let body = self.visits();
        let visit = if self.members.is_empty() {
            quote!(_)
        } else {
            quote!(visit)
        };
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
                fn each<'a>(
                    &'a self,
                    #visit: &mut dyn FnMut(&'static ::larkspur::wire::Field, &'a dyn ::larkspur::wire::Encode),
                ) {
                    #body
                }
                #unknown
            }
        }
    }

    fn visits(&self) -> TokenStream {
        if self.members.is_empty() {
            return TokenStream::new();
        }
        let count = unsigned(self.members.len() as u64);
        let facts = self.members.iter().map(|member| &member.facts);
        let visits = self.members.iter().enumerate().map(|(index, member)| {
            let (index, name) = (unsigned(index as u64), &member.name);
            quote!(visit(&FIELDS[#index], &self.#name);)
        });
        quote! {
            static FIELDS: [::larkspur::wire::Field; #count] = [#(#facts),*];
            #(#visits)*
        }
    }

    fn fields_mut(&self) -> TokenStream {
        let (name, allow) = (self.name, self.allow());
        let field = self.field();
        let required = self.required();
        quote! {
            #allow
            impl ::larkspur::wire::FieldsMut for #name {
                #field

                fn unknown_mut(&mut self) -> &mut ::larkspur::wire::Unknown {
                    &mut self.unknown
                }

                #required
            }
        }
    }

    fn field(&self) -> TokenStream {
        if self.members.is_empty() {
            return quote! {
                fn field(&mut self, _: &str) -> Option<&mut dyn ::larkspur::wire::Decode> {
                    None
                }
            };
        }
        let arms = self
            .members
            .iter()
            .map(|Member { key, name, .. }| quote!(#key => &mut self.#name,));
        quote! {
            #[inline]
            fn field(&mut self, key: &str) -> Option<&mut dyn ::larkspur::wire::Decode> {
                Some(match key {
                    #(#arms)*
                    _ => return None,
                })
            }
        }
    }

    /// The keys that must come. The trait has room for 64; a useless object is found without the others.
    fn required(&self) -> Option<TokenStream> {
        let keys = || {
            self.members
                .iter()
                .filter(|member| member.presence == Presence::Required)
                .map(|member| &member.key)
                .take(64)
        };
        keys().next()?;
        let keys = keys();
        Some(quote! {
            fn required(&self) -> &'static [&'static str] {
                &[#(#keys),*]
            }
        })
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
