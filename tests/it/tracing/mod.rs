//! Spans and events, and the secrets that must not be in them.

mod canaries;
mod fields;
mod secrets;
mod spans;
