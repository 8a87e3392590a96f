use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use crate::support::run::{Outcome, command, larkspur};

/// A running `larkspur mock` with its output, stopped when dropped.
pub struct Running {
    child: Child,
    pub lines: Vec<String>,
}

impl Running {
    pub fn start() -> Result<Self, Box<dyn std::error::Error>> {
        let mut child = command(&["mock", "--port", "0"]).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let mut running = Self {
            child,
            lines: Vec::new(),
        };
        for line in BufReader::new(output).lines() {
            let line = line?;
            let last = line.contains("/_mock/fail");
            running.lines.push(line);
            if last {
                return Ok(running);
            }
        }
        Err(format!("the mock server exited after {:?}", running.lines).into())
    }

    /// Returns the value of a printed variable.
    pub fn variable(&self, name: &str) -> Result<String, String> {
        let start = format!("export {name}=");
        let value = self.lines.iter().find_map(|line| line.trim().strip_prefix(&start));
        value
            .map(str::to_owned)
            .ok_or_else(|| format!("{name} is not in the output: {:?}", self.lines))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn prints_address_and_failure_headers() -> Outcome {
    let mock = Running::start()?;
    assert!(mock.variable("LARKSPUR_BASE_URL")?.starts_with("http://127.0.0.1:"));
    let text = mock.lines.join("\n");
    for part in ["x-mock-error: 234001", "x-mock-error: http 403", "u-mock"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    Ok(())
}

#[test]
fn occupied_port_exits_2() -> Outcome {
    let mock = Running::start()?;
    let base_url = mock.variable("LARKSPUR_BASE_URL")?;
    let port = base_url.rsplit(':').next().unwrap_or_default();
    let ran = larkspur(&["mock", "--port", port])?;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(port), "{}", ran.err);
    Ok(())
}

#[cfg(unix)]
#[test]
fn interrupt_stops_mock_server() -> Outcome {
    let mut mock = Running::start()?;
    let id = mock.child.id().to_string();
    std::process::Command::new("kill").args(["-INT", &id]).status()?;
    assert_eq!(mock.child.wait()?.code(), Some(0));
    Ok(())
}
