//! Options of a call.

use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::access::Caller;
use crate::limit::LimitMode;

/// Options of a call: what the views of one client differ in.
#[derive(Clone)]
pub(crate) struct View {
    pub caller: Caller,
    pub timeout: Duration,
    pub limits: LimitMode,
    /// Headers on top of those of the request: which part of a file is asked for.
    pub headers: HeaderMap,
}

impl View {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            caller: Caller::Tenant,
            timeout,
            limits: LimitMode::default(),
            headers: HeaderMap::new(),
        }
    }
}
