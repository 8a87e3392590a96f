//! The program, run as people run it.

mod call;
mod check;
mod completions;
mod demo;
mod diff;
mod download;
mod export;
mod generate;
mod help;
mod list;
mod many;
mod media;
mod mock;
mod run;
mod spec;
mod spec_write;
