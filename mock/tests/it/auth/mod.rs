//! Tokens and logins.

mod logins;
mod store_apps;
mod tokens;
