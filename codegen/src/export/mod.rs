//! The model for tools in other languages.
