//! A mock server, a target directory and the command.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use larkspur_mock::{Builder, Mock};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::run::{Ran, command, run};

pub const MEDIA: &str = "drive.v1.media.download";
pub const EXPORT: &str = "drive.v1.export_task.download";
/// An endpoint with a rate limit of fifty files per second, higher than that of the others.
pub const QUICK: &str = "im.v1.file.get";
pub const JOURNAL: &str = ".larkspur-journal.jsonl";

/// A run with `--format json` and its summary.
pub struct JsonRun {
    pub ran: Ran,
    pub json: Value,
}

/// A mock server and a target directory within a temporary directory.
pub struct Site {
    pub mock: Mock,
    parent: TempDir,
}

impl Site {
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        Self::of(Mock::builder().rate_limits(false)).await
    }

    pub async fn of(mock: Builder) -> Result<Self, Box<dyn Error>> {
        let mock = mock.start().await?;
        let parent = tempfile::tempdir()?;
        fs::create_dir(parent.path().join("files"))?;
        Ok(Self { mock, parent })
    }

    /// Returns the parent of the target directory.
    pub fn parent(&self) -> &Path {
        self.parent.path()
    }

    pub fn directory(&self) -> PathBuf {
        self.parent().join("files")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory().join(name)
    }

    /// Stores files with the tokens in their names and contents.
    pub fn put(&self, tokens: &[String]) {
        for token in tokens {
            self.mock.put_file(
                token.as_str(),
                format!("{token}.bin"),
                "application/octet-stream",
                content(token),
            );
        }
    }

    /// Returns the command for a list of these lines.
    pub fn command(&self, endpoint: &str, lines: &[&str], arguments: &[&str]) -> Result<Command, Box<dyn Error>> {
        let list = self.parent().join("list");
        fs::write(&list, lines.join("\n"))?;
        let mut command = command(&["download", "--endpoint", endpoint, "--tokens-from"]);
        command.arg(list).arg("--to").arg(self.directory()).args(arguments);
        self.with_app(&mut command);
        Ok(command)
    }

    /// Runs the command with a list on standard input.
    pub fn command_with_input(&self, input: &str) -> Result<Ran, Box<dyn Error>> {
        let mut command = command(&["download", "--endpoint", MEDIA, "--tokens-from", "-", "--to"]);
        command.arg(self.directory()).stdin(Stdio::piped());
        self.with_app(&mut command);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        child.stdin.take().ok_or("no input")?.write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        Ok(Ran {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    fn with_app(&self, command: &mut Command) {
        command.env("LARKSPUR_BASE_URL", self.mock.base_url());
        command.env("LARKSPUR_APP_ID", self.mock.app_id());
        command.env("LARKSPUR_APP_SECRET", self.mock.app_secret());
    }

    pub fn run(&self, endpoint: &str, lines: &[&str], arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
        Ok(run(&mut self.command(endpoint, lines, arguments)?)?)
    }

    /// Runs the command with `--format json`.
    pub fn run_json(&self, endpoint: &str, lines: &[&str], arguments: &[&str]) -> Result<JsonRun, Box<dyn Error>> {
        let ran = self.run(endpoint, lines, &[arguments, &["--format", "json"]].concat())?;
        let json = serde_json::from_str(&ran.out).map_err(|error| format!("{error}: {ran:?}"))?;
        Ok(JsonRun { ran, json })
    }

    /// Returns the content of each file in the directory that is not hidden.
    pub fn files(&self) -> Result<BTreeMap<String, Vec<u8>>, Box<dyn Error>> {
        self.names()?
            .into_iter()
            .filter(|name| !name.starts_with('.'))
            .map(|name| Ok((name.clone(), fs::read(self.path(&name))?)))
            .collect()
    }

    /// Returns all names in the directory.
    pub fn names(&self) -> Result<Vec<String>, Box<dyn Error>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.directory())? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// Returns how often a file was requested.
    pub fn fetched(&self, token: &str) -> usize {
        let requests = self.mock.requests();
        let of_token = |path: &str| path.split('/').any(|segment| segment == token);
        requests.iter().filter(|request| of_token(&request.path)).count()
    }
}

impl JsonRun {
    /// Returns the name of each present file by token.
    pub fn names(&self) -> BTreeMap<String, String> {
        let text = |file: &Value, key: &str| file[key].as_str().unwrap_or_default().to_owned();
        let files = self.json["files"].as_array().into_iter().flatten();
        files.map(|file| (text(file, "token"), text(file, "name"))).collect()
    }
}

pub fn content(token: &str) -> String {
    format!("the content of {token}")
}

pub fn tokens(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("boxcn{number}")).collect()
}
