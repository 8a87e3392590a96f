//! Tests of the command line.

mod support;

mod call;
mod completions;
mod demo;
mod download;
mod download_many;
mod export;
mod help;
mod list;
mod media;
mod mock;
mod spec;
