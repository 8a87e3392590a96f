//! Files, both ways.

mod downloads;
mod links;
mod uploads;
