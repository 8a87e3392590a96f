//! Errors from failure responses and from responses that cannot be decoded.

use crate::support::{Platform, Reply};
use larkspur::Client;
use larkspur::drive::v1::ErrorCode;
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::error::ErrorKind;

fn request() -> BatchGetTmpDownloadUrl {
    BatchGetTmpDownloadUrl::new(["boxcn1", "boxcn2"])
}

/// The error of a client that decodes strictly.
async fn strict_message(reply: Reply) -> String {
    let platform = Platform::replying(reply).await;
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(platform.base_url())
        .strict_decoding(true)
        .build()
        .unwrap();
    request().send(&client).await.unwrap_err().report().to_string()
}

async fn message(reply: Reply) -> String {
    let platform = Platform::replying(reply).await;
    request()
        .send(&platform.client())
        .await
        .unwrap_err()
        .report()
        .to_string()
}

#[tokio::test]
async fn parses_api_error_on_every_status() {
    for status in [200, 400, 403, 429, 500] {
        let body = r#"{"code":1061002,"msg":"params error.","data":[1]}"#;
        let platform = Platform::replying(Reply::json(status, body)).await;
        let error = request().send(&platform.client()).await.unwrap_err();
        assert_eq!((error.status(), error.code()), (Some(status), Some(1061002)));
        assert_eq!(error.code_as(), Some(ErrorCode::InvalidParams));
    }
}

#[tokio::test]
async fn parses_code_after_data() {
    let body = r#"{"data":{"tmp_download_urls":"none"},"msg":"params error.","code":1061002}"#;
    let platform = Platform::replying(Reply::json(200, body)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert_eq!(error.code(), Some(1061002));
}

#[tokio::test]
async fn falls_back_to_documented_status() {
    let platform = Platform::replying(Reply::json(403, r#"{"code":1,"msg":"no"}"#)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert_eq!(error.code_as::<ErrorCode>(), None);
    assert!(error.hint().unwrap().contains("may not download"), "{error:?}");
}

#[tokio::test]
async fn code_belongs_to_its_project_version() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":234005,"msg":"no"}"#)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert_eq!(error.code_as::<larkspur::im::v1::ErrorCode>(), None);
    let error = larkspur::im::v1::file::Get::new("file")
        .send(&platform.client())
        .await
        .unwrap_err();
    assert_eq!(error.code_as(), Some(larkspur::im::v1::ErrorCode::FileDeleted));
    assert_eq!(error.code_as::<ErrorCode>(), None);
}

#[tokio::test]
async fn error_has_all_platform_details() {
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
        "The app is missing a scope",
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
async fn missing_scope_error_links_to_console() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":99991672,"msg":"Access denied."}"#)).await;
    let message = request()
        .send(&platform.client())
        .await
        .unwrap_err()
        .report()
        .to_string();
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
async fn scope_link_names_reported_scope() {
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
async fn platform_link_replaces_scope_link() {
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
async fn common_codes_have_hints() {
    for (code, way_out) in [
        (99991661, "`Authorization`"),
        (99991663, "Replace a token passed in from outside"),
        (99991665, "the id and the secret"),
        (99991668, "let the user log in again"),
        (99991677, "client.as_login(&login)"),
        (99991676, "log in again"),
        (99991543, "in the developer console"),
    ] {
        let message = message(Reply::json(400, &format!(r#"{{"code":{code},"msg":"no"}}"#))).await;
        assert!(message.contains(way_out), "{message}");
    }
}

#[tokio::test]
async fn log_id_from_headers_or_body() {
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
async fn empty_body_error_is_useful() {
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
async fn unexpected_body_is_shown_on_one_line() {
    let reply = Reply::new(502, "<html>\n\u{1b}[31mBad gateway").header("content-type", "text/html");
    let message = message(reply).await;
    assert!(message.contains(r#"body: "<html>  [31mBad gateway""#), "{message}");
}

#[tokio::test]
async fn decode_error_has_path_without_value() {
    let data = r#"{"tmp_download_urls":[{"file_token":"a","tmp_download_url":"b"},{"file_token":["hidden"]}]}"#;
    let message = strict_message(Reply::data(data)).await;
    let expected = "`data.tmp_download_urls[1].file_token`: expected a string, found a list";
    assert!(message.contains(expected) && !message.contains("hidden"), "{message}");
}

#[tokio::test]
async fn names_missing_required_key() {
    let message = strict_message(Reply::data(r#"{"tmp_download_urls":[{"file_token":"a"}]}"#)).await;
    let path = "`data.tmp_download_urls[0].tmp_download_url`: expected a value, found nothing";
    assert!(message.contains(path), "{message}");
}

#[tokio::test]
async fn invalid_message_keeps_code() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":1061002,"msg":{"a":1}}"#)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert_eq!((error.code(), error.msg()), (Some(1061002), Some(r#"{"a":1}"#)));
}

#[tokio::test]
async fn reports_unexpected_content_encoding() {
    let reply = Reply::new(200, &b"\x1f\x8b"[..]).header("content-encoding", "gzip");
    let message = message(reply).await;
    assert!(message.contains(r#"Content-Encoding ("gzip")"#), "{message}");
}

#[tokio::test]
async fn requires_body_and_code() {
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
async fn scheme_relative_redirect_names_host() {
    let message = message(Reply::new(302, "").header("location", "//elsewhere.example/x")).await;
    assert!(message.contains("a redirect to elsewhere.example"), "{message}");
}

#[tokio::test]
async fn rate_limited_error_has_retry_time() {
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
async fn invalid_parameter_is_not_retryable() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":1061002,"msg":"no"}"#)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn limits_response_size() {
    const LIMIT: usize = 64 * 1024 * 1024;
    let announced = Reply::json(200, "{").header("content-length", "67108865").hang();
    for reply in [announced, Reply::new(200, vec![b' '; LIMIT + 1])] {
        let platform = Platform::replying(reply).await;
        let error = request().send(&platform.client()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TooLarge { .. }), "{error}");
    }
}

#[tokio::test]
async fn debug_of_error_is_readable() {
    let platform = Platform::replying(Reply::json(400, r#"{"code":1061002,"msg":"params error."}"#)).await;
    let error = request().send(&platform.client()).await.unwrap_err();
    assert!(format!("{error:?}").starts_with("Error { endpoint: Some("), "{error:?}");
    assert_eq!(error.to_string().lines().count(), 1);
    assert!(error.report().to_string().starts_with(&error.to_string()));
}

#[test]
fn an_error_is_one_word_large() {
    assert_eq!(size_of::<larkspur::Error>(), size_of::<usize>());
}

#[tokio::test]
async fn predicates_classify_responses() {
    for (status, body, expected) in [
        (404, r#"{"code":1,"msg":"no"}"#, [true, false, false]),
        (429, r#"{"code":1,"msg":"no"}"#, [false, true, false]),
        (400, r#"{"code":99991400,"msg":"no"}"#, [false, true, false]),
        (400, r#"{"code":99991663,"msg":"no"}"#, [false, false, true]),
        (400, r#"{"code":99991672,"msg":"no"}"#, [false, false, true]),
        (401, "", [false, false, true]),
        (500, r#"{"code":1,"msg":"no"}"#, [false, false, false]),
    ] {
        let platform = Platform::replying(Reply::json(status, body)).await;
        let client = platform.client().with_retries(larkspur::RetryPolicy::none());
        let error = request().send(&client).await.unwrap_err();
        let found = [error.is_not_found(), error.is_rate_limited(), error.is_auth()];
        assert_eq!(found, expected, "{error}");
        assert!(!error.is_timeout(), "{error}");
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }
}

#[tokio::test]
async fn transport_error_has_its_source() {
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url("http://127.0.0.1:9")
        .retries(larkspur::RetryPolicy::none())
        .build()
        .unwrap();
    let error = request().send(&client).await.unwrap_err();
    let mut source = std::error::Error::source(&error);
    let mut refused = false;
    while let Some(cause) = source {
        assert!(!cause.to_string().contains("127.0.0.1:9/open-apis"), "{cause}");
        let io = cause.downcast_ref::<std::io::Error>();
        refused |= io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused);
        source = cause.source();
    }
    assert!(refused, "{error:#?}");
    assert!(error.is_retryable() && !error.is_timeout(), "{error}");
}

#[tokio::test]
async fn slow_response_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(format!("http://{}", listener.local_addr().unwrap()))
        .retries(larkspur::RetryPolicy::none())
        .timeout(std::time::Duration::from_millis(100))
        .build()
        .unwrap();
    let error = request().send(&client).await.unwrap_err();
    assert!(error.is_timeout() && error.is_retryable(), "{error}");
}
