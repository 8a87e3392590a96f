//! Tokens that expire while all processes use them: a tenant's, and a user's.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use larkspur::Client;
use larkspur::auth::v3::tenant_access_token::Internal;
use larkspur::authen::v2::oauth::Token;
use larkspur::endpoint::EndpointInfo;
use larkspur_mock::{Login, Mock, Recorded};

use super::child::{self, Process};
use super::request::{self, Call, FREE, USER};
use super::{Outcome, PROCESSES};
use crate::support::redis_server::RedisServer;

/// How long tokens live. They are renewed when half of that is left.
const LIFETIME: Duration = Duration::from_secs(12);
/// How long the processes call.
const TIME: Duration = Duration::from_millis(11_500);
/// When all tokens come to an end that nobody foresaw, after the tokens have been renewed once in time.
const END: Duration = Duration::from_secs(10);
/// What the program calls its user.
const NAME: &str = "ada";
const CALLBACK: &str = "https://example.com/callback";

/// Calls now and then, for the app and for the user.
pub async fn child() -> Outcome {
    let client = child::client()?.build()?;
    let user = client.as_login(&client.login(NAME));
    child::wait_until_all_are_ready()?;
    let end = Instant::now() + TIME;
    while Instant::now() < end {
        client.call_empty(&Call(&FREE)).await?;
        user.call_empty(&Call(&USER)).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

pub async fn a_token_is_renewed_once_for_all() -> Outcome {
    let server = RedisServer::start();
    let mock = request::mock(|mock| mock.token_lifetime(LIFETIME)).await?;
    log_in(&server, &mock).await?;
    let processes = Process::start_all("tokens", &server, &mock)?;
    let finished = tokio::spawn(child::finish_all(processes));
    tokio::time::sleep(END).await;
    mock.expire_tokens();
    finished.await??;
    let requests = mock.requests();
    let fetches = of(&requests, &Internal::ENDPOINT);
    let renewals = of(&requests, &Token::ENDPOINT).split_off(1);
    let spent: HashSet<_> = renewals.iter().map(|request| &request.body).collect();
    let refused: Vec<_> = requests.iter().filter(|request| request.status != 200).collect();
    println!(
        "{PROCESSES} processes, tokens of {LIFETIME:?}, {} calls in {TIME:?}: {} tenant tokens fetched; {} refresh tokens \
         spent, {} of them once; {} calls rejected when all tokens expired, and sent again",
        of(&requests, &FREE).len() + of(&requests, &USER).len(),
        fetches.len(),
        renewals.len(),
        spent.len(),
        refused.len(),
    );
    if spent.len() < renewals.len() {
        return Err("a refresh token was spent twice".into());
    }
    let first_refused = refused.first().ok_or("no token expired")?;
    if first_refused.at < fetches.last().ok_or("no token was fetched")?.at - LIFETIME / 4 {
        return Err(format!("a token was used too long: {first_refused:?}").into());
    }
    once_for_each_renewal(&fetches)?;
    once_for_each_renewal(&renewals)
}

/// Between two reasons to renew a token lies a quarter of its life at least; what comes much sooner is one renewal
/// made twice.
fn once_for_each_renewal(requests: &[&Recorded]) -> Outcome {
    let twice = requests.windows(2).find(|two| two[1].at - two[0].at < LIFETIME / 6);
    match twice {
        Some(twice) => Err(format!("one renewal made two requests: {twice:?}").into()),
        None if requests.is_empty() => Err("no token was renewed".into()),
        None => Ok(()),
    }
}

fn of<'a>(requests: &'a [Recorded], endpoint: &EndpointInfo) -> Vec<&'a Recorded> {
    let is_of = |request: &&Recorded| request.endpoint.as_deref() == Some(endpoint.id);
    requests.iter().filter(is_of).collect()
}

/// Lets the user log in, as a program does on its page for that.
async fn log_in(server: &RedisServer, mock: &Mock) -> Outcome {
    let client = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .logins(server.redis())
        .build()?;
    let attempt = client.login_page(CALLBACK)?.scope("offline_access").begin()?;
    let challenge = attempt
        .url
        .split(['?', '&'])
        .find_map(|pair| pair.strip_prefix("code_challenge="));
    let granted = Login::new("offline_access")
        .redirect_uri(CALLBACK)
        .challenge_s256(challenge.ok_or("the URL has no challenge")?);
    let code = mock.login_code(granted);
    Ok(client.login(NAME).exchange(code, &attempt).await?)
}
