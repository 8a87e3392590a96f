//! How long something stays available.

use super::Reader;
use crate::format;
use crate::model::Lifetime;
use crate::yaml::Node;

impl Reader<'_> {
    /// Reads `{ of: link, seconds: 86400 }`.
    pub(super) fn lifetime(&mut self, node: &Node) -> Option<Lifetime> {
        let entries = self.entries(node, format::LIFETIME.names)?;
        let of = self.needed(&entries, "of", Self::line);
        let seconds = self.needed(&entries, "seconds", Self::count);
        let since = self.optional(&entries, "since", Self::line);
        Some(Lifetime {
            of: of?,
            seconds: seconds?,
            since,
        })
    }
}
