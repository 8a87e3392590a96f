//! `larkspur spec` and what belongs to it.

mod check;
mod diff;
mod export;
mod generate;
mod share;
mod write;
