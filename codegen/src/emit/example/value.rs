//! Values of the spec as Rust expressions.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use crate::emit::EmitError;
use crate::emit::context::Context;
use crate::emit::ident::ident;
use crate::emit::literal::{float, integer};
use crate::model::{Field, Type, TypeDef, TypeId, TypeKind, Variant};

/// Makes expressions; keeps the objects that it is inside of, so that it ends.
pub(super) struct Values<'a> {
    context: Context<'a>,
    inside: Vec<TypeId>,
}

/// What a value is made from: its example, if there is one, and the field that it is for.
#[derive(Clone, Copy)]
struct Hint<'a> {
    example: Option<&'a Value>,
    field: &'a Field,
}

impl<'a> Values<'a> {
    pub(super) fn new(context: Context<'a>) -> Self {
        Self {
            context,
            inside: Vec::new(),
        }
    }

    /// The arguments of `new` for a struct with these fields; `example` is one of the whole object.
    pub(super) fn arguments(
        &mut self,
        fields: &[Field],
        example: Option<&Value>,
    ) -> Result<Vec<TokenStream>, EmitError> {
        let mut arguments = Vec::new();
        for field in fields.iter().filter(|field| field.is_argument()) {
            let example = example
                .and_then(|object| object.get(&field.key))
                .or(field.example.as_ref());
            arguments.push(self.argument(&field.ty, Hint { example, field })?);
        }
        Ok(arguments)
    }

    /// An expression that `new` takes.
    fn argument(&mut self, ty: &Type, hint: Hint<'_>) -> Result<TokenStream, EmitError> {
        match ty {
            Type::String => Ok(text(hint)),
            Type::List(item) if matches!(**item, Type::String) => {
                let items = elements(hint).into_iter().map(text);
                Ok(quote!([#(#items),*]))
            }
            Type::List(item) => {
                let items = self.items(item, hint)?;
                Ok(quote!([#(#items),*]))
            }
            _ => self.owned(ty, hint),
        }
    }

    /// An expression of exactly this type.
    fn owned(&mut self, ty: &Type, hint: Hint<'_>) -> Result<TokenStream, EmitError> {
        Ok(match ty {
            Type::String => {
                let text = text(hint);
                quote!(#text.into())
            }
            Type::Int => integer(
                hint.example
                    .and_then(Value::as_i64)
                    .unwrap_or_else(|| smallest(hint.field) as i64),
            ),
            Type::Float => {
                let number = hint
                    .example
                    .and_then(Value::as_f64)
                    .unwrap_or_else(|| smallest(hint.field));
                float(number).unwrap_or_else(|| quote!(1.0))
            }
            Type::Bool => {
                let yes = hint.example.and_then(Value::as_bool).unwrap_or(true);
                quote!(#yes)
            }
            Type::Any => any(hint),
            Type::File => quote!(larkspur::UploadSource::new("file.txt", "content")),
            Type::List(item) => {
                let items = self.items(item, hint)?;
                quote!(vec![#(#items),*])
            }
            Type::Map(item) => self.map(item, hint)?,
            Type::Named(id) => self.named(*id, hint)?,
        })
    }

    /// The elements of a list; none where the list is inside of its own element.
    fn items(&mut self, item: &Type, hint: Hint<'_>) -> Result<Vec<TokenStream>, EmitError> {
        if item.named().is_some_and(|id| self.inside.contains(&id)) {
            return Ok(Vec::new());
        }
        elements(hint).into_iter().map(|hint| self.owned(item, hint)).collect()
    }

    fn map(&mut self, item: &Type, hint: Hint<'_>) -> Result<TokenStream, EmitError> {
        let first = hint
            .example
            .and_then(Value::as_object)
            .and_then(|object| object.iter().next());
        if item.named().is_some_and(|id| self.inside.contains(&id)) {
            return Ok(quote!(std::collections::BTreeMap::new()));
        }
        let key = first.map_or("key", |(key, _)| key.as_str());
        let value = self.owned(
            item,
            Hint {
                example: first.map(|(_, value)| value),
                ..hint
            },
        )?;
        Ok(quote!(std::collections::BTreeMap::from([(#key.to_owned(), #value)])))
    }

    fn named(&mut self, id: TypeId, hint: Hint<'_>) -> Result<TokenStream, EmitError> {
        let path = self.context.example_path(id)?;
        let def = self.context.type_def(id);
        match &def.kind {
            TypeKind::Object(fields) => {
                if self.inside.contains(&id) {
                    return Err(EmitError::Endless { name: def.rust.clone() });
                }
                self.inside.push(id);
                let arguments = self.arguments(fields, hint.example)?;
                self.inside.pop();
                Ok(quote!(#path::new(#(#arguments),*)))
            }
            TypeKind::StringEnum(variants) => {
                let wanted = hint.example.and_then(Value::as_str);
                let of = |value: &String| Some(value.as_str()) == wanted;
                Ok(variant(def, variants, of)?
                    .map_or_else(|| quote!(#path::from("value")), |name| quote!(#path::#name)))
            }
            TypeKind::IntEnum(variants) => {
                let wanted = hint.example.and_then(Value::as_i64);
                let of = |value: &i64| Some(*value) == wanted;
                Ok(variant(def, variants, of)?.map_or_else(|| quote!(#path::from(1)), |name| quote!(#path::#name)))
            }
        }
    }
}

/// The variant that is wanted, else the first.
fn variant<T>(
    def: &TypeDef,
    variants: &[Variant<T>],
    wanted: impl Fn(&T) -> bool,
) -> Result<Option<proc_macro2::Ident>, EmitError> {
    let variant = variants
        .iter()
        .find(|variant| wanted(&variant.value))
        .or(variants.first());
    variant
        .map(|variant| ident(&variant.rust, || format!("a value of {}", def.rust)))
        .transpose()
}

/// One hint for each element of the example, else a single one.
fn elements(hint: Hint<'_>) -> Vec<Hint<'_>> {
    match hint.example {
        Some(Value::Array(items)) if !items.is_empty() => items
            .iter()
            .map(|item| Hint {
                example: Some(item),
                ..hint
            })
            .collect(),
        Some(Value::Array(_)) | None => vec![Hint { example: None, ..hint }],
        // A page may show one element where it means a list of them.
        Some(_) => vec![hint],
    }
}

fn text(hint: Hint<'_>) -> TokenStream {
    match hint.example {
        Some(Value::String(text)) => quote!(#text),
        Some(other @ (Value::Number(_) | Value::Bool(_))) => {
            let text = other.to_string();
            quote!(#text)
        }
        _ => {
            let name = &hint.field.rust;
            quote!(#name)
        }
    }
}

fn any(hint: Hint<'_>) -> TokenStream {
    match hint.example {
        Some(Value::String(text)) => quote!(#text.into()),
        Some(value) => {
            let value = json(value);
            quote!(larkspur::wire::json!(#value))
        }
        None => quote!(larkspur::wire::Value::Null),
    }
}

/// A value as it stands inside of `json!`.
fn json(value: &Value) -> TokenStream {
    match value {
        Value::Null => quote!(null),
        Value::Bool(yes) => quote!(#yes),
        Value::Number(number) => number.as_i64().map_or_else(
            || number.as_f64().and_then(float).unwrap_or_else(|| quote!(null)),
            integer,
        ),
        Value::String(text) => quote!(#text),
        Value::Array(items) => {
            let items = items.iter().map(json);
            quote!([#(#items),*])
        }
        Value::Object(entries) => {
            let keys = entries.keys();
            let values = entries.values().map(json);
            quote!({ #(#keys: #values),* })
        }
    }
}

fn smallest(field: &Field) -> f64 {
    field.bounds.min.unwrap_or(1.0)
}
