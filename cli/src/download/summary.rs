//! The summary of a run.

use larkspur_codegen::command::output::{self, Stop};
use serde_json::{Value, json};

use super::failure::Failure;
use super::fetch::Outcome;
use super::plan::PresentFile;

/// The results of a run.
pub(super) struct Tally {
    downloaded: Vec<PresentFile>,
    /// Files that were present before.
    present: Vec<PresentFile>,
    failures: Vec<Failure>,
    /// Number of files that the run did not finish.
    pub left: usize,
    pub interrupted: bool,
    /// Reason for which the run was aborted.
    pub stopped: Option<String>,
}

impl Tally {
    /// Creates a tally with the results of the plan.
    pub(super) fn new(present: Vec<PresentFile>, failures: Vec<Failure>, left: usize) -> Self {
        Self {
            downloaded: Vec::new(),
            present,
            failures,
            left,
            interrupted: false,
            stopped: None,
        }
    }

    /// Adds the result of a download.
    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Downloaded(file) => self.downloaded.push(file),
            Outcome::Failed(failure) => self.failures.push(failure),
            Outcome::Aborted(failure, reason) => {
                self.failures.push(failure);
                self.stopped = Some(reason);
            }
        }
    }

    /// Returns whether no selected file is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.failures.is_empty() && !self.interrupted && self.stopped.is_none()
    }

    /// Returns how the command ends.
    pub(super) fn result(&self) -> Result<(), Stop> {
        let advice = "run the same command again to resume";
        match &self.stopped {
            _ if self.interrupted => Err(Stop::Interrupted(format!("interrupted: {advice}"))),
            Some(reason) => Err(Stop::unable(format!("aborted: {}\n{advice}", reason.trim_end()))),
            None if self.failures.is_empty() => Ok(()),
            None => {
                let (failed, all) = (self.failures.len(), self.count());
                Err(Stop::failed(format!("{failed} of {all} files failed")))
            }
        }
    }

    fn count(&self) -> usize {
        self.downloaded.len() + self.present.len() + self.failures.len() + self.left
    }

    fn downloaded_bytes(&self) -> u64 {
        self.downloaded.iter().map(|file| file.placed.bytes).sum()
    }
}

/// Prints a row for each failure, and a line of totals.
pub(super) fn print_table(tally: &Tally) -> Result<(), Stop> {
    if !tally.failures.is_empty() {
        let row = |failure: &Failure| [failure.token.clone(), failure.code.clone(), failure.advice.clone()];
        let rows: Vec<_> = tally.failures.iter().map(row).collect();
        for line in output::table(["token", "code", "what to do"], &rows) {
            output::line(line)?;
        }
        output::line("")?;
    }
    let mut totals = format!(
        "{} downloaded ({} bytes), {} already present",
        tally.downloaded.len(),
        tally.downloaded_bytes(),
        tally.present.len()
    );
    for (count, label) in [(tally.failures.len(), "failed"), (tally.left, "left")] {
        if count > 0 {
            totals.push_str(&format!(", {count} {label}"));
        }
    }
    output::line(totals)?;
    Ok(())
}

/// Prints one JSON object.
pub(super) fn print_json(tally: &Tally) -> Result<(), Stop> {
    let downloaded = tally.downloaded.iter().map(|file| file_json(file, true));
    let present = tally.present.iter().map(|file| file_json(file, false));
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
        "files": present.chain(downloaded).collect::<Vec<_>>(),
        "failures": failures.collect::<Vec<_>>(),
        "left": tally.left,
        "interrupted": tally.interrupted,
        "stopped": tally.stopped,
    });
    output::line(format!("{document:#}"))?;
    Ok(())
}

fn file_json(file: &PresentFile, is_new: bool) -> Value {
    json!({
        "token": file.token,
        "name": file.placed.name,
        "bytes": file.placed.bytes,
        "new": is_new,
    })
}
