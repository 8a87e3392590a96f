//! The program, run as people run it.

mod check;
mod demo;
mod download;
mod generate;
mod help;
mod mock;
mod run;
mod spec;
