//! The generator in a repository.

mod cache;
mod command;
mod repository;
