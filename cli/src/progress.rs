//! Progress on standard error: bars on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use larkspur_codegen::command::output;
use larkspur_codegen::command::terminal;
use terminal_size::{Width, terminal_size_of};

/// Maximum number of characters of a token next to its bar.
const MAX_LABEL_CHARS: usize = 28;

const TOTAL_TEMPLATE: &str = "{pos} of {len} files {wide_bar} {msg}";
const SIZED_TEMPLATE: &str = "{prefix:28} {bytes:>11} of {total_bytes:>11} {binary_bytes_per_sec:>13} {wide_bar}";
const UNSIZED_TEMPLATE: &str = "{prefix:28} {bytes:>11} {binary_bytes_per_sec:>13}";
/// Columns that these take, with a bar of a few characters.
const MIN_WIDTH: u16 = 80;
const NARROW_SIZED_TEMPLATE: &str = "{prefix:.16} {percent:>3}% {wide_bar}";
const NARROW_UNSIZED_TEMPLATE: &str = "{prefix:.16} {bytes}";

/// The progress of a run.
pub(crate) struct Progress {
    display: Display,
    total: usize,
    finished: AtomicUsize,
    failed: AtomicUsize,
}

enum Display {
    Bars { bars: MultiProgress, total: ProgressBar },
    Lines,
    Quiet,
}

/// The progress of a file.
#[derive(Clone)]
pub(crate) struct FileProgress(Option<(MultiProgress, ProgressBar)>);

impl Progress {
    /// Creates the progress for a number of files.
    pub(crate) fn new(quiet: bool, total: usize) -> Self {
        let display = match (quiet, supports_bars()) {
            (true, _) => Display::Quiet,
            (false, false) => Display::Lines,
            (false, true) => {
                let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
                *visible_bars() = Some(bars.clone());
                let total = bars.add(ProgressBar::new(total as u64).with_style(style(TOTAL_TEMPLATE)));
                Display::Bars { bars, total }
            }
        };
        Self {
            display,
            total,
            finished: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
        }
    }

    /// Starts the progress of a file.
    pub(crate) fn start_file(&self, token: &str) -> FileProgress {
        let Display::Bars { bars, total } = &self.display else {
            return FileProgress(None);
        };
        let label: String = terminal::escape(token).chars().take(MAX_LABEL_CHARS).collect();
        let bar = ProgressBar::no_length()
            .with_style(style(select(UNSIZED_TEMPLATE, NARROW_UNSIZED_TEMPLATE)))
            .with_prefix(label);
        FileProgress(Some((bars.clone(), bars.insert_before(total, bar))))
    }

    /// Reports the result of a file.
    pub(super) fn report_file(&self, line: &str, has_failed: bool) {
        let line = terminal::escape(line);
        let number = self.finished.fetch_add(1, Ordering::Relaxed) + 1;
        let failed = self.failed.fetch_add(usize::from(has_failed), Ordering::Relaxed) + usize::from(has_failed);
        match &self.display {
            Display::Quiet => {}
            // If standard error is closed, the summary still has the result.
            Display::Lines => output::note(format!("[{number}/{}] {line}", self.total)),
            Display::Bars { bars, total } => {
                if failed > 0 {
                    total.set_message(format!("{failed} failed"));
                }
                if has_failed {
                    let _ = bars.println(line);
                }
                total.inc(1);
            }
        }
    }

    /// Removes all bars.
    pub(crate) fn finish(&self) {
        if let Display::Bars { bars, total } = &self.display {
            total.finish_and_clear();
            let _ = bars.clear();
            *visible_bars() = None;
        }
    }
}

impl FileProgress {
    /// Sets the number of downloaded bytes.
    pub(crate) fn update(&self, bytes: u64, total: Option<u64>) {
        let Some((_, bar)) = &self.0 else {
            return;
        };
        if let Some(total) = total.filter(|total| bar.length() != Some(*total)) {
            bar.set_style(style(select(SIZED_TEMPLATE, NARROW_SIZED_TEMPLATE)));
            bar.set_length(total);
        }
        bar.set_position(bytes);
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        if let Some((bars, bar)) = &self.0 {
            bar.finish_and_clear();
            bars.remove(bar);
        }
    }
}

/// The bars on standard error, of which a process has one.
static VISIBLE_BARS: Mutex<Option<MultiProgress>> = Mutex::new(None);

fn visible_bars() -> std::sync::MutexGuard<'static, Option<MultiProgress>> {
    VISIBLE_BARS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints a line to standard error, above the bars if there are any.
pub(crate) fn print_line(line: &str) {
    match &*visible_bars() {
        Some(bars) => drop(bars.println(terminal::escape(line))),
        None => output::note(line),
    }
}

/// Returns whether standard error is a terminal that can move its cursor.
fn supports_bars() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stderr().is_terminal() && !is_dumb
}

/// Returns the template for the width of the terminal: a line that wraps is not erased.
fn select(wide: &'static str, narrow: &'static str) -> &'static str {
    match terminal_size_of(io::stderr()) {
        Some((Width(width), _)) if width < MIN_WIDTH => narrow,
        _ => wide,
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
