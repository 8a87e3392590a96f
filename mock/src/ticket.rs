//! Tickets of store apps: without the last one an app gets no token.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

/// The tickets of every app.
pub(crate) struct Tickets {
    /// For how long a ticket holds once the next one has been pushed.
    grace: Duration,
    /// Differs from mock to mock, so that nobody can make a ticket up.
    random: RandomState,
    /// How many there were, so that no two are the same.
    count: u64,
    apps: HashMap<String, Tray>,
}

/// The tickets of one app.
#[derive(Default)]
struct Tray {
    pushed: Vec<Ticket>,
    asked: usize,
}

struct Ticket {
    text: String,
    /// When it ends; `None` for the last one.
    ends: Option<Duration>,
}

impl Tickets {
    /// None yet.
    pub(crate) fn new(grace: Duration) -> Self {
        Self {
            grace,
            random: RandomState::new(),
            count: 0,
            apps: HashMap::new(),
        }
    }

    /// A new ticket, which takes the place of the one of before.
    pub(crate) fn push(&mut self, app: &str, now: Duration) -> String {
        let tray = self.apps.entry(app.to_owned()).or_default();
        if let Some(last) = tray.pushed.last_mut() {
            last.ends = Some(now.saturating_add(self.grace));
        }
        tray.pushed.retain(|ticket| ticket.ends.is_none_or(|ends| now < ends));
        self.count += 1;
        let text = format!("ticket-{:016x}", self.random.hash_one((app, self.count)));
        tray.pushed.push(Ticket {
            text: text.clone(),
            ends: None,
        });
        text
    }

    /// Whether a ticket holds.
    pub(crate) fn holds(&self, app: &str, text: &str, now: Duration) -> bool {
        let pushed = self.apps.get(app).into_iter().flat_map(|tray| &tray.pushed);
        let mut holding = pushed.filter(|ticket| ticket.ends.is_none_or(|ends| now < ends));
        holding.any(|ticket| ticket.text == text)
    }

    /// Counts that an app asked for its ticket.
    pub(crate) fn ask(&mut self, app: &str) {
        self.apps.entry(app.to_owned()).or_default().asked += 1;
    }

    /// How often an app asked for its ticket.
    pub(crate) fn asked(&self, app: &str) -> usize {
        self.apps.get(app).map_or(0, |tray| tray.asked)
    }
}
