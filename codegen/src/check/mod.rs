//! Checks across entries, after every file has been read. Routes, Rust modules and type names are unique.

mod references;
mod types;

use std::collections::{HashMap, HashSet};

use crate::characters::quote;
use crate::finding;
use crate::model::{Api, Endpoint, Module, Origin, Response, have_different_fixed_fields};
use crate::names::is_reserved_type;
use crate::read::Reader;

/// Completes the model and adds findings to the reader's.
pub(crate) fn check_all(reader: &mut Reader<'_>, modules: Vec<Module>) -> Api {
    let types = std::mem::take(&mut reader.types.defs);
    let mut api = Api { modules, types };
    types::mark_directions(&mut api);
    types::check_recursion(reader, &mut api);
    check_unique(reader, &api);
    check_type_names(reader, &api);
    types::check_literals(reader, &api);
    references::check_polling(reader, &mut api);
    references::check_uploads(reader, &api);
    types::check_unused(reader, &api);
    api
}

/// A type of a generated module.
struct GeneratedType {
    rust: String,
    /// Its origin in the spec: `the request of `get``.
    what: String,
    origin: Origin,
    /// How to rename it.
    help: String,
}

fn check_type_names(reader: &mut Reader<'_>, api: &Api) {
    for module in &api.modules {
        let subject = format!("{}: ", module.id());
        let mut seen: HashMap<String, GeneratedType> = HashMap::new();
        for generated in generated_types(reader, api, module) {
            if is_reserved_type(&generated.rust) {
                let message = format!(
                    "`{}` cannot name {}: generated code uses the Rust type of that name",
                    generated.rust, generated.what
                );
                let help = Some(generated.help.clone().into());
                reader.report_about(finding::RESERVED_NAME, generated.origin, &subject, &message, help);
            }
            match seen.get(&generated.rust) {
                Some(other) => {
                    let (rust, line) = (&generated.rust, other.origin.line);
                    let message = format!(
                        "{} (line {line}) and {} both map to `{rust}` in Rust",
                        other.what, generated.what
                    );
                    let help = Some(generated.help.into());
                    reader.report_about(finding::SAME_RUST_NAME, generated.origin, &subject, &message, help);
                }
                None => drop(seen.insert(generated.rust.clone(), generated)),
            }
        }
    }
}

/// Lists the types of a module. A response that is a type under `types:` is listed as a type.
fn generated_types(reader: &Reader<'_>, api: &Api, module: &Module) -> Vec<GeneratedType> {
    let mut types = Vec::new();
    let mut responses = HashSet::new();
    for endpoint in &module.endpoints {
        let generated = |rust: String, what: &str| GeneratedType {
            rust,
            what: format!("the {what} of `{}`", endpoint.name),
            origin: endpoint.origin,
            help: format!("add `rust: AnotherName` to `{}`", endpoint.name),
        };
        types.push(generated(endpoint.rust.clone(), "request"));
        if let Response::Json { ty, .. } = endpoint.response
            && let def = api.type_def(ty)
            && reader.types.find(def.module, &def.rust) != Some(ty)
        {
            responses.insert(ty);
            types.push(generated(def.rust.clone(), "response"));
        }
    }
    for id in module.types.iter().filter(|id| !responses.contains(id)) {
        let def = api.type_def(*id);
        types.push(GeneratedType {
            rust: def.rust.clone(),
            what: format!("the type `{}`", def.rust),
            origin: def.origin,
            help: "rename it: a type under `types:` by its key, an inline type by `name:`".to_owned(),
        });
    }
    types
}

fn check_unique(reader: &mut Reader<'_>, api: &Api) {
    check_routes(reader, api);
    check_modules(reader, api);
}

/// Compares method and path, ignoring case and parameter names: the platform may ignore case. Hosts are not compared, since a
/// gateway or a mock server serves all of them under one address.
fn check_routes(reader: &mut Reader<'_>, api: &Api) {
    let mut seen: HashMap<_, Vec<&Endpoint>> = HashMap::new();
    for (_, endpoint) in api.endpoints().filter(|(_, endpoint)| !endpoint.path.is_empty()) {
        let route = (format!("{:?}", endpoint.method), normalize(&endpoint.path));
        let others = seen.entry(route).or_default();
        let other = others
            .iter()
            .rev()
            .find(|other| !have_different_fixed_fields(other, endpoint))
            .map(|other| other.id.as_str());
        others.push(endpoint);
        if let Some(other) = other {
            let message = format!("`{other}` has the same method and path, {}", quote(&endpoint.path));
            let subject = format!("{}: ", endpoint.id);
            let help = "if the platform distinguishes them by a field, give it a `fixed` value in both; \
                        else allow this with a reason"
                .into();
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

fn normalize(path: &str) -> String {
    path.trim_end_matches('/')
        .split('/')
        .map(|segment| match segment.strip_prefix(':') {
            Some(_) => ":".to_owned(),
            None => segment.to_ascii_lowercase(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// `app.table` and `app_table` map to the same Rust module.
fn check_modules(reader: &mut Reader<'_>, api: &Api) {
    let mut seen: HashMap<(&str, &str, &str), &Module> = HashMap::new();
    for (file, module) in reader.modules_with_files(&api.modules) {
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
        let message = format!(
            "{} also maps to the Rust module `{}`",
            quote(&other.source),
            module.rust
        );
        let subject = format!("{}: ", module.id());
        reader.report_about(finding::DUPLICATE_MODULE, origin, &subject, &message, None);
    }
}
