//! Uniqueness of routes, Rust modules and Rust type names.

use std::collections::HashMap;

use crate::characters::quote;
use crate::finding;
use crate::model::{Api, Module, Origin, Response};
use crate::names::is_reserved_type;
use crate::read::Reader;

/// A Rust type that a module will have.
struct Claim {
    rust: String,
    /// For what: `the request of `get``.
    what: String,
    origin: Origin,
    /// How to give it another name.
    help: String,
}

pub(super) fn check_type_names(reader: &mut Reader<'_>, api: &Api) {
    for module in &api.modules {
        let subject = format!("{}: ", module.id());
        let mut seen: HashMap<String, Claim> = HashMap::new();
        for claim in claims(reader, api, module) {
            if is_reserved_type(&claim.rust) {
                let message = format!(
                    "`{}` cannot be the name of {}: generated code uses Rust's own",
                    claim.rust, claim.what
                );
                let help = Some(claim.help.clone().into());
                reader.report_about(finding::RESERVED_NAME, claim.origin, &subject, &message, help);
            }
            match seen.get(&claim.rust) {
                Some(other) => {
                    let (rust, line) = (&claim.rust, other.origin.line);
                    let message = format!(
                        "{} (line {line}) and {} are both `{rust}` in Rust",
                        other.what, claim.what
                    );
                    let help = Some(claim.help.into());
                    reader.report_about(finding::SAME_RUST_NAME, claim.origin, &subject, &message, help);
                }
                None => drop(seen.insert(claim.rust.clone(), claim)),
            }
        }
    }
}

/// An answer with a name under `types:` is a type like any other.
fn claims(reader: &Reader<'_>, api: &Api, module: &Module) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut answers = Vec::new();
    for endpoint in &module.endpoints {
        let claim = |rust: String, what: &str| Claim {
            rust,
            what: format!("the {what} of `{}`", endpoint.name),
            origin: endpoint.origin,
            help: format!("add `rust: AnotherName` to `{}`", endpoint.name),
        };
        claims.push(claim(endpoint.rust.clone(), "request"));
        if !endpoint.errors.is_empty() {
            claims.push(claim(format!("{}Error", endpoint.rust), "error enum"));
        }
        if let Response::Json { ty, .. } = endpoint.response
            && let def = api.type_def(ty)
            && reader.types.named(def.module, &def.rust) != Some(ty)
        {
            answers.push(ty);
            claims.push(claim(def.rust.clone(), "response"));
        }
    }
    for id in module.types.iter().filter(|id| !answers.contains(id)) {
        let def = api.type_def(*id);
        claims.push(Claim {
            rust: def.rust.clone(),
            what: format!("the type `{}`", def.rust),
            origin: def.origin,
            help: "give another name: a type under `types:` by its key, an inline one by `name:`".to_owned(),
        });
    }
    claims
}

pub(super) fn check_unique(reader: &mut Reader<'_>, api: &Api) {
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
            let message = format!("`{other}` has the same method and path, {}", quote(&endpoint.path));
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
        let message = format!("{} becomes the Rust module `{}` too", quote(&other.source), module.rust);
        let subject = format!("{}: ", module.id());
        reader.report_about(finding::DUPLICATE_MODULE, origin, &subject, &message, None);
    }
}
