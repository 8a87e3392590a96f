//! Unites the objects of responses that pages call by one name: each page documents the fields that its example has.
//!
//! Every field of a response is optional, so that a type with the fields of all of them fits each response.

use std::collections::HashMap;

use super::super::model::{Endpoint, Field, Object, Type};
use crate::names;

/// The maximum number of passes: a united object may contain objects that others can be united with.
const MAX_PASSES: usize = 4;

/// The maximum number of fields of a united object, including nested ones.
const MAX_FIELDS: usize = 1_000;

/// Gives objects of one name in the responses of a project version the fields of all of them, as far as the types of their
/// common fields agree.
pub(super) fn unite_responses(endpoints: &mut [&mut Endpoint]) {
    for _ in 0..MAX_PASSES {
        let mut clusters = Clusters::default();
        for endpoint in endpoints.iter() {
            let (file, _) = endpoint.file_and_key();
            clusters.add_all(project(&file), &endpoint.response.fields);
        }
        clusters.next = 0;
        let mut is_changed = false;
        for endpoint in endpoints.iter_mut() {
            is_changed |= clusters.assign_all(&mut endpoint.response.fields);
        }
        if !is_changed {
            break;
        }
    }
}

/// Returns `spec/<project>/<version>` of a file.
fn project(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(project, _)| project)
}

/// Objects of one name that agree.
#[derive(Default)]
struct Clusters {
    /// The fields of each cluster.
    united: Vec<Vec<Field>>,
    by_name: HashMap<(String, String), Vec<usize>>,
    /// The cluster of each named object, in the order in which they are visited.
    members: Vec<usize>,
    next: usize,
}

impl Clusters {
    fn add_all(&mut self, project: &str, fields: &[Field]) {
        for field in fields {
            let Type::Object(object) = field.ty.innermost() else {
                continue;
            };
            if let Some(name) = page_name(object) {
                let cluster = self.add(project, name, &object.fields);
                self.members.push(cluster);
            }
            self.add_all(project, &object.fields);
        }
    }

    /// Adds an object to the first cluster that it agrees with.
    fn add(&mut self, project: &str, name: String, fields: &[Field]) -> usize {
        let known = self.by_name.entry((project.to_owned(), name)).or_default();
        let found = known.iter().copied().find(|cluster| {
            let united = &self.united[*cluster];
            shares_a_field(united, fields)
                && agree(united, fields)
                && count(united).saturating_add(count(fields)) <= MAX_FIELDS
        });
        if let Some(cluster) = found {
            unite(&mut self.united[cluster], fields);
            return cluster;
        }
        self.united.push(fields.to_vec());
        known.push(self.united.len() - 1);
        self.united.len() - 1
    }

    /// Replaces the fields of each object by those of its cluster. Returns whether one of them changed.
    fn assign_all(&mut self, fields: &mut [Field]) -> bool {
        let mut is_changed = false;
        for field in fields {
            let Type::Object(object) = field.ty.innermost_mut() else {
                continue;
            };
            let cluster = page_name(object).map(|_| self.members[self.next]);
            self.next += usize::from(cluster.is_some());
            // First the inner objects, which were visited after this one.
            is_changed |= self.assign_all(&mut object.fields);
            if let Some(cluster) = cluster {
                let united = &self.united[cluster];
                let before = count(&object.fields);
                unite(&mut object.fields, united);
                is_changed |= count(&object.fields) != before;
                sort_as(&mut object.fields, united);
            }
        }
        is_changed
    }
}

/// Returns the name that the page gives to an object, unless it is no more than a word for one.
fn page_name(object: &Object) -> Option<String> {
    let name = names::camel(object.name.as_deref()?)?;
    let is_generic = matches!(&*name, "Object" | "Data" | "Item" | "Items" | "List" | "Map" | "Struct");
    (!is_generic).then_some(name)
}

fn shares_a_field(one: &[Field], other: &[Field]) -> bool {
    other.iter().any(|field| find(one, &field.key).is_some())
}

fn find<'f>(fields: &'f [Field], key: &str) -> Option<&'f Field> {
    fields.iter().find(|field| field.key == key)
}

/// Returns whether the common fields of two objects have the same types.
fn agree(one: &[Field], other: &[Field]) -> bool {
    other.iter().all(|field| match find(one, &field.key) {
        None => true,
        Some(known) => is_same(known, field),
    })
}

fn is_same(one: &Field, other: &Field) -> bool {
    let facts = |field: &Field| {
        (
            field.required,
            field.secret,
            field.default.clone(),
            field.scopes.clone(),
        )
    };
    let values = |field: &Field| -> Vec<String> { field.values.iter().map(|value| value.value.clone()).collect() };
    let types = match (one.ty.innermost(), other.ty.innermost()) {
        (Type::Object(one), Type::Object(other)) => agree(&one.fields, &other.fields),
        (one, other) => one == other,
    };
    types
        && one.ty.expression() == other.ty.expression()
        && one.bounds == other.bounds
        && facts(one) == facts(other)
        && values(one) == values(other)
}

/// Adds the fields of an object that agrees.
fn unite(united: &mut Vec<Field>, fields: &[Field]) {
    for field in fields {
        let Some(known) = united.iter_mut().find(|known| known.key == field.key) else {
            united.push(field.clone());
            continue;
        };
        if known.example.is_none() {
            known.example.clone_from(&field.example);
        }
        if let (Type::Object(known), Type::Object(other)) = (known.ty.innermost_mut(), field.ty.innermost()) {
            unite(&mut known.fields, &other.fields);
        }
    }
}

/// Adds the examples of an equal object to fields without one.
pub(super) fn add_examples(fields: &mut [Field], other: &[Field]) {
    for field in fields {
        let Some(known) = find(other, &field.key) else { continue };
        if field.example.is_none() {
            field.example.clone_from(&known.example);
        }
        if let (Type::Object(object), Type::Object(known)) = (field.ty.innermost_mut(), known.ty.innermost()) {
            add_examples(&mut object.fields, &known.fields);
        }
    }
}

/// Sorts fields as those of the cluster, so that equal objects are written alike.
fn sort_as(fields: &mut [Field], united: &[Field]) {
    let order: HashMap<&str, usize> = united.iter().map(|field| field.key.as_str()).zip(0..).collect();
    fields.sort_by_key(|field| order.get(field.key.as_str()).copied());
    for field in fields {
        if let (Type::Object(object), Some(known)) = (field.ty.innermost_mut(), find(united, &field.key))
            && let Type::Object(known) = known.ty.innermost()
        {
            sort_as(&mut object.fields, &known.fields);
        }
    }
}

/// Returns the number of fields, including nested ones.
fn count(fields: &[Field]) -> usize {
    let inner = |field: &Field| match field.ty.innermost() {
        Type::Object(object) => count(&object.fields),
        _ => 0,
    };
    fields.iter().map(|field| 1 + inner(field)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::super::model::{Endpoint, Field, Headers, Object, Overview, Response, Type};
    use super::unite_responses;

    /// An endpoint whose response has the field `owner` with an object of this name and these fields.
    fn endpoint(id: &str, name: Option<&str>, keys: &[&str]) -> Endpoint {
        let fields = keys.iter().map(|key| Field::new(key, Type::String)).collect();
        let name = name.map(str::to_owned);
        Endpoint {
            page: String::new(),
            line: 1,
            id: id.to_owned(),
            overview: Overview::default(),
            docs: None,
            updated: None,
            deprecated: None,
            headers: Headers::default(),
            path: Vec::new(),
            query: Vec::new(),
            fixed_query: Vec::new(),
            body: Vec::new(),
            response: Response {
                fields: vec![Field::new("owner", Type::Object(Object { name, fields }))],
                ..Response::default()
            },
            download: None,
            errors: Vec::new(),
        }
    }

    /// Returns the keys of both objects after they were united.
    fn united(mut one: Endpoint, mut other: Endpoint) -> [Vec<String>; 2] {
        unite_responses(&mut [&mut one, &mut other]);
        [one, other].map(|endpoint| match endpoint.response.fields[0].ty.innermost() {
            Type::Object(object) => object.fields.iter().map(|field| field.key.clone()).collect(),
            _ => Vec::new(),
        })
    }

    #[test]
    fn unites_objects_of_one_name() {
        let one = endpoint("zoo.v1.cage.get", Some("Person"), &["id", "name"]);
        let other = endpoint("zoo.v1.animal.get", Some("Person"), &["age", "id"]);
        let [one, other] = united(one, other);
        assert_eq!(one, ["id", "name", "age"]);
        assert_eq!(other, one);
    }

    #[test]
    fn separates_names_projects_and_types() {
        let one = || endpoint("zoo.v1.cage.get", Some("Person"), &["id", "name"]);
        let mut number = endpoint("zoo.v1.animal.get", Some("Person"), &["id"]);
        if let Type::Object(object) = number.response.fields[0].ty.innermost_mut() {
            object.fields[0].ty = Type::Int;
        }
        for other in [
            endpoint("zoo.v1.animal.get", Some("Keeper"), &["id"]),
            endpoint("zoo.v1.animal.get", None, &["id"]),
            endpoint("zoo.v2.animal.get", Some("Person"), &["id"]),
            endpoint("zoo.v1.animal.get", Some("Person"), &["age"]),
            number,
        ] {
            let [one, other] = united(one(), other);
            assert_eq!((one.len(), other.len()), (2, 1));
        }
    }
}
