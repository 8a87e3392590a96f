//! Which types travel to the platform, and which come back.

use crate::model::{Api, Field, Response, TypeDef, TypeId, TypeKind};

/// Sets [`TypeDef::in_request`] and [`TypeDef::in_response`].
pub(super) fn mark(api: &mut Api) {
    let mut sent = Vec::new();
    let mut answered = Vec::new();
    for (_, endpoint) in api.endpoints() {
        sent.extend(named(&endpoint.fields));
        if let Response::Json { ty, .. } = endpoint.response {
            answered.push(ty);
        }
    }
    spread(&mut api.types, sent, |def| &mut def.in_request);
    spread(&mut api.types, answered, |def| &mut def.in_response);
}

/// Marks `open` and everything that can be reached from there.
fn spread(types: &mut [TypeDef], mut open: Vec<TypeId>, mark: fn(&mut TypeDef) -> &mut bool) {
    while let Some(id) = open.pop() {
        let def = &mut types[id.0];
        if !std::mem::replace(mark(def), true)
            && let TypeKind::Object(fields) = &def.kind
        {
            open.extend(named(fields));
        }
    }
}

fn named(fields: &[Field]) -> impl Iterator<Item = TypeId> {
    fields.iter().filter_map(|field| field.ty.named())
}
