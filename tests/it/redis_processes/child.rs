//! A process of the app, as the test and as the process itself see it.

use std::env;
use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

use larkspur::store::redis::Redis;
use larkspur::{Client, ClientBuilder};
use larkspur_mock::Mock;

use super::{Outcome, PROCESSES};
use crate::support::child::test;
use crate::support::redis_server::RedisServer;

/// The variable with the role of a process. Without it, the program is the test.
pub const ROLE: &str = "LARKSPUR_TEST_ROLE";
/// Stands before each line for the test.
const MARK: &str = "@@ ";
const REDIS: &str = "LARKSPUR_TEST_REDIS";
const BASE_URL: &str = "LARKSPUR_BASE_URL";
const APP_ID: &str = "LARKSPUR_APP_ID";
const APP_SECRET: &str = "LARKSPUR_APP_SECRET";

/// A running process, as the test sees it. It ends with the test.
pub struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// All processes of the app, ready to begin.
    pub fn start_all(role: &str, server: &RedisServer, mock: &Mock) -> Outcome<Vec<Self>> {
        let started: Outcome<Vec<Self>> = (0..PROCESSES).map(|_| Self::start(role, server, mock)).collect();
        let mut started = started?;
        for process in &mut started {
            process.wait_for("ready")?;
        }
        Ok(started)
    }

    fn start(role: &str, server: &RedisServer, mock: &Mock) -> Outcome<Self> {
        let mut child = test("it::redis_processes", "process_of_the_app")
            .env(ROLE, role)
            .env(REDIS, server.url())
            .env(BASE_URL, mock.base_url())
            .env(APP_ID, mock.app_id())
            .env(APP_SECRET, mock.app_secret())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self {
            input: child.stdin.take().ok_or("no input")?,
            output: BufReader::new(child.stdout.take().ok_or("no output")?),
            child,
        })
    }

    /// Lets it do its work.
    fn begin(&mut self) -> Outcome {
        Ok(writeln!(self.input, "begin")?)
    }

    /// Waits for a line with this word.
    fn wait_for(&mut self, word: &str) -> Outcome {
        let line = self.lines().next().ok_or("a process ended")??;
        match line == word {
            true => Ok(()),
            false => Err(format!("a process printed {line:?} instead of {word:?}").into()),
        }
    }

    /// Returns what it prints until it ends, which has to be with success.
    fn finish(mut self) -> Outcome<Vec<String>> {
        let lines = self.lines().collect::<Outcome<Vec<_>>>()?;
        match self.child.wait()?.success() {
            true => Ok(lines),
            false => Err(format!("a process failed after {lines:?}").into()),
        }
    }

    /// Returns what it prints, without the lines of the test harness.
    fn lines(&mut self) -> impl Iterator<Item = Outcome<String>> {
        (&mut self.output).lines().filter_map(|line| match line {
            Ok(line) => line.split_once(MARK).map(|(_, said)| Ok(said.to_owned())),
            Err(error) => Some(Err(error.into())),
        })
    }
}

/// Starts the work of all processes and waits until it is done. Returns what they printed.
pub async fn finish_all(mut processes: Vec<Process>) -> Outcome<Vec<String>> {
    processes.iter_mut().try_for_each(Process::begin)?;
    let lines = move || processes.into_iter().map(Process::finish).collect::<Outcome<Vec<_>>>();
    Ok(tokio::task::spawn_blocking(lines).await??.concat())
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Redis of the test, as a process of the app sees it.
pub fn redis() -> Outcome<Redis> {
    // A machine that is busy must not look like an outage.
    Ok(Redis::open(env::var(REDIS)?)?.timeout(Duration::from_secs(10)))
}

/// A client for the app of the test.
pub fn client() -> Outcome<ClientBuilder> {
    let builder = Client::builder()
        .app(env::var(APP_ID)?, env::var(APP_SECRET)?)
        .base_url(env::var(BASE_URL)?);
    Ok(builder.redis(redis()?).logins(redis()?))
}

/// Reports to the test that this process is ready, and waits until all are.
pub fn wait_until_all_are_ready() -> Outcome {
    say("ready")?;
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    Ok(())
}

/// Prints a line for the test.
pub fn say(line: &str) -> Outcome {
    let mut output = stdout().lock();
    writeln!(output, "{MARK}{line}")?;
    Ok(output.flush()?)
}
