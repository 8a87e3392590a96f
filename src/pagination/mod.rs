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

mod circle;
mod items;
mod pages;

pub use items::Items;
pub use pages::Pages;

use crate::endpoint::Request;
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
