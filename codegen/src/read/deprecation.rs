//! That an endpoint should no longer be used.

use super::Reader;
use crate::model::Deprecation;
use crate::yaml::Node;
use crate::{finding, format, names};

impl Reader<'_> {
    /// Reads `{ successor: lingo.v1.file.download, reason: ... }`, of which both may be missing.
    pub(super) fn deprecation(&mut self, node: &Node) -> Option<Deprecation> {
        let entries = self.entries(node, format::DEPRECATION.names)?;
        Some(Deprecation {
            successor: self.optional(&entries, "successor", |reader, node| {
                let expected = "an id: project.version.resource.method";
                reader.pattern(node, finding::ENDPOINT_ID, expected, names::is_endpoint_id)
            }),
            reason: self.optional(&entries, "reason", Self::line),
        })
    }
}
