//! The request with windows that are counted and never full: a call pays for the limiter and never waits for it.

use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::endpoint::{Endpoint, Request, Window};
use larkspur::wire::{Encode, Field, Fields};

pub struct Counted(pub BatchGetTmpDownloadUrl);

/// As many windows as any page states, and more room in them than a run needs.
static ENDPOINT: Endpoint =
    BatchGetTmpDownloadUrl::ENDPOINT.limits(&[Window::new(1_000_000, 1), Window::new(10_000_000, 86_400)]);

impl Request for Counted {
    fn endpoint(&self) -> &'static Endpoint {
        &ENDPOINT
    }
}

impl Fields for Counted {
    fn fields(&self) -> &'static [Field] {
        self.0.fields()
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        self.0.value(index)
    }
}
