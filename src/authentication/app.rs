//! Apps, and the tokens of a custom app.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::store_app;
use super::store_app::TicketSource;
use super::token::Shared;
use super::token::Token;
use crate::auth::v3::{app_access_token, tenant_access_token};
use crate::call::{CallOptions, Core};
use crate::digest::hex;
use crate::endpoint::{AppKind, EndpointInfo, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::store::Pending;
use crate::wire::{Decode, FieldsMut};

/// Id and secret of an app, and for a store app where its tickets come from.
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

    /// The name under which processes share a token of this app. It is a digest keyed with the secret: who has
    /// a wrong secret finds no token that the right one got, and the name tells nothing of either.
    pub(super) fn share_name(&self, base_url: &str, kind: &str, tenant: &str) -> String {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, self.secret.expose_secret().as_bytes());
        let mut context = ring::hmac::Context::with_key(&key);
        for part in ["larkspur token 1", base_url, &self.id, kind, tenant] {
            // The length first: no two lists of parts are the same bytes.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        format!("token:{kind}:{}", hex(context.sign().as_ref()))
    }
}

/// Without the secret.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "App({})", self.id)
    }
}

/// The app's token in a tenant; without one, in the one tenant of a custom app.
pub(super) fn tenant_token(
    core: &Arc<Core>,
    tenant: Option<Arc<str>>,
    stale: Option<SecretString>,
) -> Pending<'static, Result<Token>> {
    let core = Arc::clone(core);
    Box::pin(async move {
        let app = app(&core, &tenant_access_token::Internal::ENDPOINT)?;
        let fetch = async {
            match &tenant {
                None => custom_tenant_token(&core, &app).await,
                Some(tenant) => store_app::tenant_token(&core, tenant).await,
            }
        };
        match shared(&core, &app, "tenant", tenant.as_deref().unwrap_or_default()) {
            Some(shared) => shared.get(stale.as_ref(), fetch).await,
            None => fetch.await,
        }
    })
}

/// The app's token in no tenant.
pub(super) fn app_token(core: &Arc<Core>, stale: Option<SecretString>) -> Pending<'static, Result<Token>> {
    let core = Arc::clone(core);
    Box::pin(async move {
        let app = app(&core, &app_access_token::Internal::ENDPOINT)?;
        let fetch = async {
            match &app.tickets {
                None => custom_app_token(&core, &app).await,
                Some(tickets) => store_app::app_token(&core, &app, &**tickets, &core.access.resend).await,
            }
        };
        match shared(&core, &app, "app", "") {
            Some(shared) => shared.get(stale.as_ref(), fetch).await,
            None => fetch.await,
        }
    })
}

fn app(core: &Core, endpoint: &'static EndpointInfo) -> Result<Arc<App>> {
    let app = core
        .access
        .app()
        .map_err(|error| Error::at(endpoint, ErrorKind::Auth(error)))?;
    Ok(Arc::clone(app))
}

fn shared(core: &Core, app: &App, kind: &str, tenant: &str) -> Option<Shared> {
    let store = core.access.store.as_ref()?;
    Some(Shared {
        store: Arc::clone(store),
        name: app.share_name(core.base.as_str(), kind, tenant),
    })
}

/// Longest time for a token, tries and waits included. Callers wait only as long as their own timeouts allow.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// Makes the call within [`TIMEOUT`].
pub(super) async fn ask(
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

/// The app's token in its one tenant.
pub(super) async fn custom_tenant_token(core: &Arc<Core>, app: &App) -> Result<Token> {
    // A token lives from before it was asked for, whatever the way back took.
    let asked_at = Instant::now();
    let request = tenant_access_token::Internal::new(&app.id, app.secret.clone());
    let mut response = tenant_access_token::InternalResponse::blank();
    ask(core, &request, Some(&mut response)).await?;
    Token::issued(
        &tenant_access_token::Internal::ENDPOINT,
        "tenant_access_token",
        response.tenant_access_token,
        asked_at,
        response.expire,
    )
}

/// The app's token in no tenant.
pub(super) async fn custom_app_token(core: &Arc<Core>, app: &App) -> Result<Token> {
    let asked_at = Instant::now();
    let request = app_access_token::Internal::new(&app.id, app.secret.clone());
    let mut response = app_access_token::InternalResponse::blank();
    ask(core, &request, Some(&mut response)).await?;
    Token::issued(
        &app_access_token::Internal::ENDPOINT,
        "app_access_token",
        response.app_access_token,
        asked_at,
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
        app.share_name(base_url, "tenant", tenant)
    }

    #[test]
    fn a_token_is_shared_only_by_those_who_would_get_the_same() {
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
    fn the_name_of_a_shared_token_holds_neither_id_nor_secret() {
        let shared = name("https://open.feishu.cn", "cli_1", "right-secret", "tenant-key");
        assert_eq!(shared.len(), "token:tenant:".len() + 64);
        for part in ["cli_1", "right-secret", "tenant-key"] {
            assert!(!shared.contains(part), "{shared}");
        }
    }
}
