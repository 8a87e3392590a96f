//! Why a client could not be built.

use super::StoreError;

/// Why a client could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An environment variable is not set, or empty.
    #[error("the environment variable {0} is not set: set it, or use `Client::builder()`")]
    MissingVariable(&'static str),
    /// An environment variable is no UTF-8.
    #[error("the environment variable {0} holds bytes that are no UTF-8: set it to plain text")]
    VariableNotText(&'static str),
    /// The id or the secret of the app, or a token, cannot be one.
    #[error("{what} {problem}")]
    Credential {
        /// What was given.
        what: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The base URL cannot be used.
    #[error("the base URL `{url}` {problem}")]
    BaseUrl {
        /// The URL without user name, password and query.
        url: String,
        /// What is wrong with it, and what to write.
        problem: String,
    },
    /// TLS could not be set up.
    #[error(
        "TLS could not be set up: {0}. On a system without root certificates install them (package ca-certificates)"
    )]
    Tls(String),
    /// A root certificate that the builder was given cannot be read.
    #[error("a root certificate {0}: give it as a PEM file has it, from `-----BEGIN CERTIFICATE-----` on")]
    RootCertificate(String),
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers, which a login needs")]
    Random,
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Http(String),
    /// What the processes of an app share cannot be kept where it should.
    #[error("{0}")]
    Store(StoreError),
}
