//! A call may be dropped at any point: it leaves no permit, no lock and no task behind.

#[macro_use]
#[path = "../support/sample.rs"]
mod sample;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/token_store.rs"]
mod token_store;

mod calls;
mod ended;
mod logins;
mod points;
mod queue;
mod streams;
mod tickets;
