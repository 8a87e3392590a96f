//! A redis-server of the test's own: on a socket in a directory of its own, in memory alone.
#![allow(dead_code)] // Each test file uses a part of it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use larkspur::store::redis::Redis;
use redis::{Commands, Connection, FromRedisValue};
use tempfile::TempDir;

/// How long a server may take to respond after its start.
const START: Duration = Duration::from_secs(20);

/// It ends when it is dropped.
pub struct RedisServer {
    directory: TempDir,
    process: Option<Child>,
    arguments: Vec<String>,
}

impl RedisServer {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// A server with further settings. Where they set a password it has to be `password`.
    pub fn start_with(arguments: &[&str]) -> Self {
        let mut server = Self::stopped();
        server.arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        server.run();
        server
    }

    /// A server that is not there yet.
    pub fn stopped() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            process: None,
            arguments: Vec::new(),
        }
    }

    /// Starts it, with nothing in it.
    pub fn run(&mut self) {
        let mut command = Command::new("redis-server");
        command
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(self.directory.path().join("socket"))
            .arg("--dir")
            .arg(self.directory.path())
            .args(&self.arguments)
            .stdout(Stdio::null());
        let process = command
            .spawn()
            .expect("redis-server has to be installed (Debian: apt-get install redis-server)");
        self.process = Some(process);
        let started = Instant::now();
        while self.client().get_connection().is_err() {
            assert!(started.elapsed() < START, "redis-server does not respond");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub fn url(&self) -> String {
        let has_password = self.arguments.iter().any(|argument| argument == "--requirepass");
        let password = if has_password { "?pass=password" } else { "" };
        format!("redis+unix://{}/socket{password}", self.directory.path().display())
    }

    fn client(&self) -> redis::Client {
        redis::Client::open(self.url()).unwrap()
    }

    /// What one process of an app would have.
    pub fn redis(&self) -> Redis {
        // A machine that is busy must not look like an outage.
        Redis::open(self.url()).unwrap().timeout(Duration::from_secs(10))
    }

    pub fn connection(&self) -> Connection {
        self.client().get_connection().unwrap()
    }

    /// The response of the server to a command, such as `CLIENT KILL TYPE normal`.
    pub fn command<T: FromRedisValue>(&self, words: &str) -> T {
        let mut command = redis::Cmd::new();
        for word in words.split(' ') {
            command.arg(word);
        }
        command.query(&mut self.connection()).unwrap()
    }

    /// The keys that there are.
    pub fn keys(&self) -> Vec<String> {
        self.connection().keys("*").unwrap()
    }

    /// When calls were counted, in microseconds: those of the one endpoint that there is.
    pub fn calls(&self) -> Vec<u64> {
        self.calls_of("")
    }

    /// When calls of this endpoint were counted, in microseconds.
    pub fn calls_of(&self, endpoint: &str) -> Vec<u64> {
        let keys = self.keys();
        match keys
            .iter()
            .find(|key| key.contains(":calls:") && key.contains(endpoint))
        {
            Some(key) => self.connection().lrange(key, 0, -1).unwrap(),
            None => Vec::new(),
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
