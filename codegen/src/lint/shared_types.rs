//! Lints about types that several resources share, or should share.

use std::collections::{HashMap, HashSet};

use super::Reporter;
use crate::duplicates::find_duplicates;
use crate::finding;
use crate::model::{Api, TypeDef, TypeId, TypeKind};

/// Reports types that should be one, and types that hide a shared type of the same name.
pub(super) fn check_shared_types(reporter: &mut Reporter<'_>, api: &Api) {
    let mut reported = HashSet::new();
    for duplicates in find_duplicates(api, |_| false) {
        let kept = api.type_def(duplicates.kept());
        for &id in duplicates.replaced() {
            report_duplicate(reporter, api, id, kept, &duplicates.target);
            reported.insert(id);
        }
    }
    check_shadowed(reporter, api, &reported);
}

fn report_duplicate(reporter: &mut Reporter<'_>, api: &Api, id: TypeId, kept: &TypeDef, target: &str) {
    let def = api.type_def(id);
    let parts = match &def.kind {
        TypeKind::Object(_) => "fields",
        TypeKind::StringEnum(_) | TypeKind::IntEnum(_) => "values",
    };
    let place = reporter.format_place(kept.origin);
    let message = format!("{} has the {parts} of `{}` at {place}", subject(api, def), kept.rust);
    let help = format!(
        "`cargo spec share` makes them one type in {target}; if they differ in meaning, allow this with a reason"
    );
    reporter.report(finding::DUPLICATE_TYPE, def.origin, message, help);
}

/// Reports types that hide a shared type of the same name, except those in `reported`.
fn check_shadowed(reporter: &mut Reporter<'_>, api: &Api, reported: &HashSet<TypeId>) {
    let named = || {
        let types = api.types.iter().enumerate();
        types
            .filter(|(_, def)| def.is_named)
            .map(|(index, def)| (TypeId(index), def))
    };
    let mut shared: HashMap<(&str, &str, &str), &TypeDef> = HashMap::new();
    for (_, def) in named() {
        let module = &api.modules[def.module];
        if module.resource == "types" {
            shared
                .entry((&module.project, &module.version, &def.rust))
                .or_insert(def);
        }
    }
    for (_, def) in named().filter(|(id, _)| !reported.contains(id)) {
        let module = &api.modules[def.module];
        let outer = [(&*module.project, &*module.version), ("", "")];
        let hidden = outer.into_iter().find_map(|(project, version)| {
            let other = shared.get(&(project, version, &*def.rust))?;
            (other.module != def.module).then_some(*other)
        });
        if let Some(hidden) = hidden {
            let place = reporter.format_place(hidden.origin);
            let message = format!(
                "{} hides the shared type of the same name at {place}",
                subject(api, def)
            );
            let help = "remove it to use the shared type, or rename it";
            reporter.report(finding::SHADOWED_TYPE, def.origin, message, help);
        }
    }
}

/// Returns `drive.v1.media: the type `TmpDownloadUrl``.
fn subject(api: &Api, def: &TypeDef) -> String {
    format!("{}: the type `{}`", api.modules[def.module].id(), def.rust)
}
