//! Downloads.

mod bodies;
#[cfg(unix)]
mod crash;
mod faults;
mod files;
#[cfg(feature = "object-store")]
mod object_stores;
mod ranges;
mod resume;
mod writers;
