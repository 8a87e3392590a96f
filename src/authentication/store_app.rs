//! Tokens of a store app: the app token for a ticket, and with it the token in each tenant.

use std::sync::Arc;

use secrecy::SecretString;
use tokio::time::{Duration, Instant};

use super::App;
use super::asking::ask;
use super::resend::Resend;
use super::tickets::TicketSource;
use super::token::Token;
use crate::auth::v3::{app_access_token, tenant_access_token};
use crate::client::Core;
use crate::error::{AuthError, Error, ErrorKind, Result};
use crate::secret::same;
use crate::wire::Decode;

/// The ticket is not, or no longer, the app's.
const BAD_TICKET: i64 = 10012;
/// Codes with which the platform refuses an app token.
const BAD_APP_TOKEN: [i64; 3] = [BAD_TICKET, 99991664, 99991665];
/// Longest wait for a ticket that the platform was asked to push.
const TICKET_WAIT: Duration = Duration::from_secs(20);

/// The app token, for a ticket. Where there is none, or the platform refuses it, the platform is asked to push
/// one, and the next that comes is tried once.
pub(super) async fn app_token(
    core: &Arc<Core>,
    app: &App,
    tickets: &dyn TicketSource,
    resend: &Resend,
) -> Result<Token> {
    let until = Instant::now() + TICKET_WAIT;
    let mut refused = None;
    loop {
        let ticket = match ticket(tickets, refused.as_ref()).await? {
            Some(ticket) => ticket,
            None => {
                resend.ask(core, app).await?;
                wait(tickets, refused.as_ref(), until).await?
            }
        };
        match exchange(core, app, ticket.clone()).await {
            Err(error) if error.code() == Some(BAD_TICKET) && refused.is_none() => refused = Some(ticket),
            result => return result,
        }
    }
}

/// The ticket that came last, if it is not the one that the platform refused.
async fn ticket(tickets: &dyn TicketSource, refused: Option<&SecretString>) -> Result<Option<SecretString>> {
    let ticket = tickets.ticket().await.map_err(|error| no_ticket(Some(error)))?;
    let other = |ticket: &SecretString| refused.is_none_or(|refused| !same(refused, ticket));
    Ok(ticket.filter(other))
}

/// Waits for the ticket that the platform was asked to push.
async fn wait(tickets: &dyn TicketSource, refused: Option<&SecretString>, until: Instant) -> Result<SecretString> {
    let come = async {
        loop {
            if let Some(ticket) = ticket(tickets, refused).await? {
                return Ok(ticket);
            }
            tickets.changed(refused).await;
        }
    };
    let come = tokio::time::timeout_at(until, come).await;
    come.unwrap_or_else(|_| Err(no_ticket(None)))
}

fn no_ticket(cause: Option<crate::store::StoreError>) -> Error {
    let problem = ErrorKind::Auth(AuthError::NoTicket { cause });
    Error::at(&app_access_token::Create::ENDPOINT, problem)
}

async fn exchange(core: &Arc<Core>, app: &App, ticket: SecretString) -> Result<Token> {
    let asked_at = Instant::now();
    let request = app_access_token::Create::new(&app.id, app.secret.clone(), ticket);
    let mut response = app_access_token::CreateResponse::blank();
    ask(core, &request, Some(&mut response)).await?;
    Token::issued(
        &app_access_token::Create::ENDPOINT,
        "app_access_token",
        response.app_access_token,
        asked_at,
        response.expire,
    )
}

/// The app's token in a tenant, for the app token. Where the platform refuses that one, another is tried once.
pub(super) async fn tenant_token(core: &Arc<Core>, tenant: &str) -> Result<Token> {
    let mut tried = false;
    loop {
        let app_token = core.access.app_token(core).await?;
        let result = in_tenant(core, app_token.clone(), tenant).await;
        let refused = |error: &Error| error.code().is_some_and(|code| BAD_APP_TOKEN.contains(&code));
        match result {
            Err(error) if !tried && refused(&error) && core.access.app_cell.refuse(&app_token) => tried = true,
            result => return result,
        }
    }
}

async fn in_tenant(core: &Arc<Core>, app_token: SecretString, tenant: &str) -> Result<Token> {
    let asked_at = Instant::now();
    let request = tenant_access_token::Create::new(app_token, tenant);
    let mut response = tenant_access_token::CreateResponse::blank();
    ask(core, &request, Some(&mut response)).await?;
    Token::issued(
        &tenant_access_token::Create::ENDPOINT,
        "tenant_access_token",
        response.tenant_access_token,
        asked_at,
        response.expire,
    )
}
