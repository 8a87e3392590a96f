//! `larkspur call`.

mod answers;
mod callers;
mod own_spec;
mod pages;
mod refused;
mod sent;
mod site;
