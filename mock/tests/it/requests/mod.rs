//! Checks of requests.

mod fields;
mod forms;
mod limits;
mod routes;
