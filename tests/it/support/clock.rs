//! The clock of the client under test.

use std::time::Duration;

/// Lets time pass for the clients of this runtime alone, while nothing is under way.
pub async fn wait(duration: Duration) {
    tokio::time::pause();
    tokio::time::advance(duration).await;
    tokio::time::resume();
}
