//! Who may call: scopes, kinds of app and of token.

use super::markup::Cell;

/// The line of a description that announces the scope which stands at `offset`.
pub(super) fn label(text: &str, offset: usize) -> Option<&str> {
    let before = text.get(..offset)?;
    before.lines().rev().map(str::trim).find(|line| !line.is_empty())
}

/// The value of the field that alone needs the scopes which the label announces.
pub(super) fn value_of(label: &str) -> Option<&str> {
    if !label.contains("当值为") && !label.contains("When the value is") {
        return None;
    }
    label.split('`').nth(1)
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

/// The kinds of app in `custom,isv`.
pub(super) fn apps(types: &str) -> Vec<&'static str> {
    let kinds = [("custom", "custom"), ("isv", "store")];
    let has = |name: &str| types.split(',').any(|kind| kind.trim() == name);
    kinds
        .into_iter()
        .filter(|(portal, _)| has(portal))
        .map(|(_, ours)| ours)
        .collect()
}
