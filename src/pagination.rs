//! Lists that come in pages, as streams.
//!
//! A request whose answers come in pages has `pages` and `items`. Both give a [`Stream`](futures_core::Stream) that
//! needs no other crate: `next` is a method of its own. Each page is a call like any other, under the endpoint's limits,
//! with the client's tokens and retries, and is asked for when the one before has been taken.
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
//! After an error a stream ends, and `rest` gives the request with which to go on: see [`Items::rest`].

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, vec};

use futures_core::Stream;

use crate::Client;
use crate::endpoint::{EndpointInfo, Request};
use crate::error::{Error, ErrorKind, PaginationError, Result};
use crate::wire::{Decode, FieldsMut};

/// A request whose answers come in pages; generated for every endpoint that has them.
///
/// Nobody has to name it to use `pages` and `items`, which are methods of the request.
pub trait Paged: Request + Clone + 'static {
    /// One page.
    type Page: FieldsMut + Decode + Send + 'static;
    /// What there is a list of in a page.
    type Item: Send + 'static;

    /// The token of the page that the request asks for; empty for the first.
    fn token(&self) -> &str;

    /// The same request for the page with this token.
    fn with_token(&self, token: &str) -> Self;

    /// Whether a page says that there is another, and that one's token; empty where there is none.
    fn following(page: &Self::Page) -> (bool, &str);

    /// The list in a page.
    fn items(page: Self::Page) -> Vec<Self::Item>;
}

/// The request for the page after this one; `None` where it was the last, or does not tell which comes after it.
pub fn next<R: Paged>(request: &R, page: &R::Page) -> Option<R> {
    let (more, token) = R::following(page);
    (more && !token.is_empty()).then(|| request.with_token(token))
}

/// A call for a page, under way.
type Call<P> = Pin<Box<dyn Future<Output = Result<P>> + Send>>;

/// The pages of a list, one after another: what `pages` of a request gives.
///
/// It keeps the client and the request, so it can be moved to another task. A page is asked for when it is wanted, never
/// ahead. Dropping the stream drops the call that is under way.
#[must_use = "a stream does nothing until it is asked for its next page"]
pub struct Pages<R: Paged> {
    client: Client,
    /// For the page that comes next; that of the page which failed, after an error.
    rest: Option<R>,
    /// For the page that was given last.
    given: Option<R>,
    call: Option<Call<R::Page>>,
    circle: Circle,
    /// Why no page comes after the one that was given.
    fault: Option<PaginationError>,
    ended: bool,
}

impl<R: Paged> Pages<R> {
    /// The pages from the one that this request asks for.
    pub fn new(client: &Client, request: R) -> Self {
        Self {
            client: client.clone(),
            circle: Circle::new(request.token()),
            rest: Some(request),
            given: None,
            call: None,
            fault: None,
            ended: false,
        }
    }

    /// The next page; `None` where there is no other, and after an error.
    ///
    /// If the future is dropped, nothing is lost: the call goes on with the next `next`.
    ///
    /// # Errors
    ///
    /// Those of the call, and [`ErrorKind::Pagination`] where the platform leads round in a circle or to nowhere.
    pub async fn next(&mut self) -> Option<Result<R::Page>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The request for the pages that have not been given: after an error that of the page which failed; `None` once
    /// all were given.
    ///
    /// It is the same request with the token of that page, so it can be sent later, or its token kept for another process.
    pub fn rest(&self) -> Option<&R> {
        self.rest.as_ref()
    }

    /// The request for the page that was given last.
    pub(super) fn given(&self) -> Option<&R> {
        self.given.as_ref()
    }

    /// Goes on behind this page.
    fn turn(&mut self, page: &R::Page) {
        let Some(request) = self.rest.take() else { return };
        (self.rest, self.fault) = match R::following(page) {
            (false, _) => (None, None),
            (true, "") => (Some(request.clone()), Some(PaginationError::NoToken)),
            (true, token) => {
                let fault = self.circle.closes(token).then(|| PaginationError::circle(token));
                (Some(request.with_token(token)), fault)
            }
        };
        self.given = Some(request);
    }

    /// Ends the stream with this.
    fn end(&mut self, problem: Error) -> Poll<Option<Result<R::Page>>> {
        self.ended = true;
        Poll::Ready(Some(Err(problem)))
    }
}

/// Nothing of it is pinned in place: the call is in a box.
impl<R: Paged> Unpin for Pages<R> {}

impl<R: Paged> Stream for Pages<R> {
    type Item = Result<R::Page>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(request) = this.rest.as_ref().filter(|_| !this.ended) else {
            return Poll::Ready(None);
        };
        if let Some(fault) = this.fault.take() {
            let error = Error::at(request.endpoint(), ErrorKind::Pagination(fault));
            return this.end(error);
        }
        let call = this
            .call
            .get_or_insert_with(|| Box::pin(fetch(this.client.clone(), request.clone())));
        let result = ready!(call.as_mut().poll(context));
        this.call = None;
        match result {
            Ok(page) => {
                this.turn(&page);
                Poll::Ready(Some(Ok(page)))
            }
            Err(error) => this.end(error),
        }
    }
}

/// Asks for one page.
async fn fetch<R: Paged>(client: Client, request: R) -> Result<R::Page> {
    let mut page = R::Page::blank();
    client.call(&request, &mut page).await?;
    Ok(page)
}

impl<R: Paged> fmt::Debug for Pages<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self
            .rest
            .as_ref()
            .or(self.given.as_ref())
            .map(|request| request.endpoint());
        f.debug_struct("Pages")
            .field("endpoint", &endpoint.map(|endpoint: &EndpointInfo| endpoint.id))
            .field("under_way", &self.call.is_some())
            .finish_non_exhaustive()
    }
}

/// What is on the pages of a list, one after another: what `items` of a request gives.
///
/// It is [`Pages`] taken apart: the next page is asked for when all of the one before was given. A page with nothing on
/// it, which a list may have in its middle, is passed over.
#[must_use = "a stream does nothing until it is asked for its next item"]
pub struct Items<R: Paged> {
    pages: Pages<R>,
    /// What is left of the page that came last.
    items: vec::IntoIter<R::Item>,
}

impl<R: Paged> Items<R> {
    /// What is on the pages from the one that this request asks for.
    pub fn new(client: &Client, request: R) -> Self {
        Self {
            pages: Pages::new(client, request),
            items: Vec::new().into_iter(),
        }
    }

    /// The next item; `None` where there is no other, and after an error.
    ///
    /// If the future is dropped, nothing is lost: the call goes on with the next `next`.
    ///
    /// # Errors
    ///
    /// Those of [`Pages::next`]. All items of the pages before have been given by then.
    pub async fn next(&mut self) -> Option<Result<R::Item>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The request for the first page of which not all was given: after an error that of the page which failed; `None`
    /// once all was given.
    ///
    /// Whoever goes on with it misses nothing. Where the stream was left in the middle of a page, the items of that page
    /// come again.
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
    /// if let Some(rest) = files.rest() {
    ///     println!("to go on, set page_token to {:?}", rest.page_token);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn rest(&self) -> Option<&R> {
        match self.items.as_slice() {
            [] => self.pages.rest(),
            _ => self.pages.given(),
        }
    }
}

/// Nothing of it is pinned in place.
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
            .field("left_of_page", &self.items.len())
            .finish()
    }
}

/// Tells when the tokens of pages go round in a circle, and keeps two of them, however many there are.
///
/// A token that comes twice in a row is told at once. For larger circles one token in so many is kept to compare with,
/// and twice as many come before the next is kept: sooner or later the circle fits in between (R. P. Brent's way to find
/// cycles).
#[derive(Debug, Default)]
pub(super) struct Circle {
    last: String,
    kept: String,
    /// How many tokens came since one was kept.
    since: u64,
    /// How many come before the next is kept.
    room: u64,
}

impl Circle {
    /// Begins with the token of the first page, which is empty where the list is read from its beginning.
    pub(super) fn new(first: &str) -> Self {
        Self {
            last: first.to_owned(),
            kept: first.to_owned(),
            since: 0,
            room: 1,
        }
    }

    /// Takes the token of the page that comes next; whether it has come before.
    pub(super) fn closes(&mut self, token: &str) -> bool {
        if token == self.last || token == self.kept {
            return true;
        }
        token.clone_into(&mut self.last);
        self.since += 1;
        if self.since == self.room {
            token.clone_into(&mut self.kept);
            self.since = 0;
            self.room = self.room.saturating_mul(2);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Circle;

    /// How many tokens are taken before the circle is told.
    fn taken(lead: usize, circle: usize) -> usize {
        let mut seen = Circle::new("");
        let token = |index: usize| match index {
            index if index < lead => format!("lead-{index}"),
            index => format!("circle-{}", (index - lead) % circle),
        };
        (0..10_000).take_while(|index| !seen.closes(&token(*index))).count()
    }

    #[test]
    fn the_same_token_twice_in_a_row_is_told_at_once() {
        for lead in [0, 1, 5, 100] {
            assert_eq!(taken(lead, 1), lead + 1);
        }
    }

    #[test]
    fn a_circle_of_any_size_is_told_before_it_was_gone_round_four_times() {
        for lead in 0..20 {
            for circle in 2..20 {
                let taken = taken(lead, circle);
                assert!(taken >= lead + circle, "{lead} {circle}: {taken} is too early");
                assert!(taken <= 4 * (lead + circle), "{lead} {circle}: {taken} is too late");
            }
        }
    }

    #[test]
    fn tokens_that_all_differ_are_no_circle() {
        let mut seen = Circle::new("");
        assert!((0..10_000).all(|index| !seen.closes(&index.to_string())));
    }

    #[test]
    fn the_token_that_the_first_page_was_asked_for_with_counts() {
        assert!(Circle::new("here").closes("here"));
    }
}
