//! Failures to build a client.

use super::StoreError;

/// Why a client could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An environment variable is not set, or empty.
    #[error("the environment variable {0} is not set: set it, or use `Client::builder()`")]
    MissingVariable(&'static str),
    /// An environment variable is not valid UTF-8.
    #[error("the environment variable {0} is not valid UTF-8")]
    VariableNotText(&'static str),
    /// The app id, the app secret or a token is invalid.
    #[error("{what} {problem}")]
    Credential {
        /// Name of the credential.
        what: &'static str,
        /// What is wrong with it, and what to do.
        problem: &'static str,
    },
    /// The base URL is invalid.
    #[error("invalid base URL `{url}`: {problem}")]
    BaseUrl {
        /// The URL without user name, password and query.
        url: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// TLS could not be set up.
    #[error(
        "TLS could not be set up: {0}: on a system without root certificates install them (package ca-certificates)"
    )]
    Tls(String),
    /// A root certificate is invalid.
    #[error(
        "invalid root certificate: {0}: pass the content of a PEM file, starting with `-----BEGIN CERTIFICATE-----`"
    )]
    RootCertificate(String),
    /// The operating system's random number generator failed.
    #[error("the operating system's random number generator failed, which a login needs")]
    Random,
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Http(String),
    /// A store could not be set up.
    #[error("{0}")]
    Store(StoreError),
}
