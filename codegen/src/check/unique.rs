//! Things that a spec has once: Rust modules, and routes.

use std::collections::HashMap;

use super::module_id;
use crate::finding;
use crate::model::{Api, Module, Origin};
use crate::read::{Reader, shown};

pub(super) fn check(reader: &mut Reader<'_>, api: &Api) {
    routes(reader, api);
    modules(reader, api);
}

/// Two endpoints with one method and path are told apart by neither logs nor the platform, which may not care
/// for capitals. The names of parameters make no difference.
fn routes(reader: &mut Reader<'_>, api: &Api) {
    let mut seen = HashMap::new();
    for (_, endpoint) in api.endpoints().filter(|(_, endpoint)| !endpoint.path.is_empty()) {
        let route = (format!("{:?}", endpoint.method), folded(&endpoint.path));
        if let Some(other) = seen.insert(route, &endpoint.id) {
            let message = format!("`{other}` has the same method and path, {}", shown(&endpoint.path));
            let subject = format!("{}: ", endpoint.id);
            let help = "where the platform has one route for two things, allow it and say so".into();
            reader.report_about(
                finding::DUPLICATE_ROUTE,
                endpoint.origin,
                &subject,
                &message,
                Some(help),
            );
        }
    }
}

fn folded(path: &str) -> String {
    path.trim_end_matches('/')
        .split('/')
        .map(|segment| match segment.strip_prefix(':') {
            Some(_) => ":".to_owned(),
            None => segment.to_ascii_lowercase(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// `app.table` and `app_table` would be one Rust module.
fn modules(reader: &mut Reader<'_>, api: &Api) {
    let mut seen: HashMap<(&str, &str, &str), &Module> = HashMap::new();
    for (file, module) in reader.modules(&api.modules) {
        let key = (module.project.as_str(), module.version.as_str(), module.rust.as_str());
        let Some(other) = seen.insert(key, module) else {
            continue;
        };
        let origin = Origin {
            file,
            line: 1,
            column: 1,
            ..Origin::default()
        };
        let message = format!("{} becomes the Rust module `{}` too", shown(&other.source), module.rust);
        let subject = format!("{}: ", module_id(module));
        reader.report_about(finding::DUPLICATE_MODULE, origin, &subject, &message, None);
    }
}
