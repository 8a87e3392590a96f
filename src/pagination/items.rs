//! What is on the pages of a list, one after another.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use super::{Paged, Pages};
use crate::Client;
use crate::error::Result;

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
