//! Downloads.

mod bodies;
#[cfg(unix)]
mod crash;
mod fallbacks;
mod faults;
mod files;
#[cfg(feature = "object-store")]
mod object_stores;
mod ranges;
mod resume;
mod writers;
