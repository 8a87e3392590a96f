//! How results are paged.

use super::value::{Entries, nearest};
use super::{Reader, shown};
use crate::finding;
use crate::model::{Field, Origin, Pagination, Response, Type, TypeKind};

const KEYS: &[&str] = &["token", "next", "more", "items", "size"];

/// One of the fields that paging needs.
struct Role<'r> {
    /// Key under `pagination:`.
    key: &'static str,
    /// Wire name where the spec gives none.
    usual: &'static str,
    /// The fields among which it has to be.
    fields: &'r [Field],
    /// What they are the fields of.
    side: &'static str,
    /// What its type has to be.
    expected: &'static str,
    fits: fn(&Type) -> bool,
}

impl Reader<'_> {
    /// Reads `pagination:`, which names fields of the request and of the response.
    pub(super) fn pagination(
        &mut self,
        entries: &Entries<'_>,
        request: &[Field],
        response: &Response,
    ) -> Option<Pagination> {
        let node = entries.get("pagination")?;
        let answer = self.response_fields(response);
        self.inside("pagination", |reader| {
            let entries = reader.entries(node, KEYS)?;
            let origin = node.origin;
            let text = |ty: &Type| *ty == Type::String;
            let mut role = |role: Role<'_>| reader.role(&entries, origin, &role);
            let request_role = |key, usual, expected, fits| Role {
                key,
                usual,
                fields: request,
                side: "request",
                expected,
                fits,
            };
            let answer_role = |key, usual, expected, fits| Role {
                key,
                usual,
                fields: &answer,
                side: "response",
                expected,
                fits,
            };
            let token = role(request_role("token", "page_token", "a string", text));
            let next = role(answer_role("next", "page_token", "a string", text));
            let more = role(answer_role("more", "has_more", "a bool", |ty| {
                *ty == Type::Bool
            }));
            let items = role(answer_role("items", "items", "a list", |ty| {
                matches!(ty, Type::List(_))
            }));
            let sized = entries.get("size").is_some()
                || request.iter().any(|field| field.key == "page_size");
            let size = sized.then(|| {
                role(request_role("size", "page_size", "an int", |ty| {
                    *ty == Type::Int
                }))
            });
            Some(Pagination {
                token: token?,
                next: next?,
                more: more?,
                items: items?,
                size: size.flatten(),
            })
        })
    }

    fn response_fields(&self, response: &Response) -> Vec<Field> {
        match response {
            Response::Json { ty, .. } => match &self.types.defs[ty.0].kind {
                TypeKind::Object(fields) => fields.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn role(&mut self, entries: &Entries<'_>, origin: Origin, role: &Role<'_>) -> Option<String> {
        let stated = self.optional(entries, role.key, Self::text);
        let name = stated.unwrap_or_else(|| role.usual.to_owned());
        let origin = entries.get(role.key).map_or(origin, |node| node.origin);
        let (key, side, expected) = (role.key, role.side, role.expected);
        let Some(field) = role.fields.iter().find(|field| field.key == name) else {
            let known: Vec<&str> = role.fields.iter().map(|field| field.key.as_str()).collect();
            let help = nearest(&name, &known).map_or_else(
                || format!("name the field with `{key}: its_name`"),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("the {side} has no field {} for `{key}`", shown(&name));
            self.report_with_help(finding::PAGINATION_FIELD, origin, message, help);
            return None;
        };
        if !(role.fits)(&field.ty) {
            let message = format!(
                "the {side}'s field {} for `{key}` is not {expected}",
                shown(&name)
            );
            self.report(finding::PAGINATION_FIELD, origin, message);
        }
        Some(name)
    }
}
