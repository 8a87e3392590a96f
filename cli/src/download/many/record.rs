//! A line of the journal.

use serde_json::{Value, json};

use super::item::ItemId;

/// Code of a failure where somebody else's file took the name first, which then is not this one's.
pub(super) const TAKEN: &str = "taken";

/// What happened to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub id: ItemId,
    /// For people who look at the journal. It is no credential: it opens nothing without a token of the app.
    pub token: String,
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// All of its bytes have come, and it is about to get this name.
    Placing(Placed),
    /// It is there under this name.
    Done(Placed),
    /// It could not be had.
    Failed {
        /// Code of the failure.
        code: String,
    },
}

/// A file with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub name: String,
    pub bytes: u64,
}

impl Record {
    /// As it is written down, with the end of its line.
    pub(super) fn to_line(&self) -> String {
        let mut line = json!({ "item": self.id.to_string(), "token": self.token });
        match &self.event {
            Event::Placing(placed) => add(&mut line, "placing", placed),
            Event::Done(placed) => add(&mut line, "done", placed),
            Event::Failed { code } => {
                line["state"] = json!("failed");
                line["code"] = json!(code);
            }
        }
        format!("{line}\n")
    }

    /// The record of a line, without its end.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let line: Value = serde_json::from_slice(line).ok()?;
        let text = |key: &str| line.get(key).and_then(Value::as_str);
        let placed = || {
            let name = text("name")?;
            // Whoever changed the journal must not lead us out of the directory.
            let safe = larkspur::download::file_name::safe(name).as_deref() == Some(name);
            let bytes = line.get("bytes")?.as_u64()?;
            safe.then(|| Placed {
                name: name.to_owned(),
                bytes,
            })
        };
        let event = match text("state")? {
            "placing" => Event::Placing(placed()?),
            "done" => Event::Done(placed()?),
            "failed" => Event::Failed {
                code: text("code")?.to_owned(),
            },
            _ => return None,
        };
        Some(Self {
            id: ItemId::read(text("item")?)?,
            token: text("token")?.to_owned(),
            event,
        })
    }
}

fn add(line: &mut Value, state: &str, placed: &Placed) {
    line["state"] = json!(state);
    line["name"] = json!(placed.name);
    line["bytes"] = json!(placed.bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Option<[Record; 3]> {
        let placed = Placed {
            name: "封面 (1).png".to_owned(),
            bytes: 12,
        };
        let failed = Event::Failed {
            code: "HTTP 404".to_owned(),
        };
        let id = ItemId::read(&"0a".repeat(16))?;
        Some(
            [Event::Placing(placed.clone()), Event::Done(placed), failed].map(|event| Record {
                id: id.clone(),
                token: "boxcn\"1".to_owned(),
                event,
            }),
        )
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        for record in records().into_iter().flatten() {
            let line = record.to_line();
            assert_eq!(Record::read(line.trim_end().as_bytes()), Some(record));
        }
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_no_record() {
        for name in ["../a", "a/b", ".larkspur-journal.jsonl", ""] {
            let line = json!({"item": "0a".repeat(16), "token": "t", "state": "done", "name": name, "bytes": 1});
            assert_eq!(Record::read(line.to_string().as_bytes()), None, "{name}");
        }
    }
}
