//! Reads `pagination:`, which names the fields for page tokens and items.

use super::reader::Reader;
use super::value::{Entries, suggest_nearest};
use crate::characters::quote;
use crate::model::{Field, Pagination, Response, Type};
use crate::{finding, format};

/// One of the fields that pagination requires.
struct Role {
    /// Key under `pagination:`.
    key: &'static str,
    /// Default wire name.
    default_name: &'static str,
    /// Required type, for messages.
    expected: &'static str,
    fits: fn(&Type) -> bool,
}

const TOKEN: Role = Role {
    key: "token",
    default_name: "page_token",
    expected: "a string",
    fits: |ty| *ty == Type::String,
};

const NEXT: Role = Role { key: "next", ..TOKEN };

const MORE: Role = Role {
    key: "more",
    default_name: "has_more",
    expected: "a bool",
    fits: |ty| *ty == Type::Bool,
};

const ITEMS: Role = Role {
    key: "items",
    default_name: "items",
    expected: "a list",
    fits: |ty| matches!(ty, Type::List(_)),
};

const SIZE: Role = Role {
    key: "size",
    default_name: "page_size",
    expected: "an int",
    fits: |ty| *ty == Type::Int,
};

/// The request or the response with its fields.
struct Side<'f> {
    name: &'static str,
    fields: &'f [Field],
}

impl Reader<'_> {
    /// Reads `pagination:`, which names fields of the request and the response; `None` if the response could not be read.
    pub(super) fn read_pagination(
        &mut self,
        entries: &Entries<'_>,
        request: &[Field],
        response: Option<&Response>,
    ) -> Option<Pagination> {
        let node = entries.get("pagination")?;
        let response_fields = match response? {
            Response::Json { ty, .. } => self.types.fields(*ty).to_vec(),
            Response::Empty | Response::Binary(_) => Vec::new(),
        };
        let request = Side {
            name: "request",
            fields: request,
        };
        let response = Side {
            name: "response",
            fields: &response_fields,
        };
        self.at_key("pagination", |reader| {
            let entries = reader.expect_known_keys(node, format::PAGINATION.names)?;
            let mut role = |role: Role, side: &Side<'_>| reader.resolve_role(&entries, &role, side);
            let token = role(TOKEN, &request);
            let next = role(NEXT, &response);
            let more = role(MORE, &response);
            let items = role(ITEMS, &response);
            let sized = entries.get(SIZE.key).is_some() || request.field(SIZE.default_name).is_some();
            let size = sized.then(|| role(SIZE, &request)).flatten();
            Some(Pagination {
                token: token?,
                next: next?,
                more: more?,
                items: items?,
                size,
            })
        })
    }

    /// Returns the wire name of the field with this role.
    fn resolve_role(&mut self, entries: &Entries<'_>, role: &Role, side: &Side<'_>) -> Option<String> {
        let stated = self.read_optional(entries, role.key, Self::read_text);
        let name = stated.unwrap_or_else(|| role.default_name.to_owned());
        let origin = entries.get(role.key).map_or(entries.origin, |node| node.origin);
        let (key, expected, whose) = (role.key, role.expected, side.name);
        let Some(field) = side.field(&name) else {
            let known: Vec<&str> = side.fields.iter().map(|field| field.key.as_str()).collect();
            let help = suggest_nearest(&name, &known, || format!("set `{key}` to the name of the field"));
            let message = format!("the {whose} has no field {} for `{key}`", quote(&name));
            self.report_with_help(finding::PAGINATION_FIELD, origin, message, help);
            return None;
        };
        if !(role.fits)(&field.ty) {
            let name = quote(&name);
            let message = format!("the {whose}'s field {name} for `{key}` is not {expected}");
            self.report(finding::PAGINATION_FIELD, origin, message);
        }
        Some(name)
    }
}

impl Side<'_> {
    fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}
