//! Rules of the project for its own source: its language and its layers.

mod language;
mod layers;
mod lexer;
