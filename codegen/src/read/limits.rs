//! Rate windows.

use super::{Reader, shown};
use crate::finding;
use crate::model::{Limits, Window};
use crate::yaml::Node;

const UNITS: &[(&str, u32)] = &[("second", 1), ("minute", 60), ("hour", 3600), ("day", 86400)];

impl Reader<'_> {
    /// Reads `[special, 5/second, 10000/day]`.
    pub(super) fn limits(&mut self, node: &Node) -> Option<Limits> {
        let mut limits = Limits::default();
        for item in self.sequence(node)? {
            let Some(text) = self.text(item) else {
                continue;
            };
            if text == "special" {
                limits.special = true;
                continue;
            }
            let Some(window) = window(&text) else {
                let message = format!("{} is no limit", shown(&text));
                let help = "write `special`, or a count and second, minute, hour or day: `5/second`";
                self.report_with_help(finding::LIMIT, item.origin, message, help);
                continue;
            };
            if limits.windows.iter().any(|other| other.seconds == window.seconds) {
                let message = format!("{} is the second limit over the same time", shown(&text));
                self.report(finding::LIMIT, item.origin, message);
            }
            limits.windows.push(window);
        }
        Some(limits)
    }
}

fn window(text: &str) -> Option<Window> {
    let (calls, unit) = text.split_once('/')?;
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let calls = calls
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| calls.parse().ok())??;
    (calls > 0).then_some(Window {
        calls,
        seconds: *seconds,
    })
}
