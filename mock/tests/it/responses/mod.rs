//! Responses.

mod custom;
mod failures;
mod pages;
mod success;
mod tasks;
