//! `larkspur call` and `larkspur api`.

mod api;
mod callers;
mod own_spec;
mod pages;
mod refused;
mod responses;
mod sent;
mod site;
