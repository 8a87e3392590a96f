//! Apps, and the tokens of custom apps and of store apps.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::tickets::TicketSource;
use super::token::{Token, poll_delay};
use crate::auth::v3::{app_access_token, app_ticket, tenant_access_token};
use crate::call::{CallOptions, Core};
use crate::endpoint::{AppKind, Request};
use crate::error::{AuthError, Error, ErrorKind, Result};
use crate::secret::{hex, is_same_secret};
use crate::store::{StoreError, with_timeout};
use crate::wire::{Decode, FieldsMut};

/// Id and secret of an app; for a store app also the source of its tickets.
#[derive(Clone)]
pub(crate) struct App {
    pub id: String,
    pub secret: SecretString,
    pub tickets: Option<Arc<dyn TicketSource>>,
}

impl App {
    pub(super) fn kind(&self) -> AppKind {
        match self.tickets {
            Some(_) => AppKind::Store,
            None => AppKind::Custom,
        }
    }

    /// Returns the key under which processes share a token of this app. It is an HMAC keyed with the secret: a process
    /// with a wrong secret does not find tokens of the right one, and the key reveals neither id nor secret.
    pub(super) fn shared_token_key(&self, base_url: &str, kind: &str, tenant: &str) -> String {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, self.secret.expose_secret().as_bytes());
        let mut context = ring::hmac::Context::with_key(&key);
        for part in ["larkspur token 1", base_url, &self.id, kind, tenant] {
            // The length prefix makes the encoding of the parts unambiguous.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        format!("token:{kind}:{}", hex(context.sign().as_ref()))
    }
}

/// Omits the secret.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "App({})", self.id)
    }
}

/// Deadline of a token request, retries and waits included. Callers stop waiting at their own deadlines.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Sends a request for a token or a ticket, with [`TIMEOUT`].
pub(super) async fn send_auth_request(
    core: &Arc<Core>,
    request: &dyn Request,
    into: Option<&mut (dyn FieldsMut + Send)>,
) -> Result<()> {
    core.call(request, into, &auth_options()).await
}

/// Sends a request for a token, and returns the JSON of its response.
pub(super) async fn send_auth_request_for_json(core: &Arc<Core>, request: &dyn Request) -> Result<SecretString> {
    core.call_json(request, &auth_options()).await.map(SecretString::from)
}

fn auth_options() -> CallOptions {
    CallOptions {
        deadline: TIMEOUT,
        ..CallOptions::new(TIMEOUT)
    }
}

/// Fetches the tenant token of a custom app.
pub(super) async fn custom_tenant_token(core: &Arc<Core>, app: &App) -> Result<Token> {
    // The lifetime counts from before the request, whatever the response time.
    let requested_at = Instant::now();
    let request = tenant_access_token::Internal::new(&app.id, app.secret.clone());
    let mut response = tenant_access_token::InternalResponse::blank();
    send_auth_request(core, &request, Some(&mut response)).await?;
    Token::from_response(
        &tenant_access_token::Internal::ENDPOINT,
        "tenant_access_token",
        response.tenant_access_token,
        requested_at,
        response.expire,
    )
}

/// Fetches the app token of a custom app.
pub(super) async fn custom_app_token(core: &Arc<Core>, app: &App) -> Result<Token> {
    let requested_at = Instant::now();
    let request = app_access_token::Internal::new(&app.id, app.secret.clone());
    let mut response = app_access_token::InternalResponse::blank();
    send_auth_request(core, &request, Some(&mut response)).await?;
    Token::from_response(
        &app_access_token::Internal::ENDPOINT,
        "app_access_token",
        response.app_access_token,
        requested_at,
        response.expire,
    )
}

/// Error code of a ticket that is not, or no longer, valid for the app.
const INVALID_TICKET: i64 = 10012;
/// Error codes with which the platform rejects an app token.
const INVALID_APP_TOKEN: [i64; 3] = [INVALID_TICKET, 99991664, 99991665];
/// Maximum wait for a ticket after the platform was asked to push one.
const TICKET_WAIT: Duration = Duration::from_secs(20);

/// Timeout of a look at the ticket source, which users implement: all tenants wait for it.
const SOURCE_TIMEOUT: Duration = Duration::from_secs(5);

/// Fetches the app token in exchange for a ticket. If the ticket is missing or the platform rejects it, requests a new ticket
/// and tries that one once.
pub(super) async fn store_app_token(
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
    let ticket = with_timeout(SOURCE_TIMEOUT, tickets.ticket()).await;
    let ticket = ticket.map_err(|error| no_ticket(Some(error)))?;
    let other = |ticket: &SecretString| rejected.is_none_or(|rejected| !is_same_secret(rejected, ticket));
    Ok(ticket.filter(other))
}

/// Waits for a requested ticket.
async fn wait_for_ticket(
    tickets: &dyn TicketSource,
    rejected: Option<&SecretString>,
    deadline: Instant,
) -> Result<SecretString> {
    let changed = async {
        if let Some(ticket) = latest_ticket(tickets, rejected).await? {
            return Ok(ticket);
        }
        loop {
            tickets.changed(rejected).await;
            if let Some(ticket) = latest_ticket(tickets, rejected).await? {
                return Ok(ticket);
            }
            // A source that reports changes without one must not occupy the thread.
            tokio::time::sleep(poll_delay()).await;
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
pub(super) async fn store_tenant_token(core: &Arc<Core>, tenant: &str) -> Result<Token> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn name(base_url: &str, id: &str, secret: &str, tenant: &str) -> String {
        let app = App {
            id: id.to_owned(),
            secret: secret.into(),
            tickets: None,
        };
        app.shared_token_key(base_url, "tenant", tenant)
    }

    #[test]
    fn shares_tokens_only_with_equal_credentials() {
        let host = "https://open.feishu.cn";
        let shared = name(host, "cli_1", "right-secret", "");
        assert_eq!(shared, name(host, "cli_1", "right-secret", ""));
        for other in [
            name(host, "cli_1", "wrong-secret", ""),
            name("https://open.larksuite.com", "cli_1", "right-secret", ""),
            name(host, "cli_2", "right-secret", ""),
            name(host, "cli_1", "right-secret", "tenant"),
            name(host, "cli_1t", "right-secret", "enant"),
        ] {
            assert_ne!(shared, other);
        }
    }

    #[test]
    fn shared_key_reveals_no_id_or_secret() {
        let shared = name("https://open.feishu.cn", "cli_1", "right-secret", "tenant-key");
        assert_eq!(shared.len(), "token:tenant:".len() + 64);
        for part in ["cli_1", "right-secret", "tenant-key"] {
            assert!(!shared.contains(part), "{shared}");
        }
    }
}
