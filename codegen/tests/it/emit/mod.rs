//! The generated code.

mod golden;
mod items;
mod polling;
mod untrusted_text;
