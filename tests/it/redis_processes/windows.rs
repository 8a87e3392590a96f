//! Limits that the processes keep together: never over, and hardly under.

use std::time::{Duration, Instant};

use larkspur::Client;
use larkspur::endpoint::EndpointInfo;
use larkspur::error::ErrorKind;
use larkspur_mock::{Mock, Recorded};

use super::child::{self, Process};
use super::request::{self, Call, FREE, SECOND, SECONDS};
use super::{Outcome, PROCESSES};
use crate::support::redis_server::RedisServer;

/// How long the processes call. Two of the longer windows, and a little for the calls that are under way then.
const TIME: Duration = Duration::from_millis(10_500);
/// How much of it is judged, from the first call on.
const JUDGED: Duration = Duration::from_secs(10);
/// How many tasks of a process call one endpoint.
const TASKS: usize = 4;

/// Calls two endpoints as fast as it may.
pub async fn child() -> Outcome {
    let client = child::client()?.build()?;
    // The token and the connections are there before the first call that counts.
    let warm: Vec<_> = (0..2 * TASKS)
        .map(|_| tokio::spawn(calls(client.clone(), &FREE, None)))
        .collect();
    for task in warm {
        task.await??;
    }
    child::wait_until_all_are_ready()?;
    let end = Instant::now() + TIME;
    let tasks = (0..2 * TASKS).map(|task| {
        let endpoint = if task % 2 == 0 { &SECOND } else { &SECONDS };
        tokio::spawn(calls(client.clone(), endpoint, Some(end)))
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    Ok(())
}

/// Calls until then, or once.
async fn calls(client: Client, endpoint: &'static EndpointInfo, end: Option<Instant>) -> Outcome {
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Ok(());
        }
        let client = match left {
            Some(left) => client.with_deadline(left),
            None => client.clone(),
        };
        match client.call_empty(&Call(endpoint)).await {
            Ok(()) if end.is_none() => return Ok(()),
            Ok(()) => {}
            // Its turn would come when the time is over.
            Err(error)
                if matches!(error.kind(), ErrorKind::RateLimited(_) | ErrorKind::Transport(_)) && end.is_some() =>
            {
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
    }
}

pub async fn limits_are_kept_together_and_used() -> Outcome {
    let (server, mock) = (RedisServer::start(), request::mock(|mock| mock).await?);
    let processes = Process::start_all("windows", &server, &mock)?;
    child::finish_all(processes).await?;
    for endpoint in [&SECOND, &SECONDS] {
        judge(&server, &mock, endpoint)?;
    }
    Ok(())
}

/// Compares when calls were counted, and when the mock server received them.
fn judge(server: &RedisServer, mock: &Mock, endpoint: &EndpointInfo) -> Outcome {
    let counted: Vec<Duration> = server
        .calls_of(endpoint.id)
        .into_iter()
        .map(Duration::from_micros)
        .collect();
    let requests = mock.requests();
    let calls: Vec<&Recorded> = requests
        .iter()
        .filter(|call| call.endpoint.as_deref() == Some(endpoint.id))
        .collect();
    let refused = calls.iter().filter(|call| call.status == 429).count();
    let mut came: Vec<Duration> = calls.iter().map(|call| call.at).collect();
    came.sort_unstable();
    let first = *came.first().ok_or("there was no call")?;
    let judged = came.iter().filter(|at| **at < first + JUDGED).count();
    println!(
        "{PROCESSES} processes, {}: {judged} calls in {JUDGED:?}, {refused} refused",
        endpoint.id
    );
    if refused > 0 {
        return Err(format!("{refused} calls were refused").into());
    }
    for window in endpoint.limits.iter().filter(|window| window.per < JUDGED) {
        let (most, per) = (window.calls as usize, window.per);
        let quota = most as f64 * JUDGED.as_secs_f64() / per.as_secs_f64();
        println!(
            "  {most} in {per:?}: {:.1} % of {quota}; at most {} counted in any interval and {} received in a window \
             of the mock server ({} in any interval: some take longer to arrive than others)",
            judged as f64 * 100.0 / quota,
            fullest_interval(&counted, per),
            fullest_window(&came, per),
            fullest_interval(&came, per),
        );
        if fullest_interval(&counted, per) > most || fullest_window(&came, per) > most {
            return Err(format!("{}: more calls than {most} in {per:?}", endpoint.id).into());
        }
    }
    let quota = endpoint
        .limits
        .iter()
        .map(|window| f64::from(window.calls) / window.per.as_secs_f64());
    let quota = quota.take(endpoint.limits.len() - 1).fold(f64::INFINITY, f64::min) * JUDGED.as_secs_f64();
    match judged as f64 >= 0.95 * quota {
        true => Ok(()),
        false => Err(format!("{}: {judged} calls, fewer than 95 % of {quota}", endpoint.id).into()),
    }
}

/// The most calls in any interval of this length.
fn fullest_interval(times: &[Duration], per: Duration) -> usize {
    let from = |(index, from): (usize, &Duration)| times[index..].iter().take_while(|at| **at < *from + per).count();
    times.iter().enumerate().map(from).max().unwrap_or_default()
}

/// The most calls in windows of the mock server: one opens with a call, and closes when its time is over.
fn fullest_window(times: &[Duration], per: Duration) -> usize {
    let (mut fullest, mut left) = (0, times);
    while let Some(opened) = left.first() {
        let calls = left.iter().take_while(|at| **at < *opened + per).count();
        fullest = fullest.max(calls);
        left = &left[calls..];
    }
    fullest
}
