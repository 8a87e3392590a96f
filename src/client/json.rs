//! Calls whose answer is JSON.

use std::sync::Arc;

use super::call::Read;
use super::core::Core;
use super::incoming::Incoming;
use super::view::View;
use crate::endpoint::{Request, ResponseKind};
use crate::envelope::Envelope;
use crate::error::{Error, Result};
use crate::transport;
use crate::wire::FieldsMut;

impl Core {
    /// A call with a JSON answer.
    pub(crate) async fn call(
        self: &Arc<Self>,
        request: &dyn Request,
        into: Option<&mut (dyn FieldsMut + Send)>,
        view: &View,
    ) -> Result<()> {
        let json = Json {
            into,
            largest: self.largest_json,
            blank: true,
        };
        self.run(request, view, json).await
    }
}

/// Decodes an answer.
struct Json<'a> {
    into: Option<&'a mut (dyn FieldsMut + Send)>,
    largest: u64,
    blank: bool,
}

impl Read for Json<'_> {
    type Output = ();

    async fn read(&mut self, mut incoming: Incoming<'_>) -> Result<()> {
        if !incoming.response.status().is_success() {
            return Err(incoming.failure().await);
        }
        let body = transport::read_all(&mut incoming.response, self.largest)
            .await
            .map_err(|problem| Error::at(incoming.endpoint, problem))?;
        if body.is_empty() {
            return Err(incoming.unreadable("", "the body is empty"));
        }
        let flat = matches!(incoming.endpoint.response, ResponseKind::Json { flat: true });
        let into = self.into.as_deref_mut().map(|into| into as &mut dyn FieldsMut);
        let envelope = Envelope::read(&body, flat, into)
            .map_err(|failure| incoming.unreadable(&failure.path, &failure.problem))?;
        match envelope.code {
            Some(0) => Ok(()),
            None if flat => Ok(()),
            None => Err(incoming.unreadable("code", "expected a whole number, found nothing")),
            Some(_) => {
                self.blank = !envelope.data_came;
                Err(incoming.failed(envelope))
            }
        }
    }

    fn is_blank(&self) -> bool {
        self.blank
    }
}
