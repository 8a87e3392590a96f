//! Files that are too large for one call, and go in parts.

mod blocks;
mod division;
mod facts;
mod kept;
mod run;
mod state;
mod step;
mod uploading;

pub use facts::{InParts, Parts, Step};
pub use uploading::Upload;
