//! Apps, and the tokens of a custom app.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::tickets::TicketSource;
use super::token::Token;
use crate::auth::v3::{app_access_token, tenant_access_token};
use crate::call::{CallOptions, Core};
use crate::digest::hex;
use crate::endpoint::{AppKind, Request};
use crate::error::Result;
use crate::wire::{Decode, FieldsMut};

/// Id and secret of an app; for a store app also the source of its tickets.
#[derive(Clone)]
pub(crate) struct App {
    pub id: String,
    pub secret: SecretString,
    pub tickets: Option<Arc<dyn TicketSource>>,
}

impl App {
    pub(super) fn kind(&self) -> AppKind {
        match self.tickets {
            Some(_) => AppKind::Store,
            None => AppKind::Custom,
        }
    }

    /// Returns the key under which processes share a token of this app. It is an HMAC keyed with the secret: a process
    /// with a wrong secret does not find tokens of the right one, and the key reveals neither id nor secret.
    pub(super) fn shared_token_key(&self, base_url: &str, kind: &str, tenant: &str) -> String {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, self.secret.expose_secret().as_bytes());
        let mut context = ring::hmac::Context::with_key(&key);
        for part in ["larkspur token 1", base_url, &self.id, kind, tenant] {
            // The length prefix makes the encoding of the parts unambiguous.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        format!("token:{kind}:{}", hex(context.sign().as_ref()))
    }
}

/// Omits the secret.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "App({})", self.id)
    }
}

/// Deadline of a token request, retries and waits included. Callers stop waiting at their own deadlines.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// Sends a request for a token or a ticket, with [`TIMEOUT`].
pub(super) async fn send_auth_request(
    core: &Arc<Core>,
    request: &dyn Request,
    into: Option<&mut (dyn FieldsMut + Send)>,
) -> Result<()> {
    let options = CallOptions {
        deadline: TIMEOUT,
        ..CallOptions::new(TIMEOUT)
    };
    core.call(request, into, &options).await
}

/// Fetches the tenant token of a custom app.
pub(super) async fn custom_tenant_token(core: &Arc<Core>, app: &App) -> Result<Token> {
    // The lifetime counts from before the request, whatever the response time.
    let requested_at = Instant::now();
    let request = tenant_access_token::Internal::new(&app.id, app.secret.clone());
    let mut response = tenant_access_token::InternalResponse::blank();
    send_auth_request(core, &request, Some(&mut response)).await?;
    Token::from_response(
        &tenant_access_token::Internal::ENDPOINT,
        "tenant_access_token",
        response.tenant_access_token,
        requested_at,
        response.expire,
    )
}

/// Fetches the app token of a custom app.
pub(super) async fn custom_app_token(core: &Arc<Core>, app: &App) -> Result<Token> {
    let requested_at = Instant::now();
    let request = app_access_token::Internal::new(&app.id, app.secret.clone());
    let mut response = app_access_token::InternalResponse::blank();
    send_auth_request(core, &request, Some(&mut response)).await?;
    Token::from_response(
        &app_access_token::Internal::ENDPOINT,
        "app_access_token",
        response.app_access_token,
        requested_at,
        response.expire,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(base_url: &str, id: &str, secret: &str, tenant: &str) -> String {
        let app = App {
            id: id.to_owned(),
            secret: secret.into(),
            tickets: None,
        };
        app.shared_token_key(base_url, "tenant", tenant)
    }

    #[test]
    fn shares_tokens_only_with_equal_credentials() {
        let host = "https://open.feishu.cn";
        let shared = name(host, "cli_1", "right-secret", "");
        assert_eq!(shared, name(host, "cli_1", "right-secret", ""));
        for other in [
            name(host, "cli_1", "wrong-secret", ""),
            name("https://open.larksuite.com", "cli_1", "right-secret", ""),
            name(host, "cli_2", "right-secret", ""),
            name(host, "cli_1", "right-secret", "tenant"),
            name(host, "cli_1t", "right-secret", "enant"),
        ] {
            assert_ne!(shared, other);
        }
    }

    #[test]
    fn shared_key_reveals_no_id_or_secret() {
        let shared = name("https://open.feishu.cn", "cli_1", "right-secret", "tenant-key");
        assert_eq!(shared.len(), "token:tenant:".len() + 64);
        for part in ["cli_1", "right-secret", "tenant-key"] {
            assert!(!shared.contains(part), "{shared}");
        }
    }
}
