//! Options of a call.

use std::time::Duration;

use crate::access::Caller;
use crate::limit::LimitMode;

/// Options of a call: what the views of one client differ in.
#[derive(Clone)]
pub(crate) struct View {
    pub caller: Caller,
    pub timeout: Duration,
    pub limits: LimitMode,
}

impl View {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            caller: Caller::default(),
            timeout,
            limits: LimitMode::default(),
        }
    }
}
