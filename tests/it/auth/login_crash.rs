//! Processes that share the logins of their users, and die or give up wherever they are: a refresh token is spent once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::login_store::{Before, Step, Steps, expire};
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::store::{LoginStore, MemoryLogins};
use larkspur::{Client, Error};
use larkspur_mock::{Login, Mock};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

const USER: &str = "ada";

fn client(mock: &Mock, store: impl LoginStore) -> Client {
    let client = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .logins(store)
        .build()
        .unwrap();
    client.as_login(&client.login(USER))
}

async fn call(client: &Client) -> Result<(), Error> {
    BatchGetTmpDownloadUrl::new(["boxcn1"]).send(client).await.map(|_| ())
}

/// The platform, in a runtime that outlives the processes, and a user who has logged in and whose token has ended.
struct World {
    runtime: Runtime,
    mock: Mock,
    logins: MemoryLogins,
}

impl World {
    fn new() -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let logins = MemoryLogins::new();
        let mock = runtime.block_on(async {
            let mock = Mock::builder().stopped_clock().start().await.unwrap();
            let client = Client::builder()
                .app(mock.app_id(), mock.app_secret())
                .base_url(mock.base_url())
                .logins(logins.clone())
                .build()
                .unwrap();
            let attempt = client.login_page("https://example.com").unwrap().begin().unwrap();
            let code = mock.login_code(Login::new("offline_access drive:drive"));
            client.login(USER).exchange(code, &attempt).await.unwrap();
            expire(&logins, USER).await;
            mock
        });
        Self { runtime, mock, logins }
    }

    /// How often each refresh token was given to the platform.
    fn given(&self) -> HashMap<String, usize> {
        let mut given = HashMap::new();
        for request in self.mock.requests() {
            let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
            if let Some(token) = body["refresh_token"].as_str() {
                *given.entry(token.to_owned()).or_default() += 1;
            }
        }
        given
    }

    /// A process that makes a call and dies before its step number `deadly`. Returns the step if it was reached.
    fn process_that_dies(&self, deadly: usize) -> Option<Step> {
        let process = Builder::new_current_thread().enable_all().build().unwrap();
        let (died, mut has_died) = tokio::sync::mpsc::unbounded_channel();
        let taken = Arc::new(AtomicUsize::new(0));
        let before: Before = Arc::new(move |step| {
            let (died, number) = (died.clone(), taken.fetch_add(1, Ordering::SeqCst));
            Box::pin(async move {
                if number == deadly {
                    died.send(step).unwrap();
                    std::future::pending::<()>().await;
                }
            })
        });
        let client = client(&self.mock, Steps::with(&self.logins, before));
        let step = process.block_on(async {
            tokio::select! {
                biased;
                step = has_died.recv() => step,
                // A process that lives ends after its call.
                _ = call(&client) => None,
            }
        });
        drop(process);
        step
    }

    /// A process that runs until its call is made.
    fn survivor(&self) -> Result<(), Error> {
        let client = client(&self.mock, self.logins.clone());
        self.runtime.block_on(call(&client))
    }
}

/// The steps of a renewal: load, lock, locked, load, save, saved; and one that there is not.
const STEPS: usize = 7;

#[test]
fn spends_refresh_token_once_across_crashes() {
    for first in 0..STEPS {
        for second in 0..STEPS {
            let world = World::new();
            let died_at = [first, second].map(|deadly| world.process_that_dies(deadly));
            let result = world.survivor();
            let shown = format!("{died_at:?}: {result:?}");
            // Between the platform's response and the store nothing can be recovered: the token is spent and its replacement
            // lost. The user has to log in again. Anywhere else nothing is lost.
            let lost = died_at.contains(&Some(Step::Save));
            assert_eq!(result.is_err(), lost, "{shown}");
            assert!(result.is_ok() || result.unwrap_err().needs_login(), "{shown}");
            let most = if lost { 3 } else { 1 };
            assert!(world.given().values().all(|times| *times <= most), "{shown}");
        }
    }
}

#[test]
fn reloads_login_after_acquiring_lock() {
    let world = World::new();
    let (looked, mut has_looked) = tokio::sync::mpsc::unbounded_channel();
    let renewed = Arc::new(tokio::sync::Semaphore::new(0));
    let gate = Arc::clone(&renewed);
    let before: Before = Arc::new(move |step| {
        let (looked, gate) = (looked.clone(), Arc::clone(&gate));
        Box::pin(async move {
            if step == Step::Lock {
                looked.send(()).unwrap();
                gate.acquire().await.unwrap().forget();
            }
        })
    });
    let late = client(&world.mock, Steps::with(&world.logins, before));
    let late = world.runtime.spawn(async move { call(&late).await });
    has_looked.blocking_recv().unwrap();
    world.survivor().unwrap();
    renewed.add_permits(1);
    world.runtime.block_on(late).unwrap().unwrap();
    assert_eq!(world.given().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Several processes at once, each as slow at each step as chance has it, and callers that give up.
    #[test]
    fn concurrent_refreshes_spend_token_once(
        delays in prop::collection::vec(prop::collection::vec(prop_oneof![Just(0u64), 0u64..40], 6), 2..5),
        patience in prop::collection::vec(prop::option::of(0u64..60), 2..5),
    ) {
        let world = World::new();
        let results = world.runtime.block_on(async {
            let calls: Vec<_> = delays
                .iter()
                .zip(patience.iter().cycle())
                .map(|(delays, patience)| {
                    let client = client(&world.mock, Steps::with(&world.logins, slow(delays.clone())));
                    let longest = Duration::from_millis(patience.unwrap_or(60_000));
                    tokio::spawn(async move {
                        let first = tokio::time::timeout(longest, call(&client)).await;
                        // Who has given up, calls again.
                        match first {
                            Ok(result) => result,
                            Err(_) => call(&client).await,
                        }
                    })
                })
                .collect();
            let mut results = Vec::new();
            for call in calls {
                results.push(call.await.unwrap());
            }
            results
        });
        for result in results {
            prop_assert!(result.is_ok(), "{result:?}");
        }
        let given = world.given();
        prop_assert_eq!(given.len(), 1);
        prop_assert!(given.values().all(|times| *times == 1), "{:?}", given);
    }
}

fn slow(delays: Vec<u64>) -> Before {
    let taken = AtomicUsize::new(0);
    Arc::new(move |_| {
        let number = taken.fetch_add(1, Ordering::SeqCst);
        let delay = Duration::from_millis(delays[number % delays.len()]);
        Box::pin(tokio::time::sleep(delay))
    })
}
