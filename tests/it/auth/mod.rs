//! Tokens and logins.

mod file_login_store;
mod login;
mod login_crash;
mod store_app;
mod tenant_token;
mod token_selection;
mod token_store;
