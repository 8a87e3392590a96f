//! Whether a call may be sent again.

use super::http::Target;
use super::value::{Entries, nearest};
use super::{Reader, shown};
use crate::finding;
use crate::model::{Field, Method, Place, Type};
use crate::yaml::Node;

/// What a spec says of sending a call again.
#[derive(Default)]
pub(super) struct Repetition {
    pub idempotency: Option<String>,
    pub repeatable: bool,
}

impl Reader<'_> {
    /// Reads `idempotency:`, which names one of these fields, and `repeatable:`.
    pub(super) fn repetition(
        &mut self,
        entries: &Entries<'_>,
        target: Option<&Target>,
        fields: &[Field],
    ) -> Repetition {
        let idempotency = self.optional(entries, "idempotency", |reader, node| reader.idempotency(node, fields));
        let repeatable = self.optional(entries, "repeatable", Self::flag) == Some(true);
        for key in ["idempotency", "repeatable"] {
            if entries.get(key).is_some() && target.is_some_and(|target| target.method == Method::Get) {
                let message = format!("`{key}:` goes with every method but GET, which changes nothing");
                self.report_with_help(
                    finding::KEY_NOT_APPLICABLE,
                    entries.origin_of(key),
                    message,
                    "remove the key",
                );
            }
        }
        if repeatable && entries.get("idempotency").is_some() {
            let message = "`repeatable: true` says more than `idempotency:`";
            let origin = entries.origin_of("idempotency");
            self.report_with_help(finding::KEY_NOT_APPLICABLE, origin, message, "remove one of them");
        }
        Repetition {
            idempotency,
            repeatable,
        }
    }

    fn idempotency(&mut self, node: &Node, fields: &[Field]) -> Option<String> {
        let name = self.text(node)?;
        let fits = |field: &&Field| matches!(field.place, Place::Query | Place::Body) && field.ty == Type::String;
        if fields.iter().filter(fits).any(|field| field.key == name) {
            return Some(name);
        }
        let known: Vec<&str> = fields.iter().filter(fits).map(|field| field.key.as_str()).collect();
        let message = format!("the query and the body have no string {}", shown(&name));
        let help = match (nearest(&name, &known), known.as_slice()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => "declare it under `query:` or `body:` with the type `string`".to_owned(),
            (None, known) => format!("strings there: {}", known.join(", ")),
        };
        self.report_with_help(finding::IDEMPOTENCY_FIELD, node.origin, message, help);
        None
    }
}
