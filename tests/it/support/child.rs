//! Tests that need a process of their own: this program, run again for one test.

use std::process::Command;

/// Set in a process that runs one test alone.
const ALONE: &str = "LARKSPUR_TEST_ALONE";

/// Returns the command that runs only the test `name` of the module `path`, which is its `module_path!()`.
pub fn test(path: &str, name: &str) -> Command {
    let (_, module) = path.split_once("::").expect("a module of this program");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        &format!("{module}::{name}"),
        "--exact",
        "--nocapture",
        "--include-ignored",
    ]);
    command
}

/// Returns whether this process runs this test alone; if not, runs the test in such a process, and fails as it does.
///
/// For what a process has once, such as the subscriber of `tracing`.
pub fn is_alone(path: &str, name: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let output = test(path, name).env(ALONE, "").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.contains("1 passed"), "{name} is not a test of {path}: {text}");
    false
}
