//! Types that no endpoint uses: they would be code that nobody can reach.

use super::type_subject;
use crate::finding::{self, Severity};
use crate::model::{Api, Module, TypeDef};
use crate::read::{ModuleName, Reader};

pub(super) fn check(reader: &mut Reader<'_>, api: &Api) {
    for def in &api.types {
        let module = &api.modules[def.module];
        let named = reader.types.named(def.module, &def.rust).is_some();
        if named && !used(def) && is_certain(reader, module) {
            let help = Some("use it in a field or remove it; where it is to stay, allow it and say so".into());
            let subject = type_subject(api, def);
            reader.report_about(finding::UNUSED_TYPE, def.origin, &subject, "no endpoint uses it", help);
        }
    }
}

fn used(def: &TypeDef) -> bool {
    def.in_request || def.in_response
}

/// Whether everything that could use a type of this module was read. What has an error may have been dropped
/// with the uses in it; this finding comes when that is mended.
fn is_certain(reader: &Reader<'_>, module: &Module) -> bool {
    let shared = module.resource == ModuleName::SHARED;
    let home = module.source.rsplit_once('/').map_or("", |(home, _)| home);
    let concerns =
        |path: &str| path == module.source || shared && path.rsplit_once('/').is_some_and(|(other, _)| other == home);
    !reader
        .findings
        .iter()
        .any(|finding| finding.severity() == Severity::Error && concerns(&finding.path))
}
