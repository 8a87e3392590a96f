//! Asking the platform for a token: calls that the client makes for itself.

use std::sync::Arc;
use std::time::Duration;

use crate::client::{Core, View};
use crate::endpoint::Request;
use crate::error::Result;
use crate::wire::FieldsMut;

/// Longest time for a token, tries and waits included. Callers wait only as long as their own timeouts allow.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// Makes the call within [`TIMEOUT`].
pub(super) async fn ask(
    core: &Arc<Core>,
    request: &dyn Request,
    into: Option<&mut (dyn FieldsMut + Send)>,
) -> Result<()> {
    let view = View {
        deadline: TIMEOUT,
        ..View::new(TIMEOUT)
    };
    core.call(request, into, &view).await
}
