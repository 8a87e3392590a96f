//! Temporary links: whoever has one can download the media for a day, without a token.
//!
//! ```no_run
//! # async fn example(client: larkspur::Client, tokens: Vec<String>) -> larkspur::Result<()> {
//! use larkspur::temporary_links;
//!
//! for (token, link) in temporary_links::resolve(&client, tokens).await {
//!     match link {
//!         Ok(link) => println!("{:?}", client.download_link(&link).to_dir("downloads").await?.path),
//!         Err(error) => eprintln!("{token}: {error}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

use std::fmt;

use secrecy::SecretString;

use crate::client::Client;
use crate::download::Download;
use crate::drive::v1::media::BatchGetTmpDownloadUrl;
use crate::error::{Error, ErrorKind, Result};

mod address;
mod batch;
mod source;
mod way;

use source::LinkSource;
pub(crate) use way::{Settings, Way};

/// A temporary link to one media. It lives for [`BatchGetTmpDownloadUrl::LIFETIME`] and is never printed.
#[derive(Clone)]
pub struct TemporaryLink {
    file_token: String,
    extra: Option<String>,
    url: SecretString,
}

impl TemporaryLink {
    /// Token of the media that it leads to.
    pub fn file_token(&self) -> &str {
        &self.file_token
    }

    /// The link itself, to hand it on. Whoever has it can download the media.
    pub fn url(&self) -> &SecretString {
        &self.url
    }
}

/// Without the link.
impl fmt::Debug for TemporaryLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemporaryLink")
            .field("file_token", &self.file_token)
            .finish_non_exhaustive()
    }
}

/// A temporary link for each of these tokens of media, in their order, a token that comes twice included.
///
/// Any number of tokens is asked for in calls of five, four of them at a time as far as the limits let them. What goes
/// wrong with one token is the error of that token alone: where the platform leaves it out of its answer
/// ([`TemporaryLinkError::Missing`](crate::error::TemporaryLinkError::Missing)), and where it refuses a call over it, the other tokens of which
/// are then asked for one by one.
pub async fn resolve(
    client: &Client,
    tokens: impl IntoIterator<Item = impl Into<String>>,
) -> Vec<(String, Result<TemporaryLink>)> {
    batch::resolve(client, tokens.into_iter().map(Into::into).collect(), None).await
}

/// The same for media of a base with advanced permissions, which need this proof of access:
/// [`BatchGetTmpDownloadUrl::extra`].
pub async fn resolve_with_extra(
    client: &Client,
    tokens: impl IntoIterator<Item = impl Into<String>>,
    extra: &str,
) -> Vec<(String, Result<TemporaryLink>)> {
    let tokens = tokens.into_iter().map(Into::into).collect();
    batch::resolve(client, tokens, Some(extra)).await
}

impl Client {
    /// A download of the file that this link leads to, with all that a [`Download`] promises.
    ///
    /// The request carries no token, no cookie and no Referer. At most five redirects are followed: none from https to http, and
    /// none to an address that is not on the public internet, unless
    /// [`ClientBuilder::allow_private_links`](crate::ClientBuilder::allow_private_links) says otherwise. A link that the host
    /// refuses is taken to have ended, and a new one is asked for in the name of this client's caller.
    ///
    /// What a failed transfer leaves can be gone on with over a later link to the same media.
    pub fn download_link(&self, link: &TemporaryLink) -> Download {
        Download::of(Box::new(LinkSource::new(self.clone(), link.clone())))
    }
}

/// An error in what has to do with links.
fn error(problem: ErrorKind) -> Error {
    Error::at(&BatchGetTmpDownloadUrl::ENDPOINT, problem)
}
