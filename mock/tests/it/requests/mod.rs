//! What of a request is checked.

mod fields;
mod forms;
mod limits;
mod routes;
