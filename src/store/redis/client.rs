//! The connection to Redis, and the circuit breaker in front of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisResult, ScriptInvocation, Value};
use tokio::time::Instant;

use crate::store::StoreError;

/// One Redis, and the connection to it that all clones and all tasks share.
pub(super) struct Server {
    client: Client,
    breaker: Breaker,
    connection: Mutex<Option<Connection>>,
    /// Held by the one who connects, so that the others wait for that connection instead of making their own.
    connecting: tokio::sync::Mutex<u64>,
}

/// A connection, and which one since the start it is.
#[derive(Clone)]
struct Connection {
    number: u64,
    line: MultiplexedConnection,
}

impl Server {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            breaker: Breaker::default(),
            connection: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
        }
    }

    /// Host and port, or the path of the socket.
    pub(super) fn address(&self) -> String {
        self.client.get_connection_info().addr().to_string()
    }

    /// The answer to this question; an error where there is none in this time, and at once while Redis is away.
    pub(super) async fn ask<T: FromRedisValue>(&self, question: &Question, timeout: Duration) -> Result<T, StoreError> {
        self.breaker.admit()?;
        let answer = match tokio::time::timeout(timeout, self.answer(question)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.error(&error.to_string())),
            Err(_) => Err(self.error(&format!("no answer within {} ms", timeout.as_millis()))),
        };
        match answer {
            Ok(value) => {
                self.breaker.worked();
                redis::from_redis_value(value).map_err(|_| self.error("an answer of another type than was expected"))
            }
            Err(error) => {
                // Whatever it was (another primary behind the name, a peer that left without a word), the next
                // question goes over a new connection.
                self.held().take();
                self.breaker.failed(&error);
                Err(error)
            }
        }
    }

    /// Asks, and asks once more where the connection turns out to have ended since it was last used: a server that
    /// was restarted, or that closes idle connections, is not away.
    async fn answer(&self, question: &Question) -> RedisResult<Value> {
        let used = self.held().clone();
        if let Some(mut used) = used {
            match question.put(&mut used.line).await {
                Err(error) if error.is_connection_dropped() => self.forget(used.number),
                answer => return answer,
            }
        }
        let mut made = self.connect().await?;
        question.put(&mut made.line).await
    }

    /// A new connection, or the one that another task has made meanwhile.
    async fn connect(&self) -> RedisResult<Connection> {
        let mut number = self.connecting.lock().await;
        if let Some(made) = &*self.held() {
            return Ok(made.clone());
        }
        // The timeout of the question holds for connecting too.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let connection = self.client.get_multiplexed_async_connection_with_config(&config);
        *number += 1;
        let made = Connection {
            number: *number,
            line: connection.await?,
        };
        *self.held() = Some(made.clone());
        Ok(made)
    }

    /// Gives up the connection with this number; a newer one stays.
    fn forget(&self, number: u64) {
        self.held().take_if(|connection| connection.number == number);
    }

    /// Nothing in here panics with the lock held.
    fn held(&self) -> MutexGuard<'_, Option<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What failed, with the address. Servers do not tell passwords back; if one did, it is not passed on.
    fn error(&self, what: &str) -> StoreError {
        let info = self.client.get_connection_info();
        let text = format!("Redis at {}: {what}", info.addr());
        match info.redis_settings().password() {
            Some(password) if !password.is_empty() => StoreError::new(text.replace(password, "***")),
            _ => StoreError::new(text),
        }
    }
}

/// A command, or a script with its keys and arguments. It may be asked twice where its answer got lost: that changes
/// nothing, but that a call may be counted twice, which leaves room for one less.
pub(super) enum Question {
    Command(Cmd),
    Script(ScriptInvocation<'static>),
}

impl Question {
    /// The answer over this connection. A script that the server does not have (any more) is given to it.
    pub(super) async fn put(&self, connection: &mut MultiplexedConnection) -> RedisResult<Value> {
        match self {
            Self::Command(command) => command.query_async(connection).await,
            Self::Script(script) => script.invoke_async(connection).await,
        }
    }
}

/// How long Redis is not asked after a failure.
const REST: Duration = Duration::from_secs(1);

/// Knows whether Redis is away.
#[derive(Default)]
pub(super) struct Breaker(Mutex<Option<Away>>);

struct Away {
    /// When the next question may go out.
    until: Instant,
    why: StoreError,
}

impl Breaker {
    /// Whether Redis may be asked; else why it was away when it was last asked. Of many who ask after the rest
    /// only the first is let through, to try; the others get the answer of before until it has worked.
    pub(super) fn admit(&self) -> Result<(), StoreError> {
        let now = Instant::now();
        match &mut *self.lock() {
            Some(away) if now < away.until => Err(away.why.clone()),
            Some(away) => {
                away.until = now + REST;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Tells that a question failed.
    pub(super) fn failed(&self, why: &StoreError) {
        let until = Instant::now() + REST;
        let before = self.lock().replace(Away {
            until,
            why: why.clone(),
        });
        if before.is_none() {
            tracing::warn!(%why, "Redis is away: this process goes on by itself as far as it may");
        }
    }

    /// Tells that a question was answered.
    pub(super) fn worked(&self) {
        let before = self.lock().take();
        if before.is_some() {
            tracing::info!("Redis is back");
        }
    }

    /// Nothing in here panics with the lock held.
    fn lock(&self) -> MutexGuard<'_, Option<Away>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> StoreError {
        StoreError::new("away")
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_nobody_asks_for_a_while() {
        let breaker = Breaker::default();
        breaker.failed(&away());
        tokio::time::advance(REST - Duration::from_millis(1)).await;
        assert_eq!(breaker.admit(), Err(away()));
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_rest_one_alone_tries() {
        let breaker = Breaker::default();
        breaker.failed(&away());
        tokio::time::advance(REST).await;
        assert_eq!(breaker.admit(), Ok(()));
        assert_eq!(breaker.admit(), Err(away()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_is_given_up_keeps_nobody_else_from_trying_later() {
        let breaker = Breaker::default();
        breaker.failed(&away());
        tokio::time::advance(REST).await;
        let _ = breaker.admit();
        tokio::time::advance(REST).await;
        assert_eq!(breaker.admit(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn once_a_question_is_answered_all_ask_again() {
        let breaker = Breaker::default();
        breaker.failed(&away());
        breaker.worked();
        assert_eq!(breaker.admit(), Ok(()));
        assert_eq!(breaker.admit(), Ok(()));
    }
}
