//! Crates outside of the repository that depend on the SDK by path.
#![allow(dead_code, reason = "each test uses some of these")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of this repository.
pub fn repository() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::canonicalize(root).expect("the repository")
}

/// Returns a cache directory that persists between runs; `name` must be unique per caller.
pub fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Writes a file and the directories above it.
pub fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    fs::write(path, text).expect("a file");
}

/// Cargo, as a person would start it in `directory`: without what this test's own cargo has set.
pub fn cargo(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let of_cargo = text.starts_with("CARGO") && text != "CARGO_HOME";
        if of_cargo || text.starts_with("LARKSPUR") || text.contains("RUSTFLAGS") {
            command.env_remove(name);
        }
    }
    // One directory and one choice of versions for all, so that the dependencies are checked once.
    command.env("CARGO_TARGET_DIR", scratch("outside-target"));
    let lock = directory.join("Cargo.lock");
    if !lock.exists() {
        fs::copy(repository().join("Cargo.lock"), lock).expect("the lock file is copied");
    }
    command.current_dir(directory);
    command
}

/// Runs a command that must succeed and returns its standard error.
pub fn expect_success(command: &mut Command) -> String {
    let output = command.output().expect("the command starts");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stderr}\n{printed}");
    stderr
}

/// Runs a command that must fail and returns its standard error.
pub fn expect_failure(command: &mut Command) -> String {
    let output = command.output().expect("the command starts");
    assert!(!output.status.success(), "it should have failed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}
