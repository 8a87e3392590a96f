//! The spec format as data: which mappings there are, which keys they have, and what a key's value looks like.
//!
//! The one list of keys. Readers refuse what is not in it, the JSON Schema is built of it, and `spec fmt`
//! writes keys in its order.

mod mappings;

pub(crate) use mappings::*;

/// A mapping whose keys are those of the format.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// Its name in the JSON Schema.
    pub name: &'static str,
    /// Its keys, in the order in which they are written.
    pub names: &'static [&'static str],
    /// The same keys with what is known of them.
    pub keys: &'static [Key],
    /// Those that have to be there.
    pub required: &'static [&'static str],
    /// Whether it may be written on one line.
    pub short: bool,
}

impl Mapping {
    /// The form of the value of a key; `None` for a key that the format does not know.
    pub fn form(&self, key: &str) -> Option<&'static Form> {
        self.keys.iter().find(|other| other.name == key).map(|key| &key.form)
    }
}

/// A key of a mapping.
#[derive(Debug)]
pub(crate) struct Key {
    pub name: &'static str,
    pub form: Form,
    /// What it says, in one line.
    pub doc: &'static str,
}

/// What a value looks like.
#[derive(Debug)]
pub(crate) enum Form {
    /// A sentence for people.
    Line,
    /// Text that goes over the wire as it is written, so that a number or `true` is text as well.
    Text,
    /// Text of which a regular expression tells more.
    Pattern(&'static str),
    /// One of some words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number in a range.
    Integer(i64, i64),
    /// A number.
    Number,
    /// Any value at all.
    Any,
    /// A list of values, each of a form.
    List(&'static Form),
    /// A list without repetition.
    Set(&'static Form),
    /// A mapping of the format.
    Mapping(&'static Mapping),
    /// A mapping whose keys are data of a pattern, in an order that counts.
    Named(&'static str, &'static Form),
    /// Reasons by the id of the lint that they allow.
    Allowances,
    /// A value of any one of these forms.
    OneOf(&'static [Form]),
}

#[cfg(test)]
mod tests {
    use super::{FILE, Form, Mapping};

    fn visit(mapping: &'static Mapping, seen: &mut Vec<&'static Mapping>) {
        if seen.iter().any(|other| other.name == mapping.name) {
            return;
        }
        seen.push(mapping);
        mapping.keys.iter().for_each(|key| visit_form(&key.form, seen));
    }

    fn visit_form(form: &'static Form, seen: &mut Vec<&'static Mapping>) {
        match form {
            Form::Mapping(mapping) => visit(mapping, seen),
            Form::List(form) | Form::Set(form) | Form::Named(_, form) => visit_form(form, seen),
            Form::OneOf(forms) => forms.iter().for_each(|form| visit_form(form, seen)),
            _ => {}
        }
    }

    #[test]
    fn what_a_mapping_requires_is_one_of_its_keys() {
        let mut mappings = Vec::new();
        visit(&FILE, &mut mappings);
        for mapping in mappings {
            for key in mapping.required {
                assert!(mapping.names.contains(key), "{}: {key}", mapping.name);
            }
        }
    }

    #[test]
    fn every_key_has_a_line_of_documentation_and_stands_once() {
        let mut mappings = Vec::new();
        visit(&FILE, &mut mappings);
        for mapping in mappings {
            for (index, key) in mapping.keys.iter().enumerate() {
                assert!(key.doc.ends_with('.'), "{}.{}", mapping.name, key.name);
                assert!(
                    !mapping.names[..index].contains(&key.name),
                    "{}.{}",
                    mapping.name,
                    key.name
                );
            }
        }
    }
}
