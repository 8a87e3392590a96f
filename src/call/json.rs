//! Calls with a JSON response.

use std::sync::Arc;

use super::context::{CallOptions, Core};
use super::envelope::{self, Envelope};
use super::response::Incoming;
use super::retry_loop::Read;
use crate::endpoint::{Request, ResponseKind};
use crate::error::{Error, Result};
use crate::transport;
use crate::wire::FieldsMut;

impl Core {
    /// Makes a call with a JSON response.
    pub(crate) async fn call(
        self: &Arc<Self>,
        request: &dyn Request,
        into: Option<&mut (dyn FieldsMut + Send)>,
        options: &CallOptions,
    ) -> Result<()> {
        let into = into.map_or(Into::Nothing, Into::Fields);
        self.run(request, options, Json::new(self, into)).await
    }

    /// Sends a call with a JSON response and returns its text.
    pub(crate) async fn call_json(self: &Arc<Self>, request: &dyn Request, options: &CallOptions) -> Result<String> {
        let mut text = String::new();
        self.run(request, options, Json::new(self, Into::Text(&mut text)))
            .await?;
        Ok(text)
    }
}

/// What a successful response is read into.
enum Into<'a> {
    /// Data is ignored.
    Nothing,
    /// Data is decoded.
    Fields(&'a mut (dyn FieldsMut + Send)),
    /// Data is returned as text.
    Text(&'a mut String),
}

/// Reads a JSON response.
struct Json<'a> {
    into: Into<'a>,
    max_bytes: u64,
    blank: bool,
}

impl<'a> Json<'a> {
    fn new(core: &Core, into: Into<'a>) -> Self {
        Self {
            into,
            max_bytes: core.max_json_bytes,
            blank: true,
        }
    }
}

impl Read for Json<'_> {
    type Output = ();

    async fn read(&mut self, mut incoming: Incoming<'_>) -> Result<()> {
        if !incoming.response.status().is_success() {
            return Err(incoming.failure().await);
        }
        let body = transport::read_all(&mut incoming.response, self.max_bytes)
            .await
            .map_err(|problem| Error::at(incoming.endpoint, problem))?;
        if body.is_empty() {
            return Err(incoming.decode_error("", "empty body"));
        }
        let flat = matches!(incoming.endpoint.response, ResponseKind::Json { flat: true });
        let into = match &mut self.into {
            Into::Fields(into) => Some(&mut **into as &mut dyn FieldsMut),
            Into::Nothing | Into::Text(_) => None,
        };
        let envelope = Envelope::read(&body, flat, into)
            .map_err(|failure| incoming.decode_error(&failure.path, &failure.problem))?;
        match envelope.code {
            Some(0) => self.take_text(&body, flat, &incoming),
            None if flat => self.take_text(&body, flat, &incoming),
            None => Err(incoming.decode_error("code", "expected an integer, found nothing")),
            Some(_) => {
                self.blank = !envelope.has_data;
                Err(incoming.failed(envelope))
            }
        }
    }

    fn is_blank(&self) -> bool {
        self.blank
    }
}

impl Json<'_> {
    /// Stores the text of the response if requested.
    fn take_text(&mut self, body: &[u8], flat: bool, incoming: &Incoming<'_>) -> Result<()> {
        if let Into::Text(text) = &mut self.into {
            let extracted = envelope::text(body, flat);
            **text = extracted.map_err(|failure| incoming.decode_error(&failure.path, &failure.problem))?;
        }
        Ok(())
    }
}
