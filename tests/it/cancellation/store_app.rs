//! Calls of a store app that are dropped while it has no ticket.

use std::sync::Arc;
use std::time::Duration;

use larkspur::Client;
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::tickets::Tickets;
use larkspur_mock::Mock;

use super::points::{Sent, at_each, built, elsewhere, no_task_is_left};

const ID: &str = "cli_store";
const SECRET: &str = "s3cret-of-the-store-app";
const APP_TOKEN: &str = "auth.v3.app_access_token.create";
const TENANT_TOKEN: &str = "auth.v3.tenant_access_token.create";
const RESEND: &str = "auth.v3.app_ticket.resend";

async fn call(client: &Client) -> larkspur::Result<()> {
    BatchGetTmpDownloadUrl::new(["boxcn1"]).send(client).await.map(|_| ())
}

/// The program that receives the event: it passes the ticket on shortly after the request.
async fn push(mock: Arc<Mock>, tickets: Tickets) {
    while mock.ticket_requests(ID) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    tickets.push(mock.push_ticket(ID));
}

#[tokio::test]
async fn dropped_call_requests_one_ticket() {
    let dropped = at_each(async |point| {
        let mock = Mock::builder().store_app(ID, SECRET).stopped_clock().rate_limits(false);
        let mock = Arc::new(elsewhere(async { mock.start().await.unwrap() }).await);
        let tickets = Tickets::new();
        let builder = Client::builder()
            .store_app(ID, SECRET, tickets.clone())
            .base_url(mock.base_url());
        let client = built(builder, &Sent::default()).for_tenant("tenant-1");
        let pushing = push(Arc::clone(&mock), tickets);
        elsewhere(async { drop(tokio::spawn(pushing)) }).await;

        let is_over = point.drop(call(&client)).await.is_some();
        no_task_is_left().await;
        call(&client).await.unwrap();
        assert_eq!(
            (mock.calls(RESEND), mock.calls(APP_TOKEN), mock.calls(TENANT_TOKEN)),
            (1, 1, 1),
            "{point:?}"
        );
        no_task_is_left().await;
        is_over
    })
    .await;
    assert!(dropped >= 2 * 3, "it was dropped at {dropped} points only");
}
