//! How results are paged.

use super::reader::Reader;
use super::value::{Entries, suggest};
use crate::characters::quote;
use crate::model::{Field, Pagination, Response, Type};
use crate::{finding, format};

/// One of the fields that paging needs.
struct Role {
    /// Key under `pagination:`.
    key: &'static str,
    /// Wire name where the spec gives none.
    usual: &'static str,
    /// What its type has to be.
    expected: &'static str,
    fits: fn(&Type) -> bool,
}

const TOKEN: Role = Role {
    key: "token",
    usual: "page_token",
    expected: "a string",
    fits: |ty| *ty == Type::String,
};

const NEXT: Role = Role { key: "next", ..TOKEN };

const MORE: Role = Role {
    key: "more",
    usual: "has_more",
    expected: "a bool",
    fits: |ty| *ty == Type::Bool,
};

const ITEMS: Role = Role {
    key: "items",
    usual: "items",
    expected: "a list",
    fits: |ty| matches!(ty, Type::List(_)),
};

const SIZE: Role = Role {
    key: "size",
    usual: "page_size",
    expected: "an int",
    fits: |ty| *ty == Type::Int,
};

/// The request or the response, as paging sees it.
struct Side<'f> {
    name: &'static str,
    fields: &'f [Field],
}

impl Reader<'_> {
    /// Reads `pagination:`, which names fields of the request and of the response. One that could not be
    /// read has no fields to look for.
    pub(super) fn pagination(
        &mut self,
        entries: &Entries<'_>,
        request: &[Field],
        response: Option<&Response>,
    ) -> Option<Pagination> {
        let node = entries.get("pagination")?;
        let answer = match response? {
            Response::Json { ty, .. } => self.types.fields(*ty).to_vec(),
            Response::Empty | Response::Binary(_) => Vec::new(),
        };
        let request = Side {
            name: "request",
            fields: request,
        };
        let answer = Side {
            name: "response",
            fields: &answer,
        };
        self.inside("pagination", |reader| {
            let entries = reader.entries(node, format::PAGINATION.names)?;
            let mut role = |role: Role, side: &Side<'_>| reader.role(&entries, &role, side);
            let token = role(TOKEN, &request);
            let next = role(NEXT, &answer);
            let more = role(MORE, &answer);
            let items = role(ITEMS, &answer);
            let sized = entries.get(SIZE.key).is_some() || request.field(SIZE.usual).is_some();
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

    /// The wire name of the field that plays a role.
    fn role(&mut self, entries: &Entries<'_>, role: &Role, side: &Side<'_>) -> Option<String> {
        let stated = self.optional(entries, role.key, Self::text);
        let name = stated.unwrap_or_else(|| role.usual.to_owned());
        let origin = entries.get(role.key).map_or(entries.origin, |node| node.origin);
        let (key, expected, whose) = (role.key, role.expected, side.name);
        let Some(field) = side.field(&name) else {
            let known: Vec<&str> = side.fields.iter().map(|field| field.key.as_str()).collect();
            let help = suggest(&name, &known, || format!("name the field with `{key}: its_name`"));
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
