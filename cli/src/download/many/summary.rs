//! What became of the files.

use serde_json::{Value, json};

use super::failure::Failure;
use super::fetch::Ended;
use super::plan::Here;
use crate::output;
use crate::stop::Stop;
use crate::table;

/// What became of the files.
pub(super) struct Tally {
    came: Vec<Here>,
    /// Those that were there before.
    here: Vec<Here>,
    failures: Vec<Failure>,
    /// How many were not asked for, or not to their end.
    pub left: usize,
    pub interrupted: bool,
    /// Why it was no use to go on.
    pub stopped: Option<String>,
}

impl Tally {
    pub(super) fn new(here: Vec<Here>, failures: Vec<Failure>, left: usize) -> Self {
        Self {
            came: Vec::new(),
            here,
            failures,
            left,
            interrupted: false,
            stopped: None,
        }
    }

    /// Counts a file.
    pub(super) fn add(&mut self, ended: Ended) {
        match ended {
            Ended::Here(here) => self.came.push(here),
            Ended::Failed(failure) => self.failures.push(failure),
            Ended::Hopeless(failure, why) => {
                self.failures.push(failure);
                self.stopped = Some(why);
            }
        }
    }

    /// Whether nothing that was asked for is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.failures.is_empty() && !self.interrupted && self.stopped.is_none()
    }

    /// How the command ends.
    pub(super) fn end(&self) -> Result<(), Stop> {
        let again = "the same command goes on where this run ended";
        match &self.stopped {
            _ if self.interrupted => Err(Stop::Interrupted(format!("interrupted: {again}"))),
            Some(why) => Err(Stop::unable(format!("stopped: {}\n{again}", why.trim_end()))),
            None if self.failures.is_empty() => Ok(()),
            None => {
                let (failed, all) = (self.failures.len(), self.count());
                Err(Stop::failed(format!("{failed} of {all} files failed")))
            }
        }
    }

    fn count(&self) -> usize {
        self.came.len() + self.here.len() + self.failures.len() + self.left
    }

    fn bytes(&self) -> u64 {
        self.came.iter().map(|here| here.placed.bytes).sum()
    }
}

/// A row for each failure, and a line of totals.
pub(super) fn human(tally: &Tally) -> Result<(), Stop> {
    if !tally.failures.is_empty() {
        let rows: Vec<_> = tally.failures.iter().map(row).collect();
        for line in table::lines(["token", "code", "what to do"], &rows) {
            output::line(line)?;
        }
        output::line("")?;
    }
    let (came, here, failed, left) = (tally.came.len(), tally.here.len(), tally.failures.len(), tally.left);
    let mut totals = format!("{came} came ({} bytes), {here} were here", tally.bytes());
    for (count, what) in [(failed, "failed"), (left, "left")] {
        if count > 0 {
            totals.push_str(&format!(", {count} {what}"));
        }
    }
    output::line(totals)?;
    Ok(())
}

fn row(failure: &Failure) -> [String; 3] {
    [failure.token.clone(), failure.code.clone(), failure.advice.clone()]
}

/// One JSON object.
pub(super) fn json(tally: &Tally) -> Result<(), Stop> {
    let came = tally.came.iter().map(|here| file(here, true));
    let here = tally.here.iter().map(|here| file(here, false));
    let failures = tally.failures.iter().map(|failure| {
        json!({
            "token": failure.token,
            "kind": failure.kind.as_str(),
            "code": failure.code,
            "message": failure.message,
            "advice": failure.advice,
            "log_id": failure.log_id,
        })
    });
    let document = json!({
        "files": here.chain(came).collect::<Vec<_>>(),
        "failures": failures.collect::<Vec<_>>(),
        "left": tally.left,
        "interrupted": tally.interrupted,
        "stopped": tally.stopped,
    });
    output::line(format!("{document:#}"))?;
    Ok(())
}

fn file(here: &Here, new: bool) -> Value {
    json!({
        "token": here.token,
        "name": here.placed.name,
        "bytes": here.placed.bytes,
        "new": new,
    })
}
