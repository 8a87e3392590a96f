//! Names of inline types: two of a file must not become the same.
//!
//! The loader makes such a name of the parent and the field, so `update_text_style` and `style` inside `update_text`
//! meet. The later one gets a name of its own.

use std::collections::{HashMap, HashSet};

use super::endpoint::Endpoint;
use super::field::Field;
use super::share::Types;
use super::types::Type;
use crate::names;

/// Names the inline types of all files anew.
pub(super) fn name(endpoints: &mut [Endpoint], types: &mut Types) {
    let mut files: HashMap<String, HashSet<String>> = HashMap::new();
    for (file, types) in types.iter() {
        let taken = files.entry(file.clone()).or_default();
        taken.extend(types.iter().map(|(name, _)| name.clone()));
    }
    for endpoint in endpoints.iter() {
        let (file, stem) = home(endpoint);
        let own = ["", "Response", "Error"].map(|suffix| format!("{stem}{suffix}"));
        files.entry(file).or_default().extend(own);
    }
    for endpoint in endpoints {
        let (file, stem) = home(endpoint);
        let taken = files.entry(file).or_default();
        for fields in endpoint.sent() {
            below(fields, &stem, taken);
        }
        below(&mut endpoint.response.fields, &format!("{stem}Response"), taken);
    }
    for (file, types) in types {
        let taken = files.entry(file.clone()).or_default();
        for (name, fields) in types {
            below(fields, name, taken);
        }
    }
}

fn home(endpoint: &Endpoint) -> (String, String) {
    let (file, name) = endpoint.place();
    let stem = names::camel(name).unwrap_or_default();
    (file, stem)
}

fn below(fields: &mut [Field], stem: &str, taken: &mut HashSet<String>) {
    for field in fields {
        field.type_name = None;
        let object = matches!(field.ty.heart(), Type::Object(_));
        if !object && field.values.is_empty() {
            continue;
        }
        let usual = format!("{stem}{}", names::camel(&field.key).unwrap_or_default());
        let numbered = (2..).map(|number| format!("{usual}{number}"));
        let free = [usual.clone()].into_iter().chain(numbered);
        let name = free
            .into_iter()
            .find(|name| taken.insert(name.clone()))
            .unwrap_or_default();
        if let Type::Object(object) = field.ty.heart_mut() {
            below(&mut object.fields, &name, taken);
        }
        field.type_name = (name != usual).then_some(name);
    }
}
