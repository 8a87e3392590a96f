//! The mock server, over real HTTP, one file for each idea.

mod support;

mod auth;
mod control;
mod files;
mod merged;
mod records;
mod requests;
mod responses;
mod server;
