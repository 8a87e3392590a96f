//! Names of types in one generated module.

use std::collections::HashMap;

use super::module_id;
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

pub(super) fn check(reader: &mut Reader<'_>, api: &Api) {
    for module in &api.modules {
        let subject = format!("{}: ", module_id(module));
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
