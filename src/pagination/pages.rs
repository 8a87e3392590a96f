//! The pages of a list, one after another.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::Paged;
use super::circle::Circle;
use crate::Client;
use crate::endpoint::EndpointInfo;
use crate::error::{Error, ErrorKind, PaginationError, Result};
use crate::wire::Decode;

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
