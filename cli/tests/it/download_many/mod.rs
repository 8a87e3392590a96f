//! `larkspur download --tokens-from`.

mod aborted;
#[cfg(all(unix, debug_assertions))]
mod crash;
mod credentials;
mod directory;
mod failures;
mod interrupted;
mod jobs;
mod lists;
mod names;
mod output;
mod resumed;
pub mod server;
mod site;
