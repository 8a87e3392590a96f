//! What the mock server responds.

mod custom;
mod failures;
mod pages;
mod success;
mod tasks;
