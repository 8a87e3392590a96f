//! Some files at a time, until all are there, it is no use to go on, or somebody interrupts.

use std::pin::pin;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::failure::Kind;
use super::fetch::{self, Ended, Setup};
use super::plan::Plan;
use super::summary::Tally;

/// So many files in a row that fail for want of the network say that there is none.
const MOST_UNREACHABLE: usize = 8;

/// Brings what is wanted, so many files at a time.
pub(super) async fn run(setup: Arc<Setup>, plan: Plan, jobs: usize) -> Tally {
    let mut waiting = plan.wanted.into_iter();
    let mut tally = Tally::new(plan.here, plan.failures, plan.left);
    let mut running = JoinSet::new();
    let mut unreachable = 0;
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    while tally.stopped.is_none() {
        let room = jobs.saturating_sub(running.len());
        for item in waiting.by_ref().take(room) {
            running.spawn(fetch::fetch(Arc::clone(&setup), item));
        }
        let ended = tokio::select! {
            biased;
            Ok(()) = &mut interrupt => {
                tally.interrupted = true;
                break;
            }
            ended = running.join_next() => ended,
        };
        match ended {
            None => break,
            Some(Ok(ended)) => {
                unreachable = if is_unreachable(&ended) { unreachable + 1 } else { 0 };
                tally.add(ended);
            }
            Some(Err(error)) => tally.stopped = Some(format!("a download ended without an answer: {error}")),
        }
        if unreachable >= MOST_UNREACHABLE {
            tally.stopped =
                Some("the platform cannot be reached: look at the network, then run the same command again".to_owned());
        }
    }
    tally.left += waiting.len() + running.len();
    // Dropped in the middle, a transfer leaves what a later run goes on with.
    running.shutdown().await;
    setup.progress.end();
    tally
}

fn is_unreachable(ended: &Ended) -> bool {
    matches!(ended, Ended::Failed(failure) if failure.kind == Kind::Network)
}
