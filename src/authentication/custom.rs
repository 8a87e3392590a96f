//! Tokens of a custom app.

use std::sync::Arc;

use tokio::time::Instant;

use super::App;
use super::asking::ask;
use super::token::Token;
use crate::auth::v3::{app_access_token, tenant_access_token};
use crate::client::Core;
use crate::error::Result;
use crate::wire::Decode;

/// The app's token in its one tenant.
pub(super) async fn tenant_token(core: &Arc<Core>, app: &App) -> Result<Token> {
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
pub(super) async fn app_token(core: &Arc<Core>, app: &App) -> Result<Token> {
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
