//! Pagination: paged lists as streams.
//!
//! Requests of paged endpoints have the methods `pages` and `items`. Both return a [`Stream`]
//! with a `next` method of its own, so no other crate is needed. Each page is an ordinary call with the client's
//! tokens, rate limits and retries, and is requested when the previous one has been consumed.
//!
//! ```no_run
//! # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
//! use larkspur::drive::v1::file;
//!
//! let mut files = file::List::new().folder_token("fldcn1").items(&client);
//! while let Some(file) = files.next().await {
//!     println!("{:?}", file?.name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! After an error the stream ends. [`Items::resume_request`] returns the request to resume from.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, vec};

use futures_core::Stream;

use crate::Client;
use crate::endpoint::{EndpointInfo, Request};
use crate::error::{Error, ErrorKind, PaginationError, Result};
use crate::wire::{Decode, Fields as _, FieldsMut};

/// A request of a paged endpoint; implemented by generated code.
///
/// Callers use the methods `pages` and `items` of the request and need not import this trait.
pub trait Paged: Request + Clone + 'static {
    /// The response with one page.
    type Page: FieldsMut + Decode + Send + 'static;
    /// An item of the list in a page.
    type Item: Send + 'static;

    /// Returns the page token of the request; empty for the first page.
    fn token(&self) -> &str;

    /// Returns the request for the page with this token.
    fn with_token(&self, token: &str) -> Self;

    /// The keys of a page for whether there is another one, for its token, and for the list.
    const KEYS: [&'static str; 3];

    /// Returns whether the response announces another page, `None` if it does not state so, and its token; empty if missing.
    fn following(page: &Self::Page) -> (Option<bool>, &str);

    /// Returns the list in a page.
    fn items(page: Self::Page) -> Vec<Self::Item>;
}

/// Returns the request for the page after this one; `None` after the last page.
///
/// # Errors
///
/// Fails if the page contradicts itself, see [`PaginationError`].
pub fn next<R: Paged>(request: &R, page: &R::Page) -> Result<Option<R>> {
    let token = next_token::<R>(page).map_err(|error| Error::at(request.endpoint(), ErrorKind::Pagination(error)))?;
    Ok(token.map(|token| request.with_token(token)))
}

/// Returns the token of the page after this one. A token continues the list unless the page states that it is the last one:
/// then the platform may leave a token over.
fn next_token<R: Paged>(page: &R::Page) -> Result<Option<&str>, PaginationError> {
    let does_not_fit = |key: &str| page.unknown().is_some_and(|unknown| unknown.get(key).is_some());
    let [more, next, list] = R::KEYS;
    if does_not_fit(list) {
        return Err(PaginationError::mismatch(list));
    }
    match R::following(page) {
        (Some(true) | None, token) if !token.is_empty() => Ok(Some(token)),
        (Some(true), _) if !does_not_fit(next) => Err(PaginationError::NoToken),
        (Some(false), _) => Ok(None),
        _ => match [more, next].into_iter().find(|key| does_not_fit(key)) {
            Some(key) => Err(PaginationError::mismatch(key)),
            None => Ok(None),
        },
    }
}

/// A call for a page in progress.
type Call<P> = Pin<Box<dyn Future<Output = Result<P>> + Send>>;

/// The pages of a list as a stream; returned by `pages` of a request.
///
/// It owns the client and the request, so it can be moved to another task. A page is requested on demand, never ahead.
/// Dropping the stream cancels the call in progress.
#[must_use = "a stream does nothing unless polled"]
pub struct Pages<R: Paged> {
    client: Client,
    /// Request for the next page; after an error, for the failed one.
    next: Option<R>,
    /// Request for the page that was returned last.
    current: Option<R>,
    call: Option<Call<R::Page>>,
    cycle: CycleDetector,
    /// Error to return instead of the next page.
    error: Option<PaginationError>,
    ended: bool,
}

impl<R: Paged> Pages<R> {
    /// Creates a stream that starts with the page of this request.
    pub fn new(client: &Client, request: R) -> Self {
        Self {
            client: client.clone(),
            cycle: CycleDetector::new(request.token()),
            next: Some(request),
            current: None,
            call: None,
            error: None,
            ended: false,
        }
    }

    /// Returns the next page; `None` after the last page and after an error.
    ///
    /// Cancel safe: if the future is dropped, the next `next` continues the call.
    ///
    /// # Errors
    ///
    /// Those of the call, and [`ErrorKind::Pagination`] if the page tokens form a cycle or a page contradicts itself.
    pub async fn next(&mut self) -> Option<Result<R::Page>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Returns the request for the remaining pages: after an error, for the failed page; `None` after the last page.
    ///
    /// It can be sent later, or its token stored for another process.
    pub fn resume_request(&self) -> Option<&R> {
        self.next.as_ref()
    }

    /// Returns the request for the page that was returned last.
    fn current_request(&self) -> Option<&R> {
        self.current.as_ref()
    }

    /// Moves to the page after this one.
    fn advance(&mut self, page: &R::Page) {
        let Some(request) = self.next.take() else { return };
        (self.next, self.error) = match next_token::<R>(page) {
            Ok(None) => (None, None),
            Err(error) => (Some(request.clone()), Some(error)),
            Ok(Some(token)) => {
                let error = self.cycle.is_repeat(token).then(|| PaginationError::cycle(token));
                (Some(request.with_token(token)), error)
            }
        };
        self.current = Some(request);
    }

    /// Ends the stream with an error.
    fn end(&mut self, error: Error) -> Poll<Option<Result<R::Page>>> {
        self.ended = true;
        Poll::Ready(Some(Err(error)))
    }
}

/// No field is pinned structurally: the call is boxed.
impl<R: Paged> Unpin for Pages<R> {}

impl<R: Paged> Stream for Pages<R> {
    type Item = Result<R::Page>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(request) = this.next.as_ref().filter(|_| !this.ended) else {
            return Poll::Ready(None);
        };
        if let Some(error) = this.error.take() {
            let error = Error::at(request.endpoint(), ErrorKind::Pagination(error));
            return this.end(error);
        }
        let call = this
            .call
            .get_or_insert_with(|| Box::pin(fetch_page(this.client.clone(), request.clone())));
        let result = ready!(call.as_mut().poll(context));
        this.call = None;
        match result {
            Ok(page) => {
                this.advance(&page);
                Poll::Ready(Some(Ok(page)))
            }
            Err(error) => this.end(error),
        }
    }
}

/// Requests one page.
async fn fetch_page<R: Paged>(client: Client, request: R) -> Result<R::Page> {
    let mut page = R::Page::blank();
    client.call(&request, &mut page).await?;
    Ok(page)
}

impl<R: Paged> fmt::Debug for Pages<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self
            .next
            .as_ref()
            .or(self.current.as_ref())
            .map(|request| request.endpoint());
        f.debug_struct("Pages")
            .field("endpoint", &endpoint.map(|endpoint: &EndpointInfo| endpoint.id))
            .field("in_flight", &self.call.is_some())
            .finish_non_exhaustive()
    }
}

/// The items of a list as a stream; returned by `items` of a request.
///
/// It flattens [`Pages`]: the next page is requested when all items of the previous one have been returned. Empty
/// pages, which a list may contain in its middle, are skipped.
#[must_use = "a stream does nothing unless polled"]
pub struct Items<R: Paged> {
    pages: Pages<R>,
    /// Remaining items of the current page.
    items: vec::IntoIter<R::Item>,
}

impl<R: Paged> Items<R> {
    /// Creates a stream that starts with the page of this request.
    pub fn new(client: &Client, request: R) -> Self {
        Self {
            pages: Pages::new(client, request),
            items: Vec::new().into_iter(),
        }
    }

    /// Returns the next item; `None` after the last one and after an error.
    ///
    /// Cancel safe: if the future is dropped, the next `next` continues the call.
    ///
    /// # Errors
    ///
    /// Those of [`Pages::next`], after all items of the preceding pages.
    pub async fn next(&mut self) -> Option<Result<R::Item>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Returns the request for the first page that was not returned completely: after an error, for the failed page;
    /// `None` after the last item.
    ///
    /// Resuming from it skips no item. If the stream was left in the middle of a page, the items of that page are
    /// repeated.
    ///
    /// ```no_run
    /// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
    /// use larkspur::drive::v1::file;
    ///
    /// let mut files = file::List::new().items(&client);
    /// while let Some(file) = files.next().await {
    ///     match file {
    ///         Ok(file) => println!("{:?}", file.name),
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// }
    /// if let Some(request) = files.resume_request() {
    ///     println!("resume with page_token {:?}", request.page_token);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume_request(&self) -> Option<&R> {
        match self.items.as_slice() {
            [] => self.pages.resume_request(),
            _ => self.pages.current_request(),
        }
    }
}

/// No field is pinned structurally.
impl<R: Paged> Unpin for Items<R> {}

impl<R: Paged> Stream for Items<R> {
    type Item = Result<R::Item>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.items = R::items(page).into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<R: Paged> fmt::Debug for Items<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .field("remaining_on_page", &self.items.len())
            .finish()
    }
}

/// Detects cycles of page tokens in constant memory.
///
/// A repeated token is detected immediately. For longer cycles, the token is compared with a stored one that is
/// replaced at intervals of doubling length (Brent's algorithm).
#[derive(Debug, Default)]
pub(super) struct CycleDetector {
    last: String,
    stored: String,
    /// Number of tokens since the stored one.
    steps: u64,
    /// Number of tokens until the stored one is replaced.
    limit: u64,
}

impl CycleDetector {
    /// Starts with the token of the first page, which is empty at the beginning of a list.
    pub(super) fn new(first: &str) -> Self {
        Self {
            last: first.to_owned(),
            stored: first.to_owned(),
            steps: 0,
            limit: 1,
        }
    }

    /// Adds the token of the next page. Returns whether it closes a cycle.
    pub(super) fn is_repeat(&mut self, token: &str) -> bool {
        if token == self.last || token == self.stored {
            return true;
        }
        token.clone_into(&mut self.last);
        self.steps += 1;
        if self.steps == self.limit {
            token.clone_into(&mut self.stored);
            self.steps = 0;
            self.limit = self.limit.saturating_mul(2);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::CycleDetector;

    /// Returns the number of tokens before a cycle is detected.
    fn tokens_before_detection(lead: usize, cycle: usize) -> usize {
        let mut seen = CycleDetector::new("");
        let token = |index: usize| match index {
            index if index < lead => format!("lead-{index}"),
            index => format!("cycle-{}", (index - lead) % cycle),
        };
        (0..10_000).take_while(|index| !seen.is_repeat(&token(*index))).count()
    }

    #[test]
    fn detects_repeated_token_immediately() {
        for lead in [0, 1, 5, 100] {
            assert_eq!(tokens_before_detection(lead, 1), lead + 1);
        }
    }

    #[test]
    fn detects_cycles_within_four_rounds() {
        for lead in 0..20 {
            for cycle in 2..20 {
                let taken = tokens_before_detection(lead, cycle);
                assert!(taken >= lead + cycle, "{lead} {cycle}: {taken} is too early");
                assert!(taken <= 4 * (lead + cycle), "{lead} {cycle}: {taken} is too late");
            }
        }
    }

    #[test]
    fn accepts_distinct_tokens() {
        let mut seen = CycleDetector::new("");
        assert!((0..10_000).all(|index| !seen.is_repeat(&index.to_string())));
    }

    #[test]
    fn includes_the_first_token() {
        assert!(CycleDetector::new("here").is_repeat("here"));
    }
}
