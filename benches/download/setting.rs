//! What is measured, where, and how often.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::process::Server;
use crate::{GIB, Outcome};

/// What is measured, where, and how often.
pub struct Setting {
    parts: Vec<String>,
    /// How many times each side runs.
    pub pairs: usize,
    /// How large a file is where its time counts.
    pub bytes: u64,
    /// A directory in memory, so that the disk has no part in it.
    pub memory: PathBuf,
    /// A directory on a disk.
    pub disk: PathBuf,
    pub server: Server,
}

impl Setting {
    pub fn new(arguments: &[String]) -> Outcome<Self> {
        let mut setting = Self {
            parts: Vec::new(),
            pairs: 7,
            bytes: 2 * GIB,
            memory: PathBuf::from("/dev/shm"),
            disk: std::env::temp_dir(),
            server: Server::start()?,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--pairs" => setting.pairs = value()?.parse()?,
                "--gib" => setting.bytes = value()?.parse::<u64>()? * GIB,
                "--memory" => setting.memory = PathBuf::from(value()?),
                "--disk" => setting.disk = PathBuf::from(value()?),
                part => setting.parts.push(part.to_owned()),
            }
        }
        Ok(setting)
    }

    pub fn asks_for(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|asked| asked == part)
    }
}

/// The machine, and what is measured.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let model = line("/proc/cpuinfo", "model name").unwrap_or_else(|| "an unknown processor".to_owned());
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let (gib, pairs) = (self.bytes / GIB, self.pairs);
        writeln!(f, "{processors} processors, {model}, kernel {}", kernel.trim())?;
        write!(f, "files of {gib} GiB, medians of {pairs} runs of each side, in turn")
    }
}

/// What stands behind the colon of the first line that begins so.
pub fn line(file: impl AsRef<Path>, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
