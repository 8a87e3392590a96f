//! Which token a call carries: what the endpoint accepts, what the client has, what a view selects.

use crate::support::{APP_ID, APP_SECRET, Platform, Reply, TENANT_TOKEN};
use larkspur::endpoint::{AppKind, EndpointInfo, Method, Request, TokenKind};
use larkspur::error::{AuthError, ErrorKind};
use larkspur::tickets::Tickets;
use larkspur::wire::{Encode, FieldInfo, Fields, object};
use larkspur::{Client, ClientBuilder};

const APP_TOKEN: &str = "a-app-token";

/// A request without fields.
struct Ask(&'static EndpointInfo);

impl Fields for Ask {
    fn fields(&self) -> &'static [FieldInfo] {
        &[]
    }

    fn value(&self, _index: usize) -> Option<&dyn Encode> {
        None
    }
}

impl Request for Ask {
    fn endpoint(&self) -> &'static EndpointInfo {
        self.0
    }
}

object!(Ask);

const fn endpoint(tokens: &'static [TokenKind]) -> EndpointInfo {
    EndpointInfo::new("test.v1.ask", Method::Get, "/open-apis/ask").tokens(tokens)
}

static ANY: EndpointInfo = endpoint(&[TokenKind::User, TokenKind::App, TokenKind::Tenant]);
static APP: EndpointInfo = endpoint(&[TokenKind::App]);
static TENANT: EndpointInfo = endpoint(&[TokenKind::Tenant]);
static USER: EndpointInfo = endpoint(&[TokenKind::User]);
static STORE: EndpointInfo = endpoint(&[]).apps(&[AppKind::Store]);

async fn platform() -> Platform {
    Platform::start(|request| match request.target.as_str() {
        "/open-apis/auth/v3/app_access_token/internal" => {
            let body = format!(r#"{{"code":0,"app_access_token":"{APP_TOKEN}","expire":7200}}"#);
            Reply::json(200, &body)
        }
        _ if request.is_for_a_token() => crate::support::token(7200),
        _ => Reply::data("{}"),
    })
    .await
}

fn build(platform: &Platform, builder: ClientBuilder) -> Client {
    builder.base_url(platform.base_url()).build().unwrap()
}

fn app() -> ClientBuilder {
    Client::builder().app(APP_ID, APP_SECRET)
}

/// The token that a call of this endpoint carries.
async fn sent(builder: ClientBuilder, endpoint: &'static EndpointInfo) -> String {
    let platform = platform().await;
    build(&platform, builder).call_empty(&Ask(endpoint)).await.unwrap();
    let authorization = platform.calls().last().unwrap().header("authorization");
    authorization.trim_start_matches("Bearer ").to_owned()
}

/// Why a call is not made.
async fn refused(
    builder: ClientBuilder,
    view: impl Fn(Client) -> Client,
    endpoint: &'static EndpointInfo,
) -> AuthError {
    let platform = platform().await;
    let client = view(build(&platform, builder));
    let error = client.call_empty(&Ask(endpoint)).await.unwrap_err();
    assert_eq!(platform.calls().len() + platform.token_requests(), 0, "{error}");
    match error.kind() {
        ErrorKind::Auth(caller) => caller.clone(),
        _ => panic!("{error}"),
    }
}

#[tokio::test]
async fn prefers_tenant_then_app_then_user_token() {
    let both = || app().user_token("u-1");
    assert_eq!(sent(both(), &ANY).await, TENANT_TOKEN);
    assert_eq!(sent(both(), &APP).await, APP_TOKEN);
    assert_eq!(sent(both(), &USER).await, "u-1");
}

#[tokio::test]
async fn sends_user_token_if_it_is_the_only_one() {
    assert_eq!(sent(Client::builder().user_token("u-1"), &ANY).await, "u-1");
}

#[tokio::test]
async fn a_view_sends_what_it_names_or_nothing() {
    let platform = platform().await;
    let client = build(&platform, app());
    for (view, token) in [
        (client.as_app(), APP_TOKEN),
        (client.as_user("u-2"), "u-2"),
        (client.as_tenant(), TENANT_TOKEN),
    ] {
        view.call_empty(&Ask(&ANY)).await.unwrap();
        let sent = platform.calls().last().unwrap().header("authorization");
        assert_eq!(sent, format!("Bearer {token}"));
    }
    let wrong = |given, taken| AuthError::TokenKind { given, taken };
    assert_eq!(
        refused(app(), |client| client.as_app(), &TENANT).await,
        wrong(TokenKind::App, TENANT.tokens)
    );
    assert_eq!(
        refused(app(), |client| client.as_tenant(), &APP).await,
        wrong(TokenKind::Tenant, APP.tokens)
    );
    assert_eq!(
        refused(app(), |client| client.as_login(&client.login("ada")), &APP).await,
        wrong(TokenKind::User, APP.tokens)
    );
}

#[tokio::test]
async fn names_missing_credentials_before_sending() {
    let same = |client| client;
    assert_eq!(refused(app(), same, &USER).await, AuthError::NoUser);
    assert_eq!(
        refused(Client::builder(), same, &TENANT).await,
        AuthError::NoCredentials
    );
    assert_eq!(refused(Client::builder(), same, &APP).await, AuthError::NoApp);
    assert_eq!(
        refused(app(), |client| client.for_tenant("tenant-1"), &TENANT).await,
        AuthError::OneTenant
    );
}

#[tokio::test]
async fn checks_app_kind_without_tokens() {
    let error = refused(app(), |client| client, &STORE).await;
    let given = AppKind::Custom;
    let allowed = STORE.apps;
    assert_eq!(error, AuthError::AppKind { given, allowed });
}

#[tokio::test]
async fn fixed_token_refuses_tenant_view() {
    let store_app = Client::builder().store_app("cli_store", APP_SECRET, Tickets::new());
    for builder in [
        Client::builder().tenant_token("t-1"),
        app().tenant_token("t-1"),
        store_app.tenant_token("t-1"),
    ] {
        let in_tenant = |client: Client| client.for_tenant("tenant-1");
        assert_eq!(
            refused(builder.clone(), in_tenant, &TENANT).await,
            AuthError::FixedTenant
        );
        let back = |client: Client| client.for_tenant("tenant-1").as_tenant();
        assert_eq!(refused(builder, back, &ANY).await, AuthError::FixedTenant);
    }
}

#[tokio::test]
async fn custom_app_refuses_user_of_named_tenant() {
    for view in [
        |client: Client| client.for_tenant("tenant-1").as_user("u-1"),
        |client: Client| client.for_tenant("tenant-1").as_login(&client.login("ada")),
    ] {
        assert_eq!(refused(app(), view, &USER).await, AuthError::OneTenant);
    }
}

#[tokio::test]
async fn app_view_drops_tenant() {
    let platform = platform().await;
    let client = build(&platform, app()).for_tenant("tenant-1").as_app();
    client.call_empty(&Ask(&APP)).await.unwrap();
    assert!(!format!("{client:?}").contains("tenant-1"));
}

#[tokio::test]
async fn refuses_login_of_another_client() {
    let platform = platform().await;
    let other_app = build(&platform, Client::builder().app("cli_other", APP_SECRET));
    let without_app = build(&platform, Client::builder());
    let other_host = app().build().unwrap();
    for other in [&other_app, &without_app, &other_host] {
        let view = |client: Client| client.as_login(&other.login("ada"));
        assert_eq!(refused(app(), view, &USER).await, AuthError::OtherClient);
    }
    // Two clients without an app may be of two apps.
    let view = |client: Client| client.as_login(&without_app.login("ada"));
    assert_eq!(refused(Client::builder(), view, &USER).await, AuthError::OtherClient);
    // A client of the same app and host may send the token.
    let (one, two) = (build(&platform, app()), build(&platform, app()));
    let error = one
        .as_login(&two.login("ada"))
        .call_empty(&Ask(&USER))
        .await
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Login(_)), "{error}");
}
