//! How the tokens of an app are fetched: from the store that processes share if there is one, else from the platform.
//!
//! These functions give boxed futures under their own names, for a fetch is itself a call, and calls fetch tokens.

use std::sync::Arc;

use secrecy::SecretString;

use super::sharing::Shared;
use super::token::Token;
use super::{App, custom, store_app};
use crate::auth::v3::{app_access_token, tenant_access_token};
use crate::client::Core;
use crate::endpoint::EndpointInfo;
use crate::error::{Error, ErrorKind, Result};
use crate::store::Pending;

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
                None => custom::tenant_token(&core, &app).await,
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
                None => custom::app_token(&core, &app).await,
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
