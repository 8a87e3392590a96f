//! The connection to Redis: made when it is needed, given up when it fails, never waited for longer than allowed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, RedisResult, Value};

use super::breaker::Breaker;
use super::question::Question;
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
