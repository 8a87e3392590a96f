//! Tasks that take their time.
//!
//! Some calls only start a task, and another endpoint tells how far it is. The request of the first has `wait`, which
//! sends it and asks the other until the task is done; the request of the second has `wait` too, for a task that was
//! started before, perhaps by another process.
//!
//! ```no_run
//! # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
//! use larkspur::drive::v1::export_task::{self, DocumentType, Extension};
//!
//! let task = export_task::Create::new(Extension::Pdf, "doxcn1", DocumentType::Docx);
//! match task.wait(&client).await {
//!     Ok(answer) => println!("{answer:?}"),
//!     // It was not done in time, or could not be asked for: the request with which to go on is in the error.
//!     Err(error) => match error.task::<export_task::Get>() {
//!         Some(get) => println!("{error}; go on with ticket {} and token {}", get.ticket, get.token),
//!         None => return Err(error),
//!     },
//! }
//! # Ok(())
//! # }
//! ```

mod course;
mod pace;
mod question;
mod task;
mod wait;

pub(crate) use question::Question;
pub use task::{State, Task};
pub use wait::Poller;

use crate::endpoint::{EndpointInfo, Request};
use crate::wire::{Decode, FieldsMut};

/// A request that asks how far a task is; generated for every endpoint that others name in `poll:`.
///
/// Nobody has to name it to use `wait`, which is a method of the request.
pub trait Asks: Request + Clone + 'static {
    /// What tells of the task.
    type Response: FieldsMut + Decode + Send + 'static;

    /// The endpoint that is asked.
    const ENDPOINT: &'static EndpointInfo;

    /// Where the answer tells how far the task is, and how it says so.
    const TASK: Task;
}
