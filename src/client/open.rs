//! Calls for a file or a part of one, answered with all that tells which version and which bytes come.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};

use super::Client;
use super::call::Read;
use super::glance::{Glance, glance};
use super::incoming::Incoming;
use super::view::View;
use crate::endpoint::Request;
use crate::error::{Error, ErrorKind, Result};
use crate::retry::{Budget, RetryPolicy};

/// An answer that is no error: a file, a part of one, or that there is no such part (HTTP 416).
pub(crate) struct Opened {
    pub status: StatusCode,
    pub response: Response,
    /// What was read of the body to find out whether it is an error.
    pub beginning: Option<Bytes>,
    /// Id under which the platform's support finds the call.
    pub log_id: Option<String>,
}

impl Opened {
    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }
}

/// Tells a file, or a part of one, from an error that came in its place.
struct Opening;

impl Client {
    /// One call for a file, with these headers on top, `apart` over a connection that it shares with no other. It is not
    /// tried again: whoever calls sees to that.
    pub(crate) async fn open(&self, request: &dyn Request, headers: HeaderMap, apart: bool) -> Result<Opened> {
        let view = View {
            headers,
            apart,
            retries: Some(RetryPolicy::none()),
            ..self.view.clone()
        };
        self.core.run(request, &view, Opening).await
    }

    /// How often and how patiently calls of this client are tried again.
    pub(crate) fn retries(&self) -> RetryPolicy {
        self.view.retries.unwrap_or(self.core.retries)
    }

    /// How long a call of this client may take, its waits included.
    pub(crate) fn deadline(&self) -> Duration {
        self.view.deadline
    }

    /// What all calls of this client draw on.
    pub(crate) fn budget(&self) -> &Budget {
        &self.core.budget
    }

    /// How temporary links are followed.
    #[cfg(feature = "drive")]
    pub(crate) fn links(&self) -> &crate::transport::LinkTransport {
        &self.core.links
    }

    /// Longest wait for an answer.
    #[cfg(feature = "drive")]
    pub(crate) fn timeout(&self) -> Duration {
        self.view.timeout
    }

    /// The base URL of the platform: what its paths follow, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.core.base.as_str()
    }
}

impl Read for Opening {
    type Output = Opened;

    async fn read(&mut self, mut incoming: Incoming<'_>) -> Result<Opened> {
        let endpoint = incoming.endpoint;
        let status = incoming.response.status();
        if !status.is_success() && status != StatusCode::RANGE_NOT_SATISFIABLE {
            return Err(incoming.failure().await);
        }
        // Other than for a range that the caller asked for: an error has been met with HTTP 206 too.
        let glance = glance(&mut incoming.response)
            .await
            .map_err(|fault| Error::at(endpoint, ErrorKind::Transport(fault)))?;
        let beginning = match glance {
            Glance::File(beginning) => beginning,
            Glance::Error(body) => return Err(incoming.refused(&body)),
        };
        Ok(Opened {
            status,
            log_id: incoming.log_id(),
            response: incoming.response,
            beginning,
        })
    }

    fn is_blank(&self) -> bool {
        true
    }
}
