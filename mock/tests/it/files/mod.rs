//! Downloads, uploads and temporary links.

mod downloads;
mod links;
mod uploads;
