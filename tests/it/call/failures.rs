//! What an answer that tells of a failure, or that cannot be understood, becomes.

use crate::support::{Platform, Reply};
use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, BatchGetTmpDownloadUrlError};
use larkspur::error::ErrorKind;

fn request() -> BatchGetTmpDownloadUrl {
    BatchGetTmpDownloadUrl::new(["boxcn1", "boxcn2"])
}

async fn message(reply: Reply) -> String {
    let platform = Platform::replying(reply).await;
    request().send(&platform.client()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_failure_is_read_on_every_http_status() {
    for status in [200, 400, 403, 429, 500] {
        let body = r#"{"code":1061002,"msg":"params error.","data":[1]}"#;
        let platform = Platform::replying(Reply::json(status, body)).await;
        let error = request().send(&platform.client()).await.unwrap_err();
        assert_eq!((error.status(), error.code()), (Some(status), Some(1061002)));
        assert_eq!(error.documented(), Some(BatchGetTmpDownloadUrlError::InvalidParams));
    }
}

#[tokio::test]
async fn a_failure_is_read_where_its_code_stands_behind_its_data() {
    let body = r#"{"data":{"tmp_download_urls":"none"},"msg":"params error.","code":1061002}"#;
    let platform = Platform::replying(Reply::json(200, body)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert_eq!(error.code(), Some(1061002));
}

#[tokio::test]
async fn a_documented_status_counts_where_no_code_does() {
    let platform = Platform::replying(Reply::json(403, r#"{"code":1,"msg":"no"}"#)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert_eq!(error.documented(), Some(BatchGetTmpDownloadUrlError::Forbidden));
    assert_eq!(error.documented::<larkspur::im::v1::file::GetError>(), None);
}

#[tokio::test]
async fn an_error_tells_all_that_the_platform_does() {
    let body = r#"{"code":99991672,"msg":"Access denied.","error":{
        "log_id":"of-the-body",
        "troubleshooter":"https://open.feishu.cn/search?log_id=1",
        "helps":[{"url":"https://help","description":"about it"}],
        "field_violations":[{"field":"extra","value":"x","description":"is no JSON"}],
        "permission_violations":[
            {"scope":"bitable:app","url":"https://ask"},
            {"type":"action","subject":"drive:drive","description":"ask for it"}]}}"#;
    let message = message(Reply::json(400, body).header("X-Tt-Logid", "of-the-header")).await;
    for part in [
        "HTTP 400, code 99991672: Access denied.",
        "The app lacks a scope",
        "troubleshooting: https://open.feishu.cn/search?log_id=1",
        "help: https://help about it",
        "field `extra` = x: is no JSON",
        "missing scope bitable:app: https://ask",
        "missing scope drive:drive: ask for it",
        "log id: of-the-header",
    ] {
        assert!(message.contains(part), "{part} is not in:\n{message}");
    }
}

#[tokio::test]
async fn a_missing_scope_comes_with_the_link_to_add_it() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":99991672,"msg":"Access denied."}"#)).await;
    let message = request().send(&platform.client()).await.unwrap_err().to_string();
    let link = format!(
        "help: {}/app/cli_stand_in/auth?q=bitable:app&op_from=openapi",
        platform.base_url()
    );
    assert!(
        message.contains("Any one of: bitable:app, ") && message.contains(&link),
        "{message}"
    );
}

#[tokio::test]
async fn the_link_names_the_scope_that_the_platform_names() {
    let body = r#"{"code":99991679,"msg":"Unauthorized","error":{
        "permission_violations":[{"type":"action_privilege_required","subject":"drive:x y"}]}}"#;
    let message = message(Reply::json(400, body)).await;
    assert!(
        message.contains("/app/cli_stand_in/auth?q=drive:x%20y&op_from=openapi"),
        "{message}"
    );
    assert!(message.contains("let the user log in again"), "{message}");
}

#[tokio::test]
async fn a_link_of_the_platforms_own_is_not_joined_by_another() {
    for error in [
        r#"{"helps":[{"url":"https://help","description":"d"}]}"#,
        r#"{"permission_violations":[{"scope":"bitable:app","url":"https://ask"}]}"#,
    ] {
        let body = format!(r#"{{"code":99991672,"msg":"Access denied.","error":{error}}}"#);
        let message = message(Reply::json(400, &body)).await;
        assert!(!message.contains("/app/cli_stand_in"), "{message}");
    }
}

#[tokio::test]
async fn a_code_of_every_endpoint_says_what_to_do() {
    for (code, way_out) in [
        (99991661, "`Authorization`"),
        (99991663, "One from outside has to be replaced"),
        (99991665, "the id and the secret"),
        (99991668, "let the user log in again"),
        (99991677, "client.as_login(&login)"),
        (99991676, "log in again"),
        (99991543, "as the developer console shows them"),
    ] {
        let message = message(Reply::json(400, &format!(r#"{{"code":{code},"msg":"no"}}"#))).await;
        assert!(message.contains(way_out), "{message}");
    }
}

#[tokio::test]
async fn the_log_id_comes_from_either_header_or_the_body() {
    let body = r#"{"code":1,"msg":"no","error":{"logid":"of-the-body"}}"#;
    let own = Reply::json(400, body).header("X-Request-Id", "second");
    assert!(
        message(own.clone().header("X-Tt-Logid", "first"))
            .await
            .contains("log id: first")
    );
    assert!(message(own).await.contains("log id: second"));
    assert!(message(Reply::json(400, body)).await.contains("log id: of-the-body"));
}

#[tokio::test]
async fn an_empty_body_still_gives_an_error_of_use() {
    let message = message(Reply::new(400, "").header("X-Tt-Logid", "log-1")).await;
    for part in [
        "drive.v1.media.batch_get_tmp_download_url",
        "HTTP 400 with an empty body",
        "documentation: https://open.feishu.cn/",
        "log id: log-1",
    ] {
        assert!(message.contains(part), "{part} is not in:\n{message}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_envelope_is_shown_in_one_line() {
    let reply = Reply::new(502, "<html>\n\u{1b}[31mBad gateway").header("content-type", "text/html");
    let message = message(reply).await;
    assert!(message.contains(r#"the body "<html>  [31mBad gateway""#), "{message}");
}

#[tokio::test]
async fn an_answer_that_does_not_fit_tells_where_and_not_what() {
    let data = r#"{"tmp_download_urls":[{"file_token":"a","tmp_download_url":"b"},{"file_token":["hidden"]}]}"#;
    let message = message(Reply::data(data)).await;
    let expected = "`data.tmp_download_urls[1].file_token`: expected a string, found a list";
    assert!(message.contains(expected) && !message.contains("hidden"), "{message}");
}

#[tokio::test]
async fn a_required_key_that_is_missing_is_named() {
    let message = message(Reply::data(r#"{"tmp_download_urls":[{"file_token":"a"}]}"#)).await;
    let path = "`data.tmp_download_urls[0].tmp_download_url`: expected a value, found nothing";
    assert!(message.contains(path), "{message}");
}

#[tokio::test]
async fn a_message_that_is_no_text_does_not_cost_the_code() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":1061002,"msg":{"a":1}}"#)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert_eq!((error.code(), error.msg()), (Some(1061002), Some(r#"{"a":1}"#)));
}

#[tokio::test]
async fn a_compressed_answer_is_told_as_such() {
    let reply = Reply::new(200, &b"\x1f\x8b"[..]).header("content-encoding", "gzip");
    let message = message(reply).await;
    assert!(message.contains(r#"compressed ("gzip")"#), "{message}");
}

#[tokio::test]
async fn no_body_and_no_code_are_no_success() {
    for body in ["", "[]", "{}", r#"{"data":{}}"#, r#"{"code":0"#] {
        let platform = Platform::replying(Reply::json(200, body)).await;
        let error = request().send(&platform.client()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Decode(_)), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let reply = Reply::new(302, "").header("location", "https://elsewhere.example/x?secret=1");
    let message = message(reply).await;
    assert!(message.contains("a redirect to elsewhere.example"), "{message}");
    assert!(!message.contains("secret"), "{message}");
}

#[tokio::test]
async fn a_redirect_without_a_scheme_names_its_host_too() {
    let message = message(Reply::new(302, "").header("location", "//elsewhere.example/x")).await;
    assert!(message.contains("a redirect to elsewhere.example"), "{message}");
}

#[tokio::test]
async fn too_many_calls_can_be_tried_again_when_the_platform_says() {
    let body = r#"{"code":99991400,"msg":"request trigger frequency limit"}"#;
    let reply = Reply::json(400, body)
        .header("x-ogw-ratelimit-reset", "7")
        .header("retry-after", "9");
    let platform = Platform::replying(reply).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(error.retry_after().unwrap().as_secs(), 7);
}

#[tokio::test]
async fn a_wrong_parameter_is_not_worth_another_try() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":1061002,"msg":"no"}"#)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn an_answer_past_the_limit_is_not_taken_into_memory() {
    const LIMIT: usize = 64 * 1024 * 1024;
    let announced = Reply::json(200, "{").header("content-length", "67108865").hang();
    for reply in [announced, Reply::new(200, vec![b' '; LIMIT + 1])] {
        let platform = Platform::replying(reply).await;
        let error = request().send(&platform.client()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TooLarge { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_main_that_returns_the_error_prints_what_a_person_can_read() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":1061002,"msg":"params error."}"#)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn an_error_is_one_word_large() {
    assert_eq!(size_of::<larkspur::Error>(), size_of::<usize>());
}
