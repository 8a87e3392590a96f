//! The request that asks for a task, as an error keeps it.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::endpoint::Request;
use crate::wire::{Fields, View};

/// Longest part of a value that is shown, in characters.
const SHOWN: usize = 100;

/// A request of any type, to be had again as what it is.
trait Kept: Request + Any {}

impl<R: Request + Any> Kept for R {}

/// The request that asks for a task, as an error keeps it.
#[derive(Clone)]
pub(crate) struct TaskRequest(Arc<dyn Kept>);

impl TaskRequest {
    pub(crate) fn new(request: impl Request + 'static) -> Self {
        Self(Arc::new(request))
    }

    /// The request, if it is one of this type.
    pub(crate) fn request<R: Request + Clone + 'static>(&self) -> Option<R> {
        let request: &dyn Any = &*self.0;
        request.downcast_ref::<R>().cloned()
    }
}

/// The endpoint and what it is asked with, without secrets.
impl fmt::Display for TaskRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.endpoint().id)?;
        let fields: &dyn Fields = &*self.0;
        let mut written = Ok(());
        let mut lead = " with";
        fields.each(&mut |field, value| {
            let value = match value.view() {
                View::Str(text) => format!("{:?}", text.chars().take(SHOWN).collect::<String>()),
                View::Int(number) => number.to_string(),
                View::Bool(truth) => truth.to_string(),
                View::Secret(_) => "its secret".to_owned(),
                _ => return,
            };
            if written.is_ok() {
                written = write!(f, "{lead} {} {value}", field.key);
            }
            lead = ",";
        });
        written
    }
}
