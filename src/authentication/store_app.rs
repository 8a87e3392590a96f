//! Tokens of a store app: the app token for a ticket, and with it the token for each tenant.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;

use super::app::{App, send_auth_request};
use super::tickets::TicketSource;
use super::token::Token;
use crate::auth::v3::{app_access_token, app_ticket, tenant_access_token};
use crate::call::Core;
use crate::error::{AuthError, Error, ErrorKind, Result};
use crate::secret::same;
use crate::store::StoreError;
use crate::wire::Decode;

/// Error code of a ticket that is not, or no longer, valid for the app.
const INVALID_TICKET: i64 = 10012;
/// Error codes with which the platform rejects an app token.
const INVALID_APP_TOKEN: [i64; 3] = [INVALID_TICKET, 99991664, 99991665];
/// Maximum wait for a ticket after the platform was asked to push one.
const TICKET_WAIT: Duration = Duration::from_secs(20);

/// Fetches the app token in exchange for a ticket. If the ticket is missing or the platform rejects it, requests a new ticket
/// and tries that one once.
pub(super) async fn app_token(
    core: &Arc<Core>,
    app: &App,
    tickets: &dyn TicketSource,
    resend: &TicketResend,
) -> Result<Token> {
    let deadline = Instant::now() + TICKET_WAIT;
    let mut rejected = None;
    loop {
        let ticket = match latest_ticket(tickets, rejected.as_ref()).await? {
            Some(ticket) => ticket,
            None => {
                resend.request(core, app).await?;
                wait_for_ticket(tickets, rejected.as_ref(), deadline).await?
            }
        };
        match exchange_ticket(core, app, ticket.clone()).await {
            Err(error) if error.code() == Some(INVALID_TICKET) && rejected.is_none() => rejected = Some(ticket),
            result => return result,
        }
    }
}

/// Returns the latest ticket, unless it is the one that the platform rejected.
async fn latest_ticket(tickets: &dyn TicketSource, rejected: Option<&SecretString>) -> Result<Option<SecretString>> {
    let ticket = tickets.ticket().await.map_err(|error| no_ticket(Some(error)))?;
    let other = |ticket: &SecretString| rejected.is_none_or(|rejected| !same(rejected, ticket));
    Ok(ticket.filter(other))
}

/// Waits for a requested ticket.
async fn wait_for_ticket(
    tickets: &dyn TicketSource,
    rejected: Option<&SecretString>,
    deadline: Instant,
) -> Result<SecretString> {
    let changed = async {
        loop {
            if let Some(ticket) = latest_ticket(tickets, rejected).await? {
                return Ok(ticket);
            }
            tickets.changed(rejected).await;
        }
    };
    let changed = tokio::time::timeout_at(deadline, changed).await;
    changed.unwrap_or_else(|_| Err(no_ticket(None)))
}

fn no_ticket(cause: Option<StoreError>) -> Error {
    let problem = ErrorKind::Auth(AuthError::NoTicket { cause });
    Error::at(&app_access_token::Create::ENDPOINT, problem)
}

async fn exchange_ticket(core: &Arc<Core>, app: &App, ticket: SecretString) -> Result<Token> {
    let requested_at = Instant::now();
    let request = app_access_token::Create::new(&app.id, app.secret.clone(), ticket);
    let mut response = app_access_token::CreateResponse::blank();
    send_auth_request(core, &request, Some(&mut response)).await?;
    Token::from_response(
        &app_access_token::Create::ENDPOINT,
        "app_access_token",
        response.app_access_token,
        requested_at,
        response.expire,
    )
}

/// Fetches the app's token for a tenant in exchange for the app token. If the platform rejects that one, tries another
/// once.
pub(super) async fn tenant_token(core: &Arc<Core>, tenant: &str) -> Result<Token> {
    let mut tried = false;
    loop {
        let app_token = core.auth.app_token(core).await?;
        let result = request_tenant_token(core, app_token.clone(), tenant).await;
        let rejected = |error: &Error| error.code().is_some_and(|code| INVALID_APP_TOKEN.contains(&code));
        match result {
            Err(error) if !tried && rejected(&error) && core.auth.app_cache.invalidate(&app_token) => tried = true,
            result => return result,
        }
    }
}

async fn request_tenant_token(core: &Arc<Core>, app_token: SecretString, tenant: &str) -> Result<Token> {
    let requested_at = Instant::now();
    let request = tenant_access_token::Create::new(app_token, tenant);
    let mut response = tenant_access_token::CreateResponse::blank();
    send_auth_request(core, &request, Some(&mut response)).await?;
    Token::from_response(
        &tenant_access_token::Create::ENDPOINT,
        "tenant_access_token",
        response.tenant_access_token,
        requested_at,
        response.expire,
    )
}

/// Minimum time between two requests for a ticket: delivery takes a while, and more requests do not speed it up.
const MIN_RESEND_INTERVAL: Duration = Duration::from_secs(30);

/// Time of the last request for a ticket.
#[derive(Default)]
pub(super) struct TicketResend(Mutex<Option<Instant>>);

impl TicketResend {
    /// Requests a ticket, unless that was done recently.
    pub(super) async fn request(&self, core: &Arc<Core>, app: &App) -> Result<()> {
        if !self.is_due() {
            return Ok(());
        }
        tracing::info!("requesting an app ticket from the platform");
        let request = app_ticket::Resend::new(&app.id, app.secret.clone());
        let result = send_auth_request(core, &request, None).await;
        if result.is_err() {
            // The request failed, so the next caller may send another.
            *self.requested_at() = None;
        }
        result
    }

    fn is_due(&self) -> bool {
        let mut requested_at = self.requested_at();
        let now = Instant::now();
        let due = requested_at.is_none_or(|requested_at| now >= requested_at + MIN_RESEND_INTERVAL);
        if due {
            *requested_at = Some(now);
        }
        due
    }

    /// No code panics while it holds the lock.
    fn requested_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
