//! Who may call: tokens, apps, scopes, abilities.

use super::{Reader, shown};
use crate::model::{Ability, AppKind, TokenKind};
use crate::yaml::Node;
use crate::{finding, names};

const TOKENS: &[(&str, TokenKind)] = &[
    ("tenant", TokenKind::Tenant),
    ("user", TokenKind::User),
    ("app", TokenKind::App),
];

const APPS: &[(&str, AppKind)] = &[("custom", AppKind::Custom), ("store", AppKind::Store)];

const ABILITIES: &[(&str, Ability)] = &[("bot", Ability::Bot)];

impl Reader<'_> {
    /// Kinds of token; an empty list says that none is taken.
    pub(super) fn tokens(&mut self, node: &Node) -> Option<Vec<TokenKind>> {
        self.words(node, TOKENS)
    }

    /// Kinds of app.
    pub(super) fn apps(&mut self, node: &Node) -> Option<Vec<AppKind>> {
        self.words(node, APPS)
    }

    /// Abilities that have to be switched on.
    pub(super) fn abilities(&mut self, node: &Node) -> Option<Vec<Ability>> {
        self.words(node, ABILITIES)
    }

    /// Scopes of which any one suffices; an empty list says that none is needed.
    pub(super) fn scopes(&mut self, node: &Node) -> Option<Vec<String>> {
        let expected = "a scope such as `drive:drive:readonly`";
        let read = |reader: &mut Self, node: &Node| reader.pattern(node, finding::SCOPE, expected, names::is_scope);
        self.once_each(node, read)
    }

    fn words<T: Copy + PartialEq>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<Vec<T>> {
        self.once_each(node, |reader, node| reader.word(node, words))
    }

    /// A list without repetition.
    fn once_each<T: PartialEq>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut values = Vec::new();
        for item in self.sequence(node)? {
            let Some(value) = read(self, item) else {
                continue;
            };
            if values.contains(&value) {
                let text = self.text(item).unwrap_or_default();
                self.report(
                    finding::DUPLICATE_VALUE,
                    item.origin,
                    format!("{} is there twice", shown(&text)),
                );
            }
            values.push(value);
        }
        Some(values)
    }
}
