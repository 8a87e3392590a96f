//! Which endpoints use a type.

use std::collections::{HashMap, HashSet};

use crate::model::{Api, Endpoint, Field, Response, TypeId, TypeKind};

/// The endpoints that use each of some types.
pub(super) struct Users(HashMap<TypeId, Vec<String>>);

impl Users {
    /// The endpoints of `api` that use `types`, in the order of their ids.
    pub fn of(api: &Api, types: impl Iterator<Item = TypeId>) -> Self {
        let mut users: HashMap<TypeId, Vec<String>> = types.map(|id| (id, Vec::new())).collect();
        if users.is_empty() {
            return Self(users);
        }
        for (_, endpoint) in api.endpoints() {
            for id in reached(api, endpoint) {
                if let Some(endpoints) = users.get_mut(&id) {
                    endpoints.push(endpoint.id.clone());
                }
            }
        }
        users.values_mut().for_each(|endpoints| endpoints.sort());
        Self(users)
    }

    /// Ids of the endpoints that use this type.
    pub fn endpoints(&self, id: TypeId) -> Vec<String> {
        self.0.get(&id).cloned().unwrap_or_default()
    }
}

/// Every type that an endpoint sends or answers with.
fn reached(api: &Api, endpoint: &Endpoint) -> HashSet<TypeId> {
    let mut open: Vec<TypeId> = named(&endpoint.fields).collect();
    if let Response::Json { ty, .. } = endpoint.response {
        open.push(ty);
    }
    let mut reached = HashSet::new();
    while let Some(id) = open.pop() {
        if reached.insert(id)
            && let TypeKind::Object(fields) = &api.type_def(id).kind
        {
            open.extend(named(fields));
        }
    }
    reached
}

fn named(fields: &[Field]) -> impl Iterator<Item = TypeId> {
    fields.iter().filter_map(|field| field.ty.named())
}
