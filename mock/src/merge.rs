//! Two specs as one: a crate's own endpoints beside those of the SDK.

use larkspur_codegen::model::{Api, Field, Response, Type, TypeDef, TypeId, TypeKind};

/// Everything of both. Where they have the same id or route, that of `first` is found.
///
/// Each was loaded on its own, so that neither can have findings because of the other.
pub(crate) fn merge(first: Api, second: &Api) -> Api {
    let shift = Shift {
        modules: first.modules.len(),
        types: first.types.len(),
    };
    let Api { mut modules, mut types } = first;
    modules.extend(second.modules.iter().cloned().map(|mut module| {
        module.types.iter_mut().for_each(|id| shift.id(id));
        for endpoint in &mut module.endpoints {
            endpoint.fields.iter_mut().for_each(|field| shift.field(field));
            if let Response::Json { ty, .. } = &mut endpoint.response {
                shift.id(ty);
            }
        }
        module
    }));
    types.extend(second.types.iter().cloned().map(|def| shift.type_def(def)));
    Api { modules, types }
}

/// How far indices into the second spec move.
struct Shift {
    modules: usize,
    types: usize,
}

impl Shift {
    fn id(&self, id: &mut TypeId) {
        id.0 += self.types;
    }

    fn type_def(&self, mut def: TypeDef) -> TypeDef {
        def.module += self.modules;
        if let TypeKind::Object(fields) = &mut def.kind {
            fields.iter_mut().for_each(|field| self.field(field));
        }
        def
    }

    fn field(&self, field: &mut Field) {
        self.ty(&mut field.ty);
    }

    fn ty(&self, ty: &mut Type) {
        match ty {
            Type::List(inner) | Type::Map(inner) => self.ty(inner),
            Type::Named(id) => self.id(id),
            Type::String | Type::Int | Type::Float | Type::Bool | Type::Any | Type::File => {}
        }
    }
}
