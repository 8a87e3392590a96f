//! Changes as JSON, for programs.

use serde_json::{Map, Value, json};

use crate::diff::{Bump, Change, Changes, Class, Place, Side};

impl Changes {
    /// The changes as JSON. Keys are only ever added.
    pub fn json(&self) -> Value {
        let bump = self.bump();
        let counts = Class::ALL
            .iter()
            .map(|class| (class.word().to_owned(), json!(self.of(*class).count())));
        json!({
            "breaking": self.breaking() > 0,
            "bump": {
                "stable": bump.map(Bump::word),
                "before_1_0": bump.map(|bump| bump.before_one().word()),
            },
            "counts": counts.collect::<Map<_, _>>(),
            "changes": self.iter().map(change).collect::<Vec<_>>(),
        })
    }
}

fn change(change: &Change) -> Value {
    let rule = change.rule;
    json!({
        "rule": rule.id,
        "class": rule.class.word(),
        "breaks_source": rule.breaks_source,
        "bump": rule.bump.word(),
        "subject": change.subject,
        "message": change.message,
        "reason": rule.reason,
        "place": change.place.as_ref().map(place),
        "used_by": change.used_by,
    })
}

fn place(place: &Place) -> Value {
    let side = match place.side {
        Side::Old => "old",
        Side::New => "new",
    };
    json!({ "side": side, "file": place.path, "line": place.line })
}
