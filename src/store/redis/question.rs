//! What is asked of Redis.

use redis::aio::MultiplexedConnection;
use redis::{Cmd, RedisResult, ScriptInvocation, Value};

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
