//! Tests of the mock server over HTTP.

mod support;

mod auth;
mod control;
mod files;
mod merged;
mod records;
mod requests;
mod responses;
mod server;
