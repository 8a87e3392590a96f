//! Tickets of store apps, which the platform pushes every hour in the event `app_ticket`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

use crate::store::{Pending, StoreError};

/// A source of the tickets that the platform pushes to a store app every hour.
///
/// [`Tickets`] is for programs whose process receives the event itself. Programs with several processes store the
/// ticket where all of them find it, and implement this trait.
pub trait TicketSource: Send + Sync + 'static {
    /// Returns the latest ticket; `None` before the first. Calls of all tenants wait for it, for at most five seconds.
    fn ticket<'a>(&'a self) -> Pending<'a, Result<Option<SecretString>, StoreError>>;

    /// Completes when the ticket may differ from `seen`. It is polled only while a call waits for a ticket; by default
    /// it completes after a second.
    fn changed<'a>(&'a self, seen: Option<&'a SecretString>) -> Pending<'a, ()> {
        let _ = seen;
        Box::pin(tokio::time::sleep(Duration::from_secs(1)))
    }
}

/// Forwards to the source behind the `Arc`, which may be chosen at run time.
impl<T: TicketSource + ?Sized> TicketSource for Arc<T> {
    fn ticket<'a>(&'a self) -> Pending<'a, Result<Option<SecretString>, StoreError>> {
        (**self).ticket()
    }

    fn changed<'a>(&'a self, seen: Option<&'a SecretString>) -> Pending<'a, ()> {
        (**self).changed(seen)
    }
}

/// The latest ticket, in memory. Clones are cheap and share the ticket.
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
/// // Calls of the app in a tenant that has installed it:
/// let client = client.for_tenant("73658811060f175d");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tickets(watch::Sender<Option<SecretString>>);

impl Tickets {
    /// Creates a source without a ticket.
    pub fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Replaces the ticket. Calls that wait for one continue.
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
            // The sender is `self`, so it cannot be closed.
            let _ = self.0.subscribe().wait_for(other).await;
        })
    }
}

/// Omits the ticket.
impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets")
    }
}
