//! The program, run as people run it.

mod check;
mod demo;
mod diff;
mod download;
mod export;
mod generate;
mod help;
mod many;
mod media;
mod mock;
mod run;
mod spec;
mod spec_write;
