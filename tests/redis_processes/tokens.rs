//! A tenant token that one process fetches for all.

use std::time::{Duration, Instant};

use larkspur::auth::v3::tenant_access_token::Internal;

use crate::child::{self, Process};
use crate::redis_server::RedisServer;
use crate::request::{self, Call, FREE};
use crate::{Outcome, PROCESSES};

/// How long a token lives. Renewed is it when half of that is left.
const LIFETIME: Duration = Duration::from_secs(12);
/// How long the processes call.
const TIME: Duration = Duration::from_secs(14);

/// Calls now and then.
pub async fn child() -> Outcome {
    let client = child::client()?.build()?;
    child::wait_until_all_are_ready()?;
    let end = Instant::now() + TIME;
    while Instant::now() < end {
        client.call_empty(&Call(&FREE)).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

pub async fn a_token_is_fetched_once_for_all() -> Outcome {
    let server = RedisServer::start();
    let mock = request::mock(|mock| mock.token_lifetime(LIFETIME)).await?;
    let mut processes = Process::start_all("tokens", &server, &mock)?;
    for process in &mut processes {
        process.begin()?;
    }
    tokio::task::spawn_blocking(move || {
        processes
            .into_iter()
            .try_for_each(|process| process.finish().map(|_| ()))
    })
    .await??;
    let requests = mock.requests();
    let fetched: Vec<Duration> = requests
        .iter()
        .filter(|call| call.endpoint.as_deref() == Some(Internal::ENDPOINT.id))
        .map(|call| call.at)
        .collect();
    let refused = requests.iter().filter(|call| call.status != 200).count();
    println!(
        "{PROCESSES} processes, tokens of {LIFETIME:?}, {} calls in {TIME:?}: {} tokens fetched, {refused} calls refused",
        requests.len() - fetched.len(),
        fetched.len(),
    );
    // A token is fetched anew no sooner than a quarter of its life after the one before.
    let twice = fetched.windows(2).find(|two| two[1] - two[0] < LIFETIME / 4);
    match twice {
        Some(twice) => Err(format!("one renewal made two fetches: {twice:?}").into()),
        None if fetched.len() < 3 => Err(format!("the token was not renewed: {fetched:?}").into()),
        None if refused > 0 => Err(format!("{refused} calls were refused").into()),
        None => Ok(()),
    }
}
