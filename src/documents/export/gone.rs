//! Whether the file was gone that the platform had made.

use crate::Error;
use crate::drive::v1::export_task::Download;

/// Whether a download failed since the file is gone. The platform has no code for that: it says that there is no file, or
/// that the token is wrong, which was right a moment ago.
pub(super) fn is(error: &Error) -> bool {
    let ours = error
        .endpoint()
        .is_some_and(|endpoint| endpoint.id == Download::ENDPOINT.id);
    let status = error.api_error().map(|answer| answer.status);
    let documented = || Download::ENDPOINT.documented(error.code(), status.unwrap_or_default());
    match status {
        Some(404 | 410) => ours,
        Some(400) => ours && documented().is_some(),
        _ => false,
    }
}
