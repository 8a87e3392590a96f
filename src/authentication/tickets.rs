//! Tickets of a store app: the platform pushes one every hour, in an event.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

use crate::store::{Pending, StoreError};

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
