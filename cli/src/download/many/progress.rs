//! How far it is: bars on a terminal, plain lines elsewhere, both on standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::fetch::Ended;

/// How much of a token is shown beside its bar.
const SHOWN: usize = 28;

const ALL: &str = "{pos} of {len} files {wide_bar} {msg}";
const SIZED: &str = "{prefix:28} {bytes:>11} of {total_bytes:>11} {binary_bytes_per_sec:>13} {wide_bar}";
const UNSIZED: &str = "{prefix:28} {bytes:>11} {binary_bytes_per_sec:>13}";

/// How far a run is.
pub(crate) struct Progress {
    how: How,
    total: usize,
    ended: AtomicUsize,
    failed: AtomicUsize,
}

enum How {
    Bars { bars: MultiProgress, all: ProgressBar },
    Lines,
    Quiet,
}

/// How far a file is.
#[derive(Clone)]
pub(crate) struct Running(Option<(MultiProgress, ProgressBar)>);

impl Progress {
    /// For so many files.
    pub(crate) fn new(quiet: bool, total: usize) -> Self {
        let how = match (quiet, is_terminal()) {
            (true, _) => How::Quiet,
            (false, false) => How::Lines,
            (false, true) => {
                let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
                let all = bars.add(ProgressBar::new(total as u64).with_style(style(ALL)));
                How::Bars { bars, all }
            }
        };
        Self {
            how,
            total,
            ended: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
        }
    }

    /// A file begins.
    pub(crate) fn begin(&self, token: &str) -> Running {
        let How::Bars { bars, all } = &self.how else {
            return Running(None);
        };
        let shown: String = token.chars().take(SHOWN).collect();
        let bar = ProgressBar::no_length().with_style(style(UNSIZED)).with_prefix(shown);
        Running(Some((bars.clone(), bars.insert_before(all, bar))))
    }

    /// A file has ended.
    pub(super) fn tell(&self, ended: &Ended) {
        let number = self.ended.fetch_add(1, Ordering::Relaxed) + 1;
        let (line, failed) = line(ended);
        let failed = self.failed.fetch_add(usize::from(failed), Ordering::Relaxed) + usize::from(failed);
        match &self.how {
            How::Quiet => {}
            How::Lines => {
                // If standard error is gone, the summary still tells.
                let _ = writeln!(anstream::stderr(), "[{number}/{}] {line}", self.total);
            }
            How::Bars { bars, all } => {
                if failed > 0 {
                    all.set_message(format!("{failed} failed"));
                }
                if !matches!(ended, Ended::Here(_)) {
                    let _ = bars.println(line);
                }
                all.inc(1);
            }
        }
    }

    /// All have ended.
    pub(crate) fn end(&self) {
        if let How::Bars { bars, all } = &self.how {
            all.finish_and_clear();
            let _ = bars.clear();
        }
    }
}

impl Running {
    /// So many bytes are here.
    pub(crate) fn advance(&self, bytes: u64, total: Option<u64>) {
        let Some((_, bar)) = &self.0 else {
            return;
        };
        if let Some(total) = total.filter(|total| bar.length() != Some(*total)) {
            bar.set_style(style(SIZED));
            bar.set_length(total);
        }
        bar.set_position(bytes);
    }

    /// It has ended.
    pub(crate) fn end(&self) {
        if let Some((bars, bar)) = &self.0 {
            bar.finish_and_clear();
            bars.remove(bar);
        }
    }
}

fn line(ended: &Ended) -> (String, bool) {
    match ended {
        Ended::Here(here) => {
            let (name, bytes) = (&here.placed.name, here.placed.bytes);
            (format!("{}: {name} ({bytes} bytes)", here.token), false)
        }
        Ended::Failed(failure) | Ended::Hopeless(failure, _) => {
            (format!("{}: failed: {}", failure.token, failure.message), true)
        }
    }
}

/// Whether standard error is one that can move its cursor.
fn is_terminal() -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stderr().is_terminal() && !dumb
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
