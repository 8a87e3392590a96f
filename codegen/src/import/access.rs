//! Who may call: scopes, kinds of app and of token.

use super::table::Cell;
use crate::names;

/// The line of a description that announces the scope which stands at `offset`.
pub(super) fn label(text: &str, offset: usize) -> Option<&str> {
    let before = text.get(..offset)?;
    before.lines().rev().map(str::trim).find(|line| !line.is_empty())
}

/// The value of the field that alone needs the scopes which the label announces.
pub(super) fn value_of(label: &str) -> Option<&str> {
    if !label.contains("当值为") && !label.to_lowercase().contains("when the value is") {
        return None;
    }
    label.split('`').nth(1)
}

/// The scopes at the ends of lines, `name of the scope(contact:user:readonly)`, each with the offset where the lines
/// with scopes begin. Something stands above them that announces scopes, or nothing.
pub(super) fn in_words(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let (mut offset, mut list) = (0, None);
    for line in text.split_inclusive('\n') {
        match at_end(line) {
            Some(scope) => found.push((*list.get_or_insert(offset), scope.to_owned())),
            None if line.trim().is_empty() => {}
            None => list = None,
        }
        offset += line.len();
    }
    found.retain(|(offset, _)| label(text, *offset).is_none_or(announces));
    found
}

fn at_end(line: &str) -> Option<&str> {
    let inner = line.trim().strip_suffix([')', '）'])?;
    let (_, scope) = inner.rsplit_once(['(', '（'])?;
    (scope.contains([':', '_']) && names::is_scope(scope)).then_some(scope)
}

/// Whether a line of a description announces scopes.
fn announces(label: &str) -> bool {
    let lower = label.to_lowercase();
    label.contains("权限") || lower.contains("scope") || lower.contains("permission")
}

/// The kinds of token that a cell names.
pub(super) fn tokens(cell: &Cell) -> Vec<&'static str> {
    let named = |kind: &str| {
        let tag = format!("token-{kind}");
        let word = format!("{kind}_access_token");
        cell.tags.contains(&tag) || cell.text.contains(&word)
    };
    let kinds = ["tenant", "user", "app"];
    kinds.into_iter().filter(|kind| named(kind)).collect()
}

/// The kinds of app in `custom,isv`, or in the words of a page that has lost its marks.
pub(super) fn apps(types: &str) -> Vec<&'static str> {
    let lower = types.to_lowercase();
    let kinds = [
        ("custom", ["custom", "自建应用"]),
        ("store", ["isv", "商店应用"]),
        ("store", ["store app", "marketplace app"]),
    ];
    let named = kinds
        .into_iter()
        .filter(|(_, words)| words.iter().any(|word| lower.contains(word)));
    let mut found: Vec<&str> = named.map(|(kind, _)| kind).collect();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::{apps, in_words};

    #[test]
    fn scopes_stand_at_the_ends_of_lines() {
        let text = "字段权限要求：\n看动物(zoo:animal:readonly)  \n看饲养员（zoo:keeper）\n(其他)\nx(zoo:cage)";
        let scopes: Vec<String> = in_words(text).into_iter().map(|(_, scope)| scope).collect();
        assert_eq!(scopes, ["zoo:animal:readonly", "zoo:keeper"]);
    }

    #[test]
    fn kinds_of_app_have_names_in_two_languages() {
        assert_eq!(apps("custom,isv"), ["custom", "store"]);
        assert_eq!(apps("仅自建应用"), ["custom"]);
        assert_eq!(apps("Custom App, Store App"), ["custom", "store"]);
        assert_eq!(apps("机器人"), Vec::<&str>::new());
    }
}
