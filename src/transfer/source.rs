//! Where a file comes from.

use std::fmt::Write as _;
use std::sync::Arc;

use reqwest::header::HeaderMap;
use ring::digest::{Context, SHA256};

use super::report::Sha256;
use crate::client::{Client, Opened};
use crate::endpoint::{Endpoint, Request, ResponseKind};
use crate::error::Result;
use crate::shared::Pending;
use crate::wire::{self, Fields};

/// Where a file comes from: it answers calls for the file or a part of it.
pub(crate) trait Source: Send + Sync {
    /// The endpoint that errors name.
    fn endpoint(&self) -> &'static Endpoint;

    /// Whether the documentation says that ranges are honoured.
    fn takes_ranges(&self) -> bool;

    /// What tells this file from others, without a word of the request: a digest.
    fn digest(&self) -> Sha256;

    /// Makes a call with these headers, which ask for a part of the file or for nothing in particular.
    fn open(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>>;
}

/// A file that an endpoint gives.
pub(crate) struct EndpointSource {
    pub client: Client,
    pub request: Arc<dyn Request>,
}

impl EndpointSource {
    /// Whether the request itself asks for a part of the file.
    pub(crate) fn asks_for_a_part(&self) -> bool {
        let mut asks = false;
        let fields: &dyn Fields = &*self.request;
        fields.each(&mut |_, value| asks |= matches!(value.view(), wire::View::Range(_)));
        asks
    }
}

impl Source for EndpointSource {
    fn endpoint(&self) -> &'static Endpoint {
        self.request.endpoint()
    }

    fn takes_ranges(&self) -> bool {
        matches!(self.endpoint().response, ResponseKind::Binary { ranges: true, .. })
    }

    fn digest(&self) -> Sha256 {
        let mut text = format!("{}\n{}\n", self.client.base_url(), self.endpoint().id);
        let fields: &dyn Fields = &*self.request;
        fields.each(&mut |field, value| {
            if let Some(value) = wire::text(&value.view()) {
                // Its length in front, so that no two requests have the same text.
                let _ = writeln!(text, "{}={}:{value}", field.key, value.len());
            }
        });
        let mut context = Context::new(&SHA256);
        context.update(text.as_bytes());
        Sha256::from(context)
    }

    fn open(&self, headers: HeaderMap) -> Pending<'_, Result<Opened>> {
        Box::pin(self.client.open(&*self.request, headers))
    }
}
