//! The example in the documentation of a request: code that compiles, with values from the spec.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::EmitError;
use super::context::{Context, Home, module_path, request_ident};
use super::syntax::{float, ident, integer, module_ident, parse_file};
use crate::model::{Endpoint, Field, Response, Type, TypeDef, TypeId, TypeKind, Variant};
use crate::names;

/// Returns the lines of the example, including its fence.
pub(super) fn example(context: Context<'_>, endpoint: &Endpoint) -> Result<Vec<String>, EmitError> {
    let fence = match context.home {
        Home::Sdk => "```no_run",
        Home::OtherCrate => "```ignore",
    };
    let mut lines = vec![fence.to_owned()];
    if endpoint.deprecated.is_some() || endpoint.fields.iter().any(|field| field.deprecated.is_some()) {
        lines.push("# #![allow(deprecated)]".to_owned());
    }
    lines.push("# async fn example(client: larkspur::Client) -> larkspur::Result<()> {".to_owned());
    lines.push(import(context)?);
    lines.push(String::new());
    lines.extend(body(context, endpoint)?);
    lines.extend(["# Ok(())", "# }", "```"].map(str::to_owned));
    Ok(lines)
}

fn import(context: Context<'_>) -> Result<String, EmitError> {
    let module = context.module();
    let path = module_path(module).into_iter();
    let path = path.map(|part| module_ident(part, &module.source).map(|part| part.to_string()));
    let path = path.collect::<Result<Vec<_>, _>>()?.join("::");
    let root = match context.home {
        Home::Sdk => "larkspur::",
        Home::OtherCrate => "",
    };
    Ok(format!("use {root}{path};"))
}

/// Returns the formatted call.
fn body(context: Context<'_>, endpoint: &Endpoint) -> Result<Vec<String>, EmitError> {
    let source = &context.module().source;
    let module = module_ident(&context.module().rust, source)?;
    let name = request_ident(endpoint)?;
    let arguments = Values::new(context).arguments(&endpoint.fields, None)?;
    let request = quote!(#module::#name::new(#(#arguments),*));
    let call = match endpoint.poll {
        Some(_) => quote!(#request.wait(&client).await?),
        None => quote!(#request.send(&client).await?),
    };
    let statements = match &endpoint.response {
        _ if endpoint.pagination.is_some() => quote! {
            let mut items = #request.items(&client);
            while let Some(item) = items.next().await {
                let item = item?;
                println!("{item:?}");
            }
        },
        Response::Empty => quote!(#call;),
        Response::Json { .. } => quote!(let response = #call; println!("{response:?}");),
        Response::Binary(_) => quote!(let file = #call; file.save("file").await?;),
    };
    let function: TokenStream = quote!(async fn example() { #statements });
    let text = prettyplease::unparse(&parse_file(source, function)?);
    let lines: Vec<_> = text.lines().collect();
    // Without the first and last line of the function.
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default();
    Ok(inner
        .iter()
        .map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned())
        .collect())
}

/// Builds expressions. It tracks the objects around a value, so that recursion ends.
struct Values<'a> {
    context: Context<'a>,
    inside: Vec<TypeId>,
}

/// The source of a value: its example, if any, and its field.
#[derive(Clone, Copy)]
struct Hint<'a> {
    example: Option<&'a Value>,
    field: &'a Field,
}

impl<'a> Values<'a> {
    fn new(context: Context<'a>) -> Self {
        Self {
            context,
            inside: Vec::new(),
        }
    }

    /// Returns the arguments of `new` for a struct with these fields; `example` is that of the whole object.
    fn arguments(&mut self, fields: &[Field], example: Option<&Value>) -> Result<Vec<TokenStream>, EmitError> {
        let mut arguments = Vec::new();
        for field in fields.iter().filter(|field| field.is_argument()) {
            let example = example
                .and_then(|object| object.get(&field.key))
                .or(field.example.as_ref());
            arguments.push(self.argument(&field.ty, Hint { example, field })?);
        }
        Ok(arguments)
    }

    /// Returns an expression that `new` accepts.
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

    /// Returns an expression of exactly this type.
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

    /// Returns the elements of a list; none if the list is inside its own element.
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
                    return Err(EmitError::RecursiveType { name: def.rust.clone() });
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
            TypeKind::IntEnum(variants) if def.flags => {
                let wanted = hint.example.and_then(Value::as_i64);
                let bit = variants.iter().find(|bit| Some(bit.value) == wanted);
                match (bit.or(variants.first()), wanted) {
                    (Some(bit), _) if Some(bit.value) == wanted || wanted.is_none() => {
                        let bit = ident(&names::constant(&bit.rust), || format!("a bit of {}", def.rust))?;
                        Ok(quote!(#path::#bit))
                    }
                    (_, value) => {
                        let value = integer(value.unwrap_or_default());
                        Ok(quote!(#path::from(#value)))
                    }
                }
            }
            TypeKind::IntEnum(variants) => {
                let wanted = hint.example.and_then(Value::as_i64);
                let of = |value: &i64| Some(*value) == wanted;
                Ok(variant(def, variants, of)?.map_or_else(|| quote!(#path::from(1)), |name| quote!(#path::#name)))
            }
        }
    }
}

/// Returns the wanted variant, or else the first.
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

/// Returns one hint for each element of the example, or else a single one.
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
        // Some pages show one element as the example of a list.
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

/// Returns a value in the syntax of `json!`.
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
