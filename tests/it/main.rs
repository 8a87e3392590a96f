//! The runtime, over real HTTP.

#[macro_use]
mod support;

mod auth;
mod call;
mod cancellation;
mod dependent;
#[cfg(feature = "documents")]
mod documents;
mod download;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod redis_processes;
mod temporary_links;
mod tracing;
mod upload;
