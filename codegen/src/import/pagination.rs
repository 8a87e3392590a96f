//! Which fields carry the pages.

use super::field::Field;
use super::tree::{Map, Tree};
use super::types::Type;

/// The mapping of the spec, where request and answer have the fields for it.
pub(super) fn of(request: &[Field], response: &[Field]) -> Option<Tree> {
    let has = |fields: &[Field], key: &str, ty: Type| fields.iter().any(|field| field.key == key && field.ty == ty);
    let next = ["page_token", "next_page_token"];
    let next = next.into_iter().find(|key| has(response, key, Type::String))?;
    if !has(request, "page_token", Type::String) || !has(response, "has_more", Type::Bool) {
        return None;
    }
    let mut lists = response.iter().filter(|field| matches!(field.ty, Type::List(_)));
    let (items, None) = (lists.next()?, lists.next()) else {
        return None;
    };
    let mut map = Map::default();
    map.put_some("next", (next != "page_token").then(|| Tree::text(next)));
    map.put_some("items", (items.key != "items").then(|| Tree::text(&items.key)));
    Some(map.done())
}
