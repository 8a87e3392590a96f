//! Downloads.

mod bodies;
#[cfg(feature = "inject")]
mod crash;
mod faults;
mod files;
#[cfg(feature = "object-store")]
mod object_stores;
mod ranges;
mod resume;
mod writers;
