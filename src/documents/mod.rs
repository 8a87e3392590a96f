//! What people download documents for, from a link on: a document as a file, and all the media in
//! it.
//!
//! Each workflow puts calls of several projects together, by their generated requests and through the client: its tokens,
//! limits and retries are in force. The feature `workflow` has it.

mod error;
mod export;
mod kind;
mod media;
mod reference;
mod resolve;

pub use error::{Error, Result};
pub use export::{Export, ExportFormat, ExportProgress, Exported, UnknownFormat};
pub use kind::{DocumentKind, UnknownKind};
pub use media::{Media, MediaList, Place, media};
pub use reference::{DocumentRef, ReferenceError};
pub use resolve::resolve;
