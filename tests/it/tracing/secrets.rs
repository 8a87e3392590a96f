//! Secrets are sent to the platform, and shown to nobody.

use std::fmt::Debug;

use crate::support::sample::Update;
use crate::support::{APP_ID, APP_SECRET, Platform, Reply, TENANT_TOKEN, USER_TOKEN};
use larkspur::auth::v3::tenant_access_token::Internal;
use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, BatchGetTmpDownloadUrlResponse};
use larkspur::error::ErrorKind;
use larkspur::wire;
use larkspur::{Client, Error};

fn assert_hidden(shown: &str) {
    for secret in [APP_SECRET, TENANT_TOKEN, USER_TOKEN, "the-link"] {
        assert!(!shown.contains(secret), "{secret} is in:\n{shown}");
    }
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

async fn failed(reply: Reply) -> Error {
    let platform = Platform::replying(reply).await;
    let client = platform.client().as_user(USER_TOKEN);
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    request.send(&client).await.unwrap_err()
}

#[tokio::test]
async fn a_client_shows_no_secret() {
    let platform = Platform::replying(Reply::data("{}")).await;
    let client = platform.client();
    BatchGetTmpDownloadUrl::new(["boxcn1"]).send(&client).await.unwrap();
    assert_hidden(&shown(&client));
    assert_hidden(&shown(&client.as_user(USER_TOKEN)));
    assert_hidden(&shown(
        &Client::builder().app(APP_ID, APP_SECRET).tenant_token(TENANT_TOKEN),
    ));
    assert!(shown(&client).contains(APP_ID));
}

#[test]
fn a_request_shows_no_secret() {
    let request = Internal::new(APP_ID, APP_SECRET);
    assert_eq!(
        format!("{request:?}"),
        r#"Internal {app_id: "cli_stand_in", app_secret: [redacted]}"#
    );
}

#[tokio::test]
async fn a_response_shows_no_secret() {
    let data = r#"{"tmp_download_urls":[{"file_token":"a","tmp_download_url":"https://x/the-link"}]}"#;
    let platform = Platform::replying(Reply::data(data)).await;
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    let response = request.send(&platform.client()).await.unwrap();
    assert_hidden(&shown(&response));
    assert!(shown(&response).contains("file_token"));
}

#[tokio::test]
async fn error_redacts_repeated_secret() {
    let repeated = format!(
        r#"{{"code":1,"msg":"token {USER_TOKEN} bad","error":{{
            "field_violations":[{{"field":"x","value":"{USER_TOKEN}","description":"{USER_TOKEN}"}}],
            "helps":[{{"url":"https://h?t={USER_TOKEN}","description":"d"}}]}}}}"#
    );
    for reply in [
        Reply::json(400, &repeated),
        Reply::json(200, &repeated),
        Reply::new(502, format!("upstream refused Bearer {USER_TOKEN}")),
    ] {
        let error = failed(reply).await;
        assert_hidden(&format!("{error} {}", shown(&error)));
    }
}

#[tokio::test]
async fn token_endpoint_error_redacts_app_secret() {
    let body = format!(r#"{{"code":10014,"msg":"{APP_SECRET} is wrong"}}"#);
    let platform = Platform::start(move |_| Reply::json(400, &body)).await;
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    let error = request.send(&platform.client()).await.unwrap_err();
    assert_hidden(&format!("{error} {}", shown(&error)));
}

#[tokio::test]
async fn decode_error_shows_no_value() {
    for data in [
        r#"{"tmp_download_urls":[{"file_token":"a","tmp_download_url":["the-link"]}]}"#,
        r#"{"tmp_download_urls":"the-link"}"#,
        r#""the-link""#,
        r#"["the-link"]"#,
        r#"{"tmp_download_urls":{"the-link":1}}"#,
    ] {
        let platform = Platform::replying(Reply::data(data)).await;
        let strict = Client::builder()
            .user_token(USER_TOKEN)
            .base_url(platform.base_url())
            .strict_decoding(true)
            .build()
            .unwrap();
        let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
        let error = request.clone().send(&strict).await.unwrap_err();
        assert_hidden(&format!("{error} {}", shown(&error)));
        // What is left out is not printed either.
        let result = request.send(&platform.client()).await;
        assert_hidden(&shown(&result));
    }
}

#[tokio::test]
async fn non_object_response_shows_no_value() {
    let error = failed(Reply::json(200, r#""the-link""#)).await;
    assert_hidden(&format!("{error} {}", shown(&error)));
}

#[tokio::test]
async fn decode_error_path_shows_no_secret() {
    let data = format!(r#"{{"tmp_download_urls":[],"{USER_TOKEN}":1e999}}"#);
    let error = failed(Reply::data(&data)).await;
    assert!(matches!(error.kind(), ErrorKind::Decode(_)), "{error}");
    assert_hidden(&format!("{error} {}", shown(&error)));
}

#[test]
fn unknown_key_is_shown_without_value() {
    let json = r#"{"tmp_download_urls":[],"new_token":"the-link"}"#;
    let response: BatchGetTmpDownloadUrlResponse = serde_json::from_str(json).unwrap();
    let shown = format!("{} {}", shown(&response), shown(&response.unknown));
    assert!(shown.contains("new_token"), "{shown}");
    assert_hidden(&shown);
}

#[tokio::test]
async fn redacts_repeated_nested_secret() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":1,"msg":"the-link is bad"}"#)).await;
    let inner = r#"{"name":"a","children":[{"name":"b","key":"the-link"}]}"#;
    let request = Update {
        id: 7,
        dry: None,
        trace: None,
        sample: serde_json::from_str(inner).unwrap(),
        list: None,
    };
    let error = platform.client().call_empty(&request).await.unwrap_err();
    assert_hidden(&format!("{error} {}", shown(&error)));
}

#[tokio::test]
async fn rejects_invalid_token_without_showing_it() {
    let client = Client::builder().base_url("http://127.0.0.1:9").build().unwrap();
    for token in [format!("{USER_TOKEN}\n"), format!("{USER_TOKEN} "), String::new()] {
        let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
        let error = request.send(&client.as_user(token)).await.unwrap_err();
        assert_hidden(&format!("{error} {}", shown(&error)));
        assert!(error.to_string().contains("line breaks"), "{error}");
    }
}

#[test]
fn rejects_secret_with_line_break() {
    let error = Client::builder()
        .app(APP_ID, format!("{APP_SECRET}\n"))
        .build()
        .unwrap_err();
    assert_hidden(&format!("{error} {}", shown(&error)));
    assert!(error.to_string().contains("the app secret"), "{error}");
}

#[test]
fn sent_form_contains_secret() {
    let json = serde_json::to_value(wire::Object(&Internal::new(APP_ID, APP_SECRET))).unwrap();
    assert_eq!(json["app_secret"], APP_SECRET);
}
