//! A store app: tickets, the app token for one, and a token in each tenant.

use std::time::Duration;

use crate::support::clock::wait;
use larkspur::Client;
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::error::{AuthError, ErrorKind};
use larkspur::secret::SecretString;
use larkspur::store::{Pending, StoreError};
use larkspur::tickets::{TicketSource, Tickets};
use larkspur_mock::{Failure, Mock};

const ID: &str = "cli_store";
const SECRET: &str = "s3cret-of-the-store-app";
const APP_TOKEN: &str = "auth.v3.app_access_token.create";
const TENANT_TOKEN: &str = "auth.v3.tenant_access_token.create";
const RESEND: &str = "auth.v3.app_ticket.resend";

async fn mock() -> Mock {
    Mock::builder()
        .store_app(ID, SECRET)
        .stopped_clock()
        .start()
        .await
        .unwrap()
}

fn client(mock: &Mock, tickets: impl TicketSource) -> Client {
    Client::builder()
        .store_app(ID, SECRET, tickets)
        .base_url(mock.base_url())
        .build()
        .unwrap()
}

async fn call(client: &Client) -> larkspur::Result<()> {
    BatchGetTmpDownloadUrl::new(["boxcn1"]).send(client).await.map(|_| ())
}

fn spawn(client: &Client) -> tokio::task::JoinHandle<larkspur::Result<()>> {
    let client = client.clone();
    tokio::spawn(async move { call(&client).await })
}

async fn until(done: impl Fn() -> bool) {
    while !done() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn tenants_share_the_app_token() {
    let mock = mock().await;
    let tickets = Tickets::new();
    tickets.push(mock.push_ticket(ID));
    let client = client(&mock, tickets);
    for tenant in ["tenant-1", "tenant-2", "tenant-1"] {
        call(&client.for_tenant(tenant)).await.unwrap();
    }
    assert_eq!((mock.calls(APP_TOKEN), mock.calls(TENANT_TOKEN)), (1, 2));
    assert_eq!(mock.ticket_requests(ID), 0);
}

#[tokio::test]
async fn requests_missing_ticket_and_waits() {
    let mock = mock().await;
    let tickets = Tickets::new();
    let client = client(&mock, tickets.clone()).for_tenant("tenant-1");
    let calls: Vec<_> = (0..8).map(|_| spawn(&client)).collect();
    until(|| mock.calls(RESEND) == 1).await;
    tickets.push(mock.push_ticket(ID));
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(mock.calls(RESEND), 1);
    assert_eq!(mock.calls(APP_TOKEN), 1);
}

#[tokio::test]
async fn requests_new_ticket_after_rejection() {
    let mock = mock().await;
    let tickets = Tickets::new();
    tickets.push("no-ticket-of-this-app");
    let client = client(&mock, tickets.clone()).for_tenant("tenant-1");
    let call = spawn(&client);
    until(|| mock.calls(RESEND) == 1).await;
    tickets.push(mock.push_ticket(ID));
    call.await.unwrap().unwrap();
    assert_eq!(mock.calls(APP_TOKEN), 2);
}

#[tokio::test]
async fn missing_ticket_error_has_hint() {
    let mock = mock().await;
    let client = client(&mock, Tickets::new()).for_tenant("tenant-1");
    let waiting = spawn(&client);
    until(|| mock.calls(RESEND) == 1).await;
    // Until the client has the response, too.
    tokio::time::sleep(Duration::from_millis(50)).await;
    wait(Duration::from_secs(21)).await;
    let error = waiting.await.unwrap().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Auth(AuthError::NoTicket { cause: None })),
        "{error}"
    );
    assert!(error.to_string().contains("subscribe the app to the event"), "{error}");
}

#[tokio::test]
async fn requests_ticket_once_for_all_calls() {
    let mock = mock().await;
    let tickets = Tickets::new();
    let client = client(&mock, tickets.clone());
    for tenant in ["tenant-1", "tenant-2", "tenant-3"] {
        let impatient = client.for_tenant(tenant).with_deadline(Duration::from_millis(30));
        call(&impatient).await.unwrap_err();
    }
    assert_eq!(mock.calls(RESEND), 1);
}

#[tokio::test]
async fn next_call_retries_ticket_request() {
    let mock = mock().await;
    let tickets = Tickets::new();
    let client = client(&mock, tickets.clone()).for_tenant("tenant-1");
    mock.fail_next(RESEND, Failure::code(10014)).unwrap();
    assert_eq!(call(&client).await.unwrap_err().code(), Some(10014));
    wait(Duration::from_secs(1)).await;
    let call = spawn(&client);
    until(|| mock.calls(RESEND) == 2).await;
    tickets.push(mock.push_ticket(ID));
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn replaces_rejected_app_token() {
    let mock = mock().await;
    let tickets = Tickets::new();
    tickets.push(mock.push_ticket(ID));
    let client = client(&mock, tickets);
    call(&client.for_tenant("tenant-1")).await.unwrap();
    mock.expire_tokens();
    call(&client.for_tenant("tenant-2")).await.unwrap();
    assert_eq!(mock.calls(APP_TOKEN), 2);
}

#[tokio::test]
async fn store_app_requires_tenant() {
    let mock = mock().await;
    let client = client(&mock, Tickets::new());
    for client in [&client, &client.as_tenant(), &client.for_tenant("")] {
        let error = call(client).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Auth(AuthError::NoTenant)), "{error}");
    }
    assert!(mock.requests().is_empty());
}

/// An external source of tickets that fails.
struct Broken;

impl TicketSource for Broken {
    fn ticket<'a>(&'a self) -> Pending<'a, Result<Option<SecretString>, StoreError>> {
        Box::pin(async { Err(StoreError::new("the table of tickets is locked")) })
    }
}

#[tokio::test]
async fn ticket_source_error_is_included() {
    let mock = mock().await;
    let error = call(&client(&mock, Broken).for_tenant("tenant-1")).await.unwrap_err();
    assert!(error.to_string().contains("the table of tickets is locked"), "{error}");
}

/// A source of tickets that never responds.
struct Hanging;

impl TicketSource for Hanging {
    fn ticket<'a>(&'a self) -> Pending<'a, Result<Option<SecretString>, StoreError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn hanging_ticket_source_ends_for_all_tenants() {
    let mock = mock().await;
    let client = client(&mock, Hanging);
    let calls = ["tenant-1", "tenant-2"].map(|tenant| spawn(&client.for_tenant(tenant)));
    tokio::time::sleep(Duration::from_millis(50)).await;
    wait(Duration::from_secs(6)).await;
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Auth(AuthError::NoTicket { cause: Some(_) })),
            "{error}"
        );
    }
}

/// A source that reports changes but never has a ticket.
struct Spinning;

impl TicketSource for Spinning {
    fn ticket<'a>(&'a self) -> Pending<'a, Result<Option<SecretString>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    fn changed<'a>(&'a self, _seen: Option<&'a SecretString>) -> Pending<'a, ()> {
        Box::pin(async {})
    }
}

#[tokio::test]
async fn spinning_ticket_source_does_not_block() {
    let mock = mock().await;
    let client = client(&mock, Spinning).for_tenant("tenant-1");
    let error = call(&client.with_deadline(Duration::from_millis(300)))
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
}
