//! Eight processes of one app, with one mock server and one Redis, by the real clock.
//!
//! The processes are this program, run for one test. Prints its measurements. Needs a `redis-server`, and the machine for
//! itself: `cargo test --features redis --test it redis_processes -- --ignored --nocapture`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints its measurements")]

mod child;
mod logins;
mod request;
mod tokens;
mod windows;

use std::env;
use std::error::Error;

/// How many processes an app has.
const PROCESSES: usize = 8;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// One of the processes; without the variable, nothing.
#[tokio::test(flavor = "multi_thread")]
async fn process_of_the_app() -> Outcome {
    match env::var(child::ROLE).as_deref() {
        Err(_) => Ok(()),
        Ok("windows") => windows::child().await,
        Ok("tokens") => tokens::child().await,
        Ok("logins") => logins::child().await,
        Ok(role) => Err(format!("unknown role {role}").into()),
    }
}

/// Each scenario, one after the other: they would take the machine from each other.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures by the real clock: run it alone"]
async fn eight_processes_share_an_app() -> Outcome {
    logins::a_refresh_token_is_spent_once().await?;
    tokens::a_token_is_renewed_once_for_all().await?;
    windows::limits_are_kept_together_and_used().await
}
