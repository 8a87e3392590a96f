//! Eight processes of one app, against one stand-in for the platform and one Redis, by the real clock.
//!
//! The program starts itself as those processes. It prints what it has measured. Needs a `redis-server`.

#![allow(clippy::print_stdout, clippy::print_stderr)] // What it has measured is for whoever runs it.

mod child;
mod logins;
#[path = "../support/redis_server.rs"]
mod redis_server;
mod request;
mod tokens;
mod windows;

use std::env;
use std::error::Error;
use std::process::ExitCode;

/// How many processes an app has.
const PROCESSES: usize = 8;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let done = match env::var(child::ROLE).as_deref() {
        Err(_) => parent().await,
        Ok("windows") => windows::child().await,
        Ok("tokens") => tokens::child().await,
        Ok("logins") => logins::child().await,
        Ok(role) => Err(format!("there is no role {role}").into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("FAILED: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Each scenario, one after the other: they would take the machine from each other.
async fn parent() -> Outcome {
    logins::a_refresh_token_is_spent_once().await?;
    tokens::a_token_is_renewed_once_for_all().await?;
    windows::limits_are_kept_together_and_used().await
}
