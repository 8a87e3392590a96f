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
//! - [`Download`] downloads a whole file with retry and resume: [`Client::download`].
//! - [`ByteStream`] is a file on its way: a stream, or saved whole or not at all.
//! - [`Error`] tells a wrong request from an answer of the platform and from a fault on the way; the
//!   failures that an endpoint's page documents are an enum to match on ([`Error::documented`]).
//! - [`RateLimitMode`] says what a call does where the endpoint's limit is reached, [`RetryPolicy`] how often it is tried
//!   again; [`interceptor`] is for headers and metrics of your own.
//! - [`pagination`] gives what comes in pages as streams, [`polling`] waits for tasks that take their time.
//! - [`login`] is for users who log in, [`tickets`] for store apps, [`store`] for what processes have in common.
//! - [`endpoint`] has the facts of every endpoint as data, and [`wire`] how values travel; [`dynamic`] is for an
//!   endpoint that is known only at run time.

// Generated code names this crate from outside, so that it works in a crate of yours too.
extern crate self as larkspur;

mod authentication;
mod byte_stream;
mod call;
mod client;
mod concurrent;
mod digest;
#[cfg(feature = "documents")]
pub mod documents;
pub mod download;
pub mod dynamic;
pub mod endpoint;
pub mod error;
#[rustfmt::skip]
#[path = "../generated/mod.rs"]
mod generated;
pub mod interceptor;
#[cfg(doctest)]
mod pages;
pub mod pagination;
pub mod polling;
mod range;
mod rate_limit;
mod retry;
#[cfg(test)]
mod sampling;
pub mod secret;
pub mod store;
#[cfg(feature = "drive")]
pub mod temporary_links;
mod transfer;
mod transport;
pub mod upload;
mod upload_source;
pub mod wire;

pub use authentication::{login, tickets};
pub use byte_stream::{ByteStream, ContentRange, Saved};
pub use client::{Client, ClientBuilder};
pub use download::Download;
pub use error::{Error, Result};
pub use generated::*;
pub use range::{ByteRange, ParseRangeError};
pub use rate_limit::RateLimitMode;
pub use retry::RetryPolicy;
pub use transport::Host;
pub use upload_source::UploadSource;

/// For the tests of this repository; not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::transfer::disk_faults::{DiskFaults, install_disk_faults};
}
