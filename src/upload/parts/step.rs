//! The request of a step, made of what others say.

use super::facts::Step;
use crate::endpoint::{EndpointInfo, Request};
use crate::wire::{Encode, FieldInfo, Fields};

/// A value that is not there.
static ABSENT: Option<i64> = None;

/// A request for one of the endpoints of an upload.
pub(super) struct StepRequest<'v> {
    step: &'static Step,
    /// For each field its value, where there is one.
    values: Vec<Option<Given<'v>>>,
}

/// A value of a field.
pub(super) enum Given<'v> {
    Own(Box<dyn Encode>),
    Other(&'v dyn Encode),
}

impl<'v> Given<'v> {
    pub(super) fn own(value: impl Encode + 'static) -> Self {
        Self::Own(Box::new(value))
    }
}

impl<'v> StepRequest<'v> {
    /// With the value that `given` has for each field.
    pub(super) fn new(step: &'static Step, given: impl FnMut(&'static FieldInfo) -> Option<Given<'v>>) -> Self {
        Self {
            step,
            values: step.fields.iter().map(given).collect(),
        }
    }
}

impl Fields for StepRequest<'_> {
    fn fields(&self) -> &'static [FieldInfo] {
        self.step.fields
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        Some(match self.values.get(index)? {
            Some(Given::Own(value)) => &**value,
            Some(Given::Other(value)) => *value,
            None => &ABSENT,
        })
    }
}

impl Request for StepRequest<'_> {
    fn endpoint(&self) -> &'static EndpointInfo {
        self.step.endpoint
    }
}
