//! A user's login that all processes renew in turn, far more often than a client would.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use larkspur::secret::ExposeSecret;
use larkspur::store::redis::Redis;
use larkspur::store::{LoginStore, StoredLogin};

use super::child::{self, Process, say};
use super::{Outcome, PROCESSES, request};
use crate::support::redis_server::RedisServer;

const USER: &str = "ada";
/// How many refresh tokens each process spends.
const RENEWALS: usize = 20;
/// How long a process that dies keeps the lock.
const LONGEST: Duration = Duration::from_secs(1);

/// Spends refresh tokens, each of which is a number, and prints them.
pub async fn child() -> Outcome {
    let redis = child::redis()?;
    child::wait_until_all_are_ready()?;
    let mut spent = 0;
    while spent < RENEWALS {
        match renew(&redis).await? {
            true => spent += 1,
            false => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
    Ok(())
}

/// Gets the next pair, unless another process is at it.
async fn renew(redis: &Redis) -> Outcome<bool> {
    let Some(_lease) = LoginStore::lock(redis, USER, LONGEST).await? else {
        return Ok(false);
    };
    let held = LoginStore::load(redis, USER).await?.ok_or("nobody has logged in")?;
    let refresh_token = held.refresh_token.ok_or("no refresh token")?;
    say(refresh_token.expose_secret())?;
    // The platform takes its time.
    tokio::time::sleep(Duration::from_millis(2)).await;
    let next: u64 = refresh_token.expose_secret().parse::<u64>()? + 1;
    redis.save(USER, &login(next)).await?;
    Ok(true)
}

fn login(number: u64) -> StoredLogin {
    let expires = SystemTime::now() + Duration::from_secs(3600);
    StoredLogin {
        access_token: format!("u-{number}").into(),
        access_expires: expires,
        refresh_token: Some(number.to_string().into()),
        refresh_expires: Some(expires),
        scope: String::new(),
    }
}

pub async fn a_refresh_token_is_spent_once() -> Outcome {
    let (server, mock) = (RedisServer::start(), request::mock(|mock| mock).await?);
    server.redis().save(USER, &login(1)).await?;
    let processes = Process::start_all("logins", &server, &mock)?;
    let spent = child::finish_all(processes).await?;
    let distinct: HashSet<&String> = spent.iter().collect();
    println!(
        "{PROCESSES} processes with one login: {} refresh tokens spent, {} of them once",
        spent.len(),
        distinct.len()
    );
    match spent.len() == PROCESSES * RENEWALS && distinct.len() == spent.len() {
        true => Ok(()),
        false => Err("a refresh token was spent twice".into()),
    }
}
