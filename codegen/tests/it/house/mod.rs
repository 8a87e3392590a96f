//! Rules of the project for its own source: its language, its layers and what it does with untrusted values.

mod language;
mod layers;
mod lexer;
mod untrusted;
