//! Runs the program and captures its output.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The result of a run.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Returns the program in the root of the repository, without credentials in its environment.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_larkspur"));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    for variable in [
        "LARKSPUR_APP_ID",
        "LARKSPUR_APP_SECRET",
        "LARKSPUR_BASE_URL",
        "LARKSPUR_USER_TOKEN",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Returns the root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn run(command: &mut Command) -> std::io::Result<Ran> {
    let output = command.output()?;
    Ok(Ran {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

pub fn larkspur(arguments: &[&str]) -> std::io::Result<Ran> {
    run(&mut command(arguments))
}
