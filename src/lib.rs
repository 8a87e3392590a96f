//! SDK for the Feishu / Lark Open Platform.
//!
//! Every endpoint has a request type, named as the platform names the endpoint:
//! `drive.v1.media.download` is [`drive::v1::media::Download`]. Required fields are parameters of `new`, optional ones have
//! setters, and `send` sends the request.
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
//! # Runtime
//!
//! - [`Client`] fetches and refreshes tokens, validates requests before sending, and has views for other callers and timeouts.
//! - [`Download`] downloads a whole file with retries and resume: [`Client::download`]. [`upload`] is the counterpart.
//! - [`ByteStream`] is a response body: a stream of bytes, or saved to a file atomically.
//! - [`Error`] has predicates, status, code and log id; the documented codes of a project version are an enum
//!   ([`Error::code_as`]).
//! - [`RetryPolicy`] sets attempts and backoff, [`RateLimitMode`] what a call does at the endpoint's rate limit;
//!   [`interceptor`] is for headers and metrics of your own.
//! - [`pagination`] returns paginated lists as streams, [`polling`] waits for long-running tasks.
//! - [`login`] is for users who log in, [`tickets`] for store apps, [`store`] for state that processes share.
//! - [`endpoint`] has the metadata of every endpoint, [`wire`] the encoding of values; [`dynamic`] is for endpoints that are
//!   known only at run time.
//!
//! # Projects
//!
//! Each project of the platform is a module and a cargo feature of the same name, such as [`drive`] and `im`; `default` has
//! the common ones. [`auth`] and [`authen`], which the client uses for tokens, need no feature. The feature `documents` brings
//! exports of documents from a link.

// Generated code names this crate as an external one, so that it works in other crates too.
extern crate self as larkspur;

mod authentication;
mod byte_stream;
mod call;
mod client;
#[cfg(feature = "documents")]
pub mod documents;
pub mod download;
pub mod dynamic;
pub mod endpoint;
pub mod error;
#[rustfmt::skip]
#[path = "../generated/mod.rs"]
mod generated;
mod generated_code;
pub mod interceptor;
pub mod pagination;
pub mod polling;
mod range;
mod rate_limit;
mod retry;
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

/// For generated code, and for the programs and tests of this repository; not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::generated_code::*;
    pub use crate::transfer::{DiskFaults, OwnFile, install_disk_faults};
}

/// Samples of test matrices that are too large for every run of the tests.
#[cfg(test)]
mod sampling {
    use std::env;

    /// Returns how many random cases a test runs, and the generator for them.
    ///
    /// All with `LARKSPUR_EXHAUSTIVE=1`, else a sample. Prints the seed, which `LARKSPUR_SEED` repeats.
    #[allow(clippy::print_stdout, reason = "a failed test shows what it printed")]
    pub(crate) fn cases(all: usize, sample: usize) -> (usize, fastrand::Rng) {
        let seed = env::var("LARKSPUR_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| fastrand::u64(..));
        println!("LARKSPUR_SEED={seed}");
        let count = if env::var_os("LARKSPUR_EXHAUSTIVE").is_some() {
            all
        } else {
            sample
        };
        (count, fastrand::Rng::with_seed(seed))
    }
}

/// The examples of README and docs, which are compiled as doctests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;

    #[doc = include_str!("../README.zh-CN.md")]
    struct ReadmeInChinese;

    #[doc = include_str!("../docs/guide/authentication.md")]
    struct Authentication;

    #[doc = include_str!("../docs/guide/rate-limits.md")]
    struct RateLimits;

    #[doc = include_str!("../docs/guide/errors.md")]
    struct Errors;

    #[doc = include_str!("../docs/guide/responses.md")]
    struct Responses;

    #[cfg(feature = "drive")]
    #[doc = include_str!("../docs/guide/undocumented.md")]
    struct Undocumented;

    #[doc = include_str!("../docs/guide/retries.md")]
    struct Retries;

    #[doc = include_str!("../docs/guide/pagination.md")]
    struct Pagination;

    #[doc = include_str!("../docs/guide/polling.md")]
    struct Polling;

    #[doc = include_str!("../docs/guide/observability.md")]
    struct Observability;

    #[cfg(feature = "redis")]
    #[doc = include_str!("../docs/guide/redis.md")]
    struct Redis;

    #[doc = include_str!("../docs/guide/downloads.md")]
    struct Downloads;

    #[cfg(feature = "documents")]
    #[doc = include_str!("../docs/guide/documents.md")]
    struct Documents;

    #[cfg(feature = "drive")]
    #[doc = include_str!("../docs/guide/uploads.md")]
    struct Uploads;
}
