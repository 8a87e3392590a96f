//! The mock, asked over real HTTP, one file for each idea.

mod answers;
mod client;
mod control;
mod downloads;
mod failures;
mod fields;
mod forms;
mod limits;
mod links;
mod logins;
mod merged;
mod pages;
mod records;
mod replies;
mod routes;
mod server;
mod spec;
mod store_apps;
mod tasks;
mod tokens;
mod uploads;
