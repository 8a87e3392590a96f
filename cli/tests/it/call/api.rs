//! `larkspur api`.

use std::fs;
use std::process::Command;

use larkspur_mock::Failure;
use serde_json::{Value, json};

use super::site::{LINKS, MEDIA, SEND, Site};
use crate::support::run::{Outcome, command, run};

/// Returns the command with the app of the mock server.
fn api(site: &Site, arguments: &[&str]) -> Command {
    let mut command = command(&[&["api"], arguments].concat());
    command.env("LARKSPUR_BASE_URL", site.mock.base_url());
    command.env("LARKSPUR_APP_ID", site.mock.app_id());
    command.env("LARKSPUR_APP_SECRET", site.mock.app_secret());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn api_sends_query_and_body() -> Outcome {
    let site = Site::start().await?;
    let body = r#"{"receive_id":"oc_1","msg_type":"text","content":"{}"}"#;
    let arguments = [
        "post",
        "/open-apis/im/v1/messages",
        "-q",
        "receive_id_type=chat_id",
        "--body",
        body,
    ];
    let ran = run(&mut api(&site, &arguments))?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let response: Value = serde_json::from_str(&ran.out)?;
    assert!(response["message_id"].is_string(), "{response}");
    let sent: Value = serde_json::from_slice(&site.sent(SEND)?.body)?;
    assert_eq!(sent, json!({"receive_id": "oc_1", "msg_type": "text", "content": "{}"}));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn api_saves_a_file() -> Outcome {
    let site = Site::start().await?;
    let to = site.path("file").to_string_lossy().into_owned();
    let arguments = ["GET", "/open-apis/drive/v1/medias/boxcn1/download", "--file", "-o", &to];
    let ran = run(&mut api(&site, &arguments))?;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(!fs::read(&to)?.is_empty());
    assert_eq!(site.mock.calls(MEDIA), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn api_reports_errors_of_the_platform() -> Outcome {
    let site = Site::start().await?;
    let path = "/open-apis/drive/v1/medias/batch_get_tmp_download_url";
    site.mock.fail_next(LINKS, Failure::status(403))?;
    let ran = run(&mut api(&site, &["GET", path, "-q", "file_tokens=boxcn1"]))?;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("HTTP 403"), "{}", ran.err);
    for arguments in [
        &["GET", "open-apis/x"][..],
        &["GET", "/open-apis/x", "--header", "Authorization=x"],
        &["FETCH", "/open-apis/x"],
        &["POST", "/open-apis/x", "--body", "{"],
    ] {
        let ran = run(&mut api(&site, arguments))?;
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.err);
    }
    Ok(())
}
