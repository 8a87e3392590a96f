//! The connection to Redis, and the circuit breaker in front of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisResult, ScriptInvocation, Value};
use tokio::time::Instant;

use crate::store::StoreError;

/// A Redis server and its connection, shared by all clones and tasks.
pub(super) struct RedisClient {
    client: Client,
    breaker: Breaker,
    connection: Mutex<Option<Connection>>,
    /// Held while connecting, so that other tasks wait for the new connection instead of opening their own.
    connecting: tokio::sync::Mutex<u64>,
}

/// A connection and its sequence number.
#[derive(Clone)]
struct Connection {
    number: u64,
    inner: MultiplexedConnection,
}

impl RedisClient {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            breaker: Breaker::default(),
            connection: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
        }
    }

    /// Returns host and port, or the path of the socket.
    pub(super) fn address(&self) -> String {
        self.client.get_connection_info().addr().to_string()
    }

    /// Runs a command.
    ///
    /// # Errors
    ///
    /// If Redis does not respond within the timeout, and immediately while the circuit breaker is open.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        command: &RedisCommand,
        timeout: Duration,
    ) -> Result<T, StoreError> {
        self.breaker.check()?;
        let result = self.run_unguarded(command, timeout).await;
        if let Err(error) = &result {
            self.breaker.record_failure(error);
        }
        result
    }

    /// Runs a command whatever the state of the circuit breaker. Its failure does not open the breaker.
    ///
    /// # Errors
    ///
    /// If Redis does not respond within the timeout.
    pub(super) async fn run_unguarded<T: FromRedisValue>(
        &self,
        command: &RedisCommand,
        timeout: Duration,
    ) -> Result<T, StoreError> {
        let result = match tokio::time::timeout(timeout, self.run_with_reconnect(command)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.error(&error.to_string())),
            Err(_) => Err(self.error(&format!("no response within {} ms", timeout.as_millis()))),
        };
        match result {
            Ok(value) => {
                self.breaker.record_success();
                redis::from_redis_value(value).map_err(|_| self.error("unexpected type of response"))
            }
            Err(error) => {
                // The next command uses a new connection, whatever failed: the name may have moved to another primary,
                // or the peer may be gone.
                self.connection_slot().take();
                Err(error)
            }
        }
    }

    /// Runs a command, and retries it on a new connection if the old one was closed since its last use: a server that
    /// restarted or closes idle connections is not an outage.
    async fn run_with_reconnect(&self, command: &RedisCommand) -> RedisResult<Value> {
        let used = self.connection_slot().clone();
        if let Some(mut used) = used {
            match command.send(&mut used.inner).await {
                Err(error) if error.is_connection_dropped() => self.discard(used.number),
                result => return result,
            }
        }
        let mut opened = self.connect().await?;
        command.send(&mut opened.inner).await
    }

    /// Opens a connection, or returns the one that another task has just opened.
    async fn connect(&self) -> RedisResult<Connection> {
        let mut number = self.connecting.lock().await;
        if let Some(opened) = &*self.connection_slot() {
            return Ok(opened.clone());
        }
        // The timeout of the command covers connecting too.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let connection = self.client.get_multiplexed_async_connection_with_config(&config);
        *number += 1;
        let opened = Connection {
            number: *number,
            inner: connection.await?,
        };
        *self.connection_slot() = Some(opened.clone());
        Ok(opened)
    }

    /// Drops the connection with this number; a newer one stays.
    fn discard(&self, number: u64) {
        self.connection_slot().take_if(|connection| connection.number == number);
    }

    /// No code panics while it holds the lock.
    fn connection_slot(&self) -> MutexGuard<'_, Option<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates an error with the address. Should a server echo the password, it is replaced.
    fn error(&self, problem: &str) -> StoreError {
        let info = self.client.get_connection_info();
        let text = format!("Redis at {}: {problem}", info.addr());
        match info.redis_settings().password() {
            Some(password) if !password.is_empty() => StoreError::new(text.replace(password, "***")),
            _ => StoreError::new(text),
        }
    }
}

/// A command or a script invocation. It may run twice if its response was lost, which is harmless: at worst a call is
/// counted twice.
pub(super) enum RedisCommand {
    Command(Cmd),
    Script(ScriptInvocation<'static>),
}

impl RedisCommand {
    /// Sends the command. A script unknown to the server is uploaded.
    pub(super) async fn send(&self, connection: &mut MultiplexedConnection) -> RedisResult<Value> {
        match self {
            Self::Command(command) => command.query_async(connection).await,
            Self::Script(script) => script.invoke_async(connection).await,
        }
    }
}

/// Time for which Redis is not used after a failure.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// A circuit breaker: closed while `None`, open after a failure.
#[derive(Default)]
pub(super) struct Breaker(Mutex<Option<OpenState>>);

struct OpenState {
    /// Time of the next trial command.
    until: Instant,
    cause: StoreError,
}

impl Breaker {
    /// Returns an error while the breaker is open. After [`RETRY_INTERVAL`] one command is admitted as a trial; the
    /// others fail with the previous error until it succeeds.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let now = Instant::now();
        match &mut *self.lock() {
            Some(open) if now < open.until => Err(open.cause.clone()),
            Some(open) => {
                open.until = now + RETRY_INTERVAL;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Opens the breaker.
    pub(super) fn record_failure(&self, cause: &StoreError) {
        let until = Instant::now() + RETRY_INTERVAL;
        let before = self.lock().replace(OpenState {
            until,
            cause: cause.clone(),
        });
        if before.is_none() {
            tracing::warn!(%cause, "Redis is unavailable; this process works without it where possible");
        }
    }

    /// Closes the breaker.
    pub(super) fn record_success(&self) {
        let before = self.lock().take();
        if before.is_some() {
            tracing::info!("Redis is available again");
        }
    }

    /// No code panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Option<OpenState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> StoreError {
        StoreError::new("away")
    }

    #[tokio::test(start_paused = true)]
    async fn rejects_commands_after_a_failure() {
        let breaker = Breaker::default();
        breaker.record_failure(&open());
        tokio::time::advance(RETRY_INTERVAL - Duration::from_millis(1)).await;
        assert_eq!(breaker.check(), Err(open()));
    }

    #[tokio::test(start_paused = true)]
    async fn admits_one_trial_after_the_interval() {
        let breaker = Breaker::default();
        breaker.record_failure(&open());
        tokio::time::advance(RETRY_INTERVAL).await;
        assert_eq!(breaker.check(), Ok(()));
        assert_eq!(breaker.check(), Err(open()));
    }

    #[tokio::test(start_paused = true)]
    async fn admits_another_trial_if_one_is_cancelled() {
        let breaker = Breaker::default();
        breaker.record_failure(&open());
        tokio::time::advance(RETRY_INTERVAL).await;
        let _ = breaker.check();
        tokio::time::advance(RETRY_INTERVAL).await;
        assert_eq!(breaker.check(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn admits_all_after_success() {
        let breaker = Breaker::default();
        breaker.record_failure(&open());
        breaker.record_success();
        assert_eq!(breaker.check(), Ok(()));
        assert_eq!(breaker.check(), Ok(()));
    }
}
