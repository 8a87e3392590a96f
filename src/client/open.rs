//! Calls for a file or a part of one, answered with all that tells which version and which bytes come.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{CONTENT_DISPOSITION, HeaderMap};
use reqwest::{Response, StatusCode};
use tracing::Instrument as _;

use super::Client;
use super::core::{Core, FAILURE_LIMIT, Incoming, in_time, traced};
use super::fetch::{is_an_error, is_json};
use super::view::View;
use crate::endpoint::Request;
use crate::error::{Error, Problem, Result};
use crate::transport;

/// An answer that is no error: a file, a part of one, or that there is no such part (HTTP 416).
pub(crate) struct Opened {
    pub status: StatusCode,
    pub response: Response,
    /// What was read of the body to find out whether it is an error.
    pub beginning: Option<Bytes>,
}

impl Opened {
    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }
}

impl Core {
    /// A call for a file; `view` may hold headers that ask for a part of it.
    pub(crate) async fn open(self: &Arc<Self>, request: &dyn Request, view: &View) -> Result<Opened> {
        let endpoint = request.endpoint();
        let call = async {
            let incoming = self.send(request, view).await?;
            incoming.opened().await
        };
        let call = in_time(endpoint, view.timeout, call);
        traced(call).instrument(super::span(endpoint)).await
    }
}

impl Client {
    /// A call for a file with these headers on top.
    pub(crate) async fn open(&self, request: &dyn Request, headers: HeaderMap) -> Result<Opened> {
        let view = View {
            headers,
            ..self.view.clone()
        };
        self.core.open(request, &view).await
    }

    /// What the platform's paths follow.
    pub(crate) fn base_url(&self) -> &str {
        self.core.base.as_str()
    }
}

impl Incoming {
    async fn opened(mut self) -> Result<Opened> {
        let status = self.response.status();
        if !status.is_success() && status != StatusCode::RANGE_NOT_SATISFIABLE {
            return Err(self.failure().await);
        }
        let mut beginning = None;
        // Other than for a range that the caller asked for: an error has been met with HTTP 206 too.
        if is_json(self.response.headers()) && !self.response.headers().contains_key(CONTENT_DISPOSITION) {
            let read = transport::read_up_to(&mut self.response, FAILURE_LIMIT)
                .await
                .map_err(|fault| Error::at(self.endpoint, Problem::Transport(fault)))?;
            if is_an_error(&read) {
                return Err(self.refused(&read.bytes));
            }
            beginning = Some(read.bytes);
        }
        Ok(Opened {
            status,
            response: self.response,
            beginning,
        })
    }
}
