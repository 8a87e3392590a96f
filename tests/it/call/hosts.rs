//! Where a client sends its calls.

use crate::support::{APP_ID, APP_SECRET, Platform, Reply};
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::error::{ErrorKind, TransportKind};
use larkspur::{Client, Host};

const LINKS: &str = r#"{"tmp_download_urls":[]}"#;

fn request() -> BatchGetTmpDownloadUrl {
    BatchGetTmpDownloadUrl::new(["boxcn1"])
}

#[test]
fn plain_http_is_for_loopback_alone() {
    let build = |url: &str| Client::builder().base_url(url).build();
    for url in [
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://[::1]:1",
        "http://localhost:1",
        "http://0x7f.1",
    ] {
        build(url).unwrap();
    }
    for url in [
        "http://open.feishu.cn",
        "http://10.0.0.1",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://127.0.0.1@example.com",
        "http://[::ffff:127.0.0.1]",
        "http://0.0.0.0",
        "ftp://x",
        "x",
    ] {
        assert!(matches!(build(url).unwrap_err().kind(), ErrorKind::Config(_)), "{url}");
    }
}

#[test]
fn base_url_rejects_password_without_showing_it() {
    for url in [
        "https://me:passw0rd@host/?k=v",
        "https://me:passw0rd?@host",
        "https://me:passw0rd#@host",
        "https://me:passw0rd/@host",
    ] {
        let builder = Client::builder().base_url(url);
        let shown = format!("{builder:?}");
        let error = builder.build().unwrap_err();
        let message = format!("{error} {error:?} {error:#?} {shown}");
        assert!(!message.contains("passw0rd"), "{url}: {message}");
    }
}

#[test]
fn the_hosts_are_those_of_feishu_and_lark() {
    let shown = |host| format!("{:?}", Client::builder().host(host).build().unwrap());
    assert!(shown(Host::Feishu).contains("\"https://open.feishu.cn\""));
    assert!(shown(Host::Lark).contains("\"https://open.larksuite.com\""));
}

#[tokio::test]
async fn plain_host_is_a_tls_error() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let url = platform.base_url().replace("http://", "https://");
    let client = Client::builder().tenant_token("t-1").base_url(url).build().unwrap();
    let error = request().send(&client).await.unwrap_err();
    let ErrorKind::Transport(fault) = error.kind() else {
        panic!("{error}")
    };
    assert_eq!(fault.kind, TransportKind::Tls, "{error}");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let url = format!("{}/gateway/", platform.base_url());
    let client = Client::builder().tenant_token("t-1").base_url(url).build().unwrap();
    request().send(&client).await.unwrap();
    assert!(
        platform
            .call()
            .target
            .starts_with("/gateway/open-apis/drive/v1/medias/")
    );
}

#[tokio::test]
async fn uses_custom_http_client() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = Client::builder()
        .app(APP_ID, APP_SECRET)
        .base_url(platform.base_url())
        .http(own_http_client())
        .build()
        .unwrap();
    request().send(&client).await.unwrap();
    assert_eq!(platform.call().header("user-agent"), "mine/1");
}

/// The HTTP client has no TLS provider of its own here, and none is needed.
fn own_http_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().user_agent("mine/1").build().unwrap()
}

#[tokio::test]
async fn rejects_response_from_another_host() {
    let elsewhere = Platform::replying(Reply::data(LINKS)).await;
    let location = elsewhere.base_url();
    let platform = Platform::replying(Reply::new(307, "").header("location", location)).await;
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(platform.base_url())
        .http(own_http_client())
        .build()
        .unwrap();
    let error = request().send(&client).await.unwrap_err();
    assert_eq!(elsewhere.calls().len(), 1);
    assert!(error.to_string().contains("redirect::Policy::none()"), "{error}");
}

#[test]
fn public_types_are_send_and_sync() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Client>();
    shared::<larkspur::ClientBuilder>();
    shared::<larkspur::ByteStream>();
    shared::<larkspur::Error>();
}
