//! The path of every call: checks, then attempts until one succeeds or the retry policy gives up.

mod binary;
mod context;
mod envelope;
mod failure;
mod file_fields;
mod json;
mod request;
mod response;
mod retry_loop;
mod scrub;
mod sniff;
mod span;

pub(crate) use binary::Opened;
pub(crate) use context::{CallOptions, Core};
pub(crate) use failure::clean;
#[cfg(feature = "drive")]
pub(crate) use sniff::{Sniffed, sniff};
