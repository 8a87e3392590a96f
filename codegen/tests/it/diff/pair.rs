//! Two specs that differ in one thing, and the rules that judge the difference.

use larkspur_codegen::model::Api;
use larkspur_codegen::{Source, load};

/// What every pair is an edit of.
pub const BASE: &str = include_str!("base.yaml");

/// Texts of the base and what stands there instead.
pub type Edits = &'static [(&'static str, &'static str)];

/// Two specs that differ in one thing.
pub struct Pair {
    /// The rule that the pair is for.
    pub rule: &'static str,
    /// Rules that judge the same difference too.
    pub also: &'static [&'static str],
    /// From the base to the old spec.
    before: Edits,
    /// From the old spec to the new one.
    after: Edits,
    /// Source of a user that compiles against the old spec, and against the new one only if the rule does not break source.
    pub user: Option<&'static str>,
}

impl Pair {
    pub const fn new(rule: &'static str, after: Edits) -> Self {
        Self {
            rule,
            also: &[],
            before: &[],
            after,
            user: None,
        }
    }

    pub const fn before(mut self, before: Edits) -> Self {
        self.before = before;
        self
    }

    pub const fn also(mut self, also: &'static [&'static str]) -> Self {
        self.also = also;
        self
    }

    pub const fn user(mut self, user: &'static str) -> Self {
        self.user = Some(user);
        self
    }

    /// The text of the old spec.
    pub fn old(&self) -> String {
        self.edit(BASE, self.before)
    }

    /// The text of the new spec.
    pub fn new_text(&self) -> String {
        self.edit(&self.old(), self.after)
    }

    fn edit(&self, text: &str, edits: Edits) -> String {
        let mut text = text.to_owned();
        for (from, to) in edits {
            let places = text.matches(from).count();
            assert_eq!(places, 1, "{}: `{from}` has to be there once", self.rule);
            text = text.replacen(from, to, 1);
        }
        text
    }
}

/// The spec with this text: its resource, and below the comment `# errors.yaml` the error codes.
pub fn api(text: &str) -> Api {
    let mut source = Source::new();
    let (thing, errors) = text.split_once("\n# errors.yaml\n").expect("both files");
    source.add("spec/demo/v1/thing.yaml", thing);
    source.add("spec/demo/v1/errors.yaml", errors);
    load(&source).unwrap_or_else(|findings| panic!("the spec is right, but:\n{findings}\n{text}"))
}
