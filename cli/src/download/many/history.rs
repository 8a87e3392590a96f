//! What earlier runs did in a directory.

use std::collections::HashMap;

use super::item::ItemId;
use super::record::{Event, Placed, Record, TAKEN};

/// What earlier runs did, file by file.
#[derive(Debug, Default)]
pub(super) struct History(HashMap<ItemId, Past>);

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Past {
    /// The name that it got, or was about to get when a run ended.
    pub placed: Option<Placed>,
    /// Whether it is known to have got it.
    pub done: bool,
    /// Whether the last thing that happened is that it failed.
    pub failed: bool,
}

impl History {
    /// Takes up a record that is later than all so far.
    pub(super) fn add(&mut self, record: Record) {
        let past = self.0.entry(record.id).or_default();
        match record.event {
            Event::Placing(placed) => {
                *past = Past {
                    placed: Some(placed),
                    done: false,
                    failed: false,
                };
            }
            Event::Done(placed) => {
                *past = Past {
                    placed: Some(placed),
                    done: true,
                    failed: false,
                };
            }
            Event::Failed { code } => {
                // Other failures may come after the file got its name: the directory tells.
                if code == TAKEN {
                    *past = Past::default();
                }
                past.failed = true;
            }
        }
    }

    /// What became of a file.
    pub(super) fn of(&self, id: &ItemId) -> Past {
        self.0.get(id).cloned().unwrap_or_default()
    }

    /// The names that are given.
    pub(super) fn names(&self) -> impl Iterator<Item = (&ItemId, &str)> {
        self.0.iter().filter_map(|(id, past)| {
            let placed = past.placed.as_ref()?;
            Some((id, placed.name.as_str()))
        })
    }
}
