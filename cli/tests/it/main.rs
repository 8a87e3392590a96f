//! Tests of the command line.

mod support;

mod call;
mod completions;
mod demo;
mod download;
mod download_many;
mod download_one;
mod exit_codes;
mod export;
mod help;
mod list;
mod media;
mod mock;
mod spec;
mod terminal;
