//! SDK for the Feishu / Lark Open Platform.
//!
//! Every endpoint has a request type, named as the platform names the endpoint:
//! `drive.v1.media.download` is [`drive::v1::media::Download`]. What is required goes into `new`, what
//! is optional is chained, and `send` sends it.
//!
//! ```no_run
//! # async fn example(secret: String, user_token: String) -> larkspur::Result<()> {
//! use larkspur::{Client, drive::v1::media};
//!
//! let client = Client::builder().app("cli_slkdjalasdkjasd", secret).build()?;
//! let image = media::Download::new("boxcnrHpsg1QDqXAAAyachabcef")
//!     .range(0..1024)
//!     .send(&client)
//!     .await?;
//! image.save("cover.png").await?;
//!
//! let urls = media::BatchGetTmpDownloadUrl::new(["boxcn1", "boxcn2"])
//!     .send(&client.as_user(user_token))
//!     .await?;
//! println!("{} links", urls.tmp_download_urls.len());
//! # Ok(())
//! # }
//! ```
//!
//! - [`Client`] gets and renews tokens, checks requests before it sends them, and has views for other
//!   callers and timeouts.
//! - [`Transfer`] brings a whole file to its place, whatever happens on the way: [`Client::download`].
//! - [`Download`] is a file on its way: a stream, or saved whole or not at all.
//! - [`Error`] tells a wrong request from an answer of the platform and from a fault on the way; the
//!   failures that an endpoint's page documents are an enum to match on ([`Error::documented`]).
//! - [`LimitMode`] says what a call does where the endpoint's limit is reached, [`RetryPolicy`] how often it is tried
//!   again; [`hook`] is for headers and metrics of your own.
//! - [`paging`] gives what comes in pages as streams, [`waiting`] waits for tasks that take their time.
//! - [`login`] is for users who log in, [`tickets`] for store apps, [`shared`] for what processes have in common.
//! - [`endpoint`] has the facts of every endpoint as data, and [`wire`] how values travel; [`untyped`] is for an
//!   endpoint that is known only at run time.

// Generated code names this crate from outside, so that it works in a crate of yours too.
extern crate self as larkspur;

mod access;
mod client;
mod digest;
mod download;
pub mod endpoint;
mod envelope;
pub mod error;
mod failure;
#[rustfmt::skip]
#[path = "../generated/mod.rs"]
mod generated;
pub mod hook;
mod limit;
#[cfg(feature = "drive")]
pub mod links;
#[cfg(doctest)]
mod pages;
pub mod paging;
mod range;
#[cfg(feature = "redis")]
pub mod redis;
mod retry;
pub mod secret;
pub mod shared;
mod together;
pub mod transfer;
mod transport;
pub mod untyped;
pub mod upload;
pub mod waiting;
pub mod wire;
#[cfg(feature = "workflow")]
pub mod workflow;

pub use access::{login, tickets};
pub use client::{Client, ClientBuilder, Host};
pub use download::{ContentRange, Download, Saved};
pub use error::{Error, Result};
pub use generated::*;
pub use limit::LimitMode;
pub use range::{ByteRange, ParseRangeError};
pub use retry::RetryPolicy;
pub use transfer::Transfer;
pub use upload::Upload;
