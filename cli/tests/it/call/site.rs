//! A mock server, a directory and the command.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use larkspur_mock::{Builder, Mock, Recorded};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::run::{Ran, command, run};

pub const LINKS: &str = "drive.v1.media.batch_get_tmp_download_url";
pub const MEDIA: &str = "drive.v1.media.download";
pub const MESSAGES: &str = "im.v1.message.list";
pub const SEND: &str = "im.v1.message.create";
pub const IMAGE: &str = "im.v1.image.create";
pub const RECORD: &str = "bitable.v1.app.table.record.create";

/// Parameters that list the messages of a chat.
pub const CHAT_MESSAGES: [&str; 4] = ["-p", "container_id_type=chat", "-p", "container_id=oc_1"];

pub struct Site {
    pub mock: Mock,
    directory: TempDir,
}

impl Site {
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        Self::of(Mock::builder()).await
    }

    pub async fn of(mock: Builder) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            mock: mock.rate_limits(false).start().await?,
            directory: tempfile::tempdir()?,
        })
    }

    /// Returns a path in the directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Creates a file with this content and returns its path.
    pub fn file(&self, name: &str, content: &str) -> std::io::Result<String> {
        let path = self.path(name);
        std::fs::write(&path, content)?;
        Ok(path.display().to_string())
    }

    /// Returns the names in the directory.
    pub fn names(&self) -> std::io::Result<Vec<String>> {
        let entries = std::fs::read_dir(self.directory.path())?;
        entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    /// Returns the command with the app of the mock server.
    pub fn command(&self, id: &str, arguments: &[&str]) -> Command {
        let mut command = command(&[&["call", id], arguments].concat());
        command.env("LARKSPUR_BASE_URL", self.mock.base_url());
        command.env("LARKSPUR_APP_ID", self.mock.app_id());
        command.env("LARKSPUR_APP_SECRET", self.mock.app_secret());
        command
    }

    pub fn call(&self, id: &str, arguments: &[&str]) -> std::io::Result<Ran> {
        run(&mut self.command(id, arguments))
    }

    /// Runs the command with this standard input.
    pub fn call_with_input(&self, id: &str, arguments: &[&str], input: &str) -> Result<Ran, Box<dyn Error>> {
        let mut command = self.command(id, arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        child.stdin.take().ok_or("no input")?.write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        Ok(Ran {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Returns the response of a call that must succeed.
    pub fn response(&self, id: &str, arguments: &[&str]) -> Result<Value, Box<dyn Error>> {
        let ran = self.call(id, arguments)?;
        if ran.code != Some(0) {
            return Err(format!("{ran:?}").into());
        }
        Ok(serde_json::from_str(&ran.out)?)
    }

    /// Returns the only recorded request of an endpoint.
    pub fn sent(&self, id: &str) -> Result<Recorded, Box<dyn Error>> {
        let requests = self.mock.requests().into_iter();
        let mut of_endpoint = requests.filter(|request| request.endpoint.as_deref() == Some(id));
        let first = of_endpoint.next().ok_or("nothing was sent")?;
        match of_endpoint.next() {
            None => Ok(first),
            Some(_) => Err("more than one request was recorded".into()),
        }
    }
}
