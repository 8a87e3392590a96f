//! Store apps: tickets, and the tokens that are issued for them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use tokio::time::Instant;

use super::App;
use super::app::ask;
use super::token::Token;
use crate::auth::v3::{app_access_token, app_ticket, tenant_access_token};
use crate::call::Core;
use crate::error::{AuthError, Error, ErrorKind, Result};
use crate::secret::same;
use crate::store::{Pending, StoreError};
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

fn no_ticket(cause: Option<StoreError>) -> Error {
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

/// Shortest time between two requests: a ticket may take a while to come, and more requests bring no more.
const SHORTEST: Duration = Duration::from_secs(30);

/// When the platform was last asked.
#[derive(Default)]
pub(super) struct Resend(Mutex<Option<Instant>>);

impl Resend {
    /// Asks, unless that was done a short while ago.
    pub(super) async fn ask(&self, core: &Arc<Core>, app: &App) -> Result<()> {
        if !self.is_due() {
            return Ok(());
        }
        tracing::info!("the platform is asked to push an app ticket");
        let request = app_ticket::Resend::new(&app.id, app.secret.clone());
        let result = ask(core, &request, None).await;
        if result.is_err() {
            // Nothing will come of it: whoever calls next asks again.
            *self.asked_at() = None;
        }
        result
    }

    fn is_due(&self) -> bool {
        let mut asked_at = self.asked_at();
        let now = Instant::now();
        let due = asked_at.is_none_or(|asked_at| now >= asked_at + SHORTEST);
        if due {
            *asked_at = Some(now);
        }
        due
    }

    /// Nothing panics with the lock held.
    fn asked_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the tickets of a store app come from.
///
/// [`Tickets`] is one for a program in which the event arrives in the same process. A program of several
/// processes keeps the ticket where all of them find it, and implements this trait.
pub trait TicketSource: Send + Sync + 'static {
    /// The ticket that came last; `None` where none has come yet.
    fn ticket<'a>(&'a self) -> Pending<'a, Result<Option<SecretString>, StoreError>>;

    /// Ends when there may be another ticket than this one, or than none. It is asked only while a call waits
    /// for a ticket; unless implemented it ends after a second.
    fn changed<'a>(&'a self, seen: Option<&'a SecretString>) -> Pending<'a, ()> {
        let _ = seen;
        Box::pin(tokio::time::sleep(Duration::from_secs(1)))
    }
}

/// A source that the program keeps too, or chooses at run time.
impl<T: TicketSource + ?Sized> TicketSource for Arc<T> {
    fn ticket<'a>(&'a self) -> Pending<'a, Result<Option<SecretString>, StoreError>> {
        (**self).ticket()
    }

    fn changed<'a>(&'a self, seen: Option<&'a SecretString>) -> Pending<'a, ()> {
        (**self).changed(seen)
    }
}

/// The ticket that came last, in memory. Cheap to clone; the clones are one.
///
/// The program's handler of the event `app_ticket` pushes it:
///
/// ```
/// use larkspur::tickets::Tickets;
///
/// # fn main() -> larkspur::Result<()> {
/// let tickets = Tickets::new();
/// let client = larkspur::Client::builder()
///     .store_app("cli_slkdjalasdkjasd", "dskLLdkasdjlasdKK", tickets.clone())
///     .build()?;
///
/// // In the handler of the event:
/// tickets.push("dskLLdkasd");
///
/// // In the name of the app, in a tenant that has installed it:
/// let client = client.for_tenant("73658811060f175d");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tickets(watch::Sender<Option<SecretString>>);

impl Tickets {
    /// Without a ticket.
    pub fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Keeps a ticket in place of the one before. Calls that wait for one go on.
    pub fn push(&self, ticket: impl Into<SecretString>) {
        self.0.send_replace(Some(ticket.into()));
    }
}

impl Default for Tickets {
    fn default() -> Self {
        Self::new()
    }
}

impl TicketSource for Tickets {
    fn ticket<'a>(&'a self) -> Pending<'a, Result<Option<SecretString>, StoreError>> {
        Box::pin(async { Ok(self.0.borrow().clone()) })
    }

    fn changed<'a>(&'a self, seen: Option<&'a SecretString>) -> Pending<'a, ()> {
        Box::pin(async move {
            let seen = seen.map(ExposeSecret::expose_secret);
            let other = |ticket: &Option<SecretString>| {
                let ticket = ticket.as_ref().map(ExposeSecret::expose_secret);
                ticket.is_some() && ticket != seen
            };
            // The sender is here: it cannot have gone away.
            let _ = self.0.subscribe().wait_for(other).await;
        })
    }
}

/// Without the ticket.
impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets")
    }
}
