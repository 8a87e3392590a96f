//! Processes: the server, and one for each run, whose time and memory are reported when it has ended.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use tempfile::TempDir;

use crate::setting::Setting;
use crate::{Outcome, client};

/// The host of the files. It ends with this.
pub struct Server {
    child: Child,
    ports: (u16, u16),
    directory: TempDir,
}

/// How the bytes come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

/// What is fetched.
pub struct Job<'a> {
    /// `curl`, or a way that [`client::run`] knows.
    pub way: &'a str,
    pub scheme: Scheme,
    pub bytes: u64,
    /// Where the file goes.
    pub directory: &'a Path,
}

/// What a run took.
pub struct Run {
    /// CPU time in seconds, from the start of the process until it exits.
    pub cpu: f64,
    pub elapsed: Duration,
    /// The most memory that it held at a time, in bytes; 0 for curl.
    pub peak: u64,
}

impl Scheme {
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
        }
    }
}

impl Server {
    pub fn start() -> Outcome<Self> {
        let directory = tempfile::tempdir()?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg(directory.path().join("certificate.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut ports = String::new();
        BufReader::new(child.stdout.take().ok_or("the server has no output")?).read_line(&mut ports)?;
        let (plain, encrypted) = ports.trim().split_once(' ').ok_or("the server did not start")?;
        let ports = (plain.parse()?, encrypted.parse()?);
        Ok(Self {
            child,
            ports,
            directory,
        })
    }

    fn base(&self, scheme: Scheme) -> String {
        match scheme {
            Scheme::Http => format!("http://127.0.0.1:{}", self.ports.0),
            Scheme::Https => format!("https://localhost:{}", self.ports.1),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl<'a> Job<'a> {
    /// The file that it makes.
    pub fn file(&self) -> PathBuf {
        self.directory.join(format!("larkspur-bench-{}", std::process::id()))
    }

    /// The command that does it.
    pub fn command(&self, setting: &Setting) -> Outcome<Vec<String>> {
        let text = |path: &Path| path.display().to_string();
        let certificate = text(&setting.server.directory.path().join("certificate.pem"));
        let (base, target) = (setting.server.base(self.scheme), text(&self.file()));
        let token = self.bytes.to_string();
        if self.way == "curl" {
            let url = format!("{base}/open-apis/drive/v1/medias/{token}/download");
            let words = [
                "curl",
                "--silent",
                "--fail",
                "--cacert",
                &certificate,
                "--output",
                &target,
                &url,
            ];
            return Ok(words.map(str::to_owned).to_vec());
        }
        let program = text(&std::env::current_exe()?);
        let words = [&program, "fetch", self.way, &base, &token, &target, &certificate];
        Ok(words.map(str::to_owned).to_vec())
    }

    /// Does it.
    pub fn run(&self, setting: &Setting) -> Outcome<Run> {
        let words = self.command(setting)?;
        let (before, began) = (cpu_of_children()?, Instant::now());
        let output = Command::new(&words[0])
            .args(&words[1..])
            .stderr(Stdio::inherit())
            .output()?;
        let (cpu, elapsed) = (cpu_of_children()? - before, began.elapsed());
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(format!("{} ended with {}: {text}", self.way, output.status).into());
        }
        client::check(&self.file(), self.bytes)?;
        std::fs::remove_file(self.file())?;
        let kilobytes = text.split_whitespace().next().and_then(|word| word.parse::<u64>().ok());
        Ok(Run {
            cpu,
            elapsed,
            peak: kilobytes.unwrap_or(0) * 1024,
        })
    }
}

/// Of all that have ended.
fn cpu_of_children() -> Outcome<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}
