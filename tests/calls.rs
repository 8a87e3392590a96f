//! Calls with a JSON answer.

mod support;

use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, BatchGetTmpDownloadUrlError};
use larkspur::error::{Problem, TransportKind};
use larkspur::secret::ExposeSecret;
use larkspur::{Client, Host};
use support::{APP_ID, APP_SECRET, Platform, Reply, TENANT_TOKEN, USER_TOKEN};

const LINKS: &str =
    r#"{"tmp_download_urls":[{"file_token":"boxcn1","tmp_download_url":"https://x/1?c=k"}]}"#;

fn request() -> BatchGetTmpDownloadUrl {
    BatchGetTmpDownloadUrl::new(["boxcn1", "boxcn2"])
}

async fn message(reply: Reply) -> String {
    let platform = Platform::replying(reply).await;
    request()
        .send(&platform.client())
        .await
        .unwrap_err()
        .to_string()
}

#[tokio::test]
async fn an_answer_is_decoded_into_the_response() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let links = request().send(&platform.client()).await.unwrap();
    assert_eq!(links.tmp_download_urls[0].file_token, "boxcn1");
    let link = links.tmp_download_urls[0].tmp_download_url.expose_secret();
    assert_eq!(link, "https://x/1?c=k");
}

#[tokio::test]
async fn a_list_in_the_query_repeats_its_key() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let request = request().extra(r#"{"a":"b&c"}"#);
    request.send(&platform.client()).await.unwrap();
    assert_eq!(
        platform.call().target,
        "/open-apis/drive/v1/medias/batch_get_tmp_download_url\
         ?file_tokens=boxcn1&file_tokens=boxcn2&extra=%7B%22a%22%3A%22b%26c%22%7D"
    );
}

#[tokio::test]
async fn a_call_carries_the_tenant_token_and_the_name_of_the_sdk() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    request().send(&platform.client()).await.unwrap();
    let call = platform.call();
    assert_eq!(
        call.header("authorization"),
        format!("Bearer {TENANT_TOKEN}")
    );
    assert!(call.header("user-agent").starts_with("larkspur/"));
}

#[tokio::test]
async fn a_view_calls_as_a_user_and_leaves_the_client_as_it_was() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = platform.client();
    request().send(&client.as_user(USER_TOKEN)).await.unwrap();
    request().send(&client).await.unwrap();
    request()
        .send(&client.as_user(USER_TOKEN).as_tenant())
        .await
        .unwrap();
    let tokens: Vec<_> = platform
        .calls()
        .iter()
        .map(|call| call.header("authorization"))
        .collect();
    let tenant = format!("Bearer {TENANT_TOKEN}");
    assert_eq!(
        tokens,
        [format!("Bearer {USER_TOKEN}"), tenant.clone(), tenant]
    );
}

#[tokio::test]
async fn a_call_as_a_user_fetches_no_tenant_token() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = Client::builder()
        .base_url(platform.base_url())
        .build()
        .unwrap();
    request().send(&client.as_user(USER_TOKEN)).await.unwrap();
    assert_eq!(platform.token_requests(), 0);
}

#[tokio::test]
async fn a_client_without_an_app_says_what_it_lacks() {
    let client = Client::builder()
        .base_url("http://127.0.0.1:9")
        .build()
        .unwrap();
    let message = request().send(&client).await.unwrap_err().to_string();
    assert!(
        message.contains(".app(id, secret)") && message.contains("as_user"),
        "{message}"
    );
}

#[tokio::test]
async fn a_wrong_request_is_not_sent_and_all_that_is_wrong_is_told() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let tokens = ["a", "", "c\n", "d", "e", "f"];
    let error = BatchGetTmpDownloadUrl::new(tokens)
        .send(&platform.client())
        .await
        .unwrap_err();
    let broken: Vec<_> = error
        .violations()
        .iter()
        .map(|violation| (violation.field.as_str(), violation.rule))
        .collect();
    assert_eq!(
        broken,
        [
            ("file_tokens", "max_items"),
            ("file_tokens[1]", "required"),
            ("file_tokens[2]", "control_characters"),
        ]
    );
    assert_eq!(platform.calls().len() + platform.token_requests(), 0);
}

#[tokio::test]
async fn an_empty_list_of_tokens_is_a_missing_one() {
    let none: [String; 0] = [];
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url("http://127.0.0.1:9")
        .build()
        .unwrap();
    let error = BatchGetTmpDownloadUrl::new(none)
        .send(&client)
        .await
        .unwrap_err();
    assert_eq!(error.violations()[0].rule, "required");
    assert_eq!(
        error.endpoint().unwrap().id,
        "drive.v1.media.batch_get_tmp_download_url"
    );
}

#[tokio::test]
async fn a_failure_is_read_on_every_http_status() {
    for status in [200, 400, 403, 429, 500] {
        let body = r#"{"code":1061002,"msg":"params error.","data":[1]}"#;
        let platform = Platform::replying(Reply::json(status, body)).await;
        let error = request().send(&platform.client()).await.unwrap_err();
        assert_eq!(
            (error.status(), error.code()),
            (Some(status), Some(1061002))
        );
        assert_eq!(
            error.documented(),
            Some(BatchGetTmpDownloadUrlError::InvalidParams)
        );
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
    assert_eq!(
        error.documented(),
        Some(BatchGetTmpDownloadUrlError::Forbidden)
    );
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
async fn the_log_id_comes_from_either_header_or_the_body() {
    let body = r#"{"code":1,"msg":"no","error":{"logid":"of-the-body"}}"#;
    let own = Reply::json(400, body).header("X-Request-Id", "second");
    assert!(
        message(own.clone().header("X-Tt-Logid", "first"))
            .await
            .contains("log id: first")
    );
    assert!(message(own).await.contains("log id: second"));
    assert!(
        message(Reply::json(400, body))
            .await
            .contains("log id: of-the-body")
    );
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
    let reply =
        Reply::new(502, "<html>\n\u{1b}[31mBad gateway").header("content-type", "text/html");
    let message = message(reply).await;
    assert!(
        message.contains(r#"the body "<html>  [31mBad gateway""#),
        "{message}"
    );
}

#[tokio::test]
async fn an_answer_that_does_not_fit_tells_where_and_not_what() {
    let data = r#"{"tmp_download_urls":[{"file_token":"a","tmp_download_url":"b"},{"file_token":["hidden"]}]}"#;
    let message = message(Reply::data(data)).await;
    let expected = "`data.tmp_download_urls[1].file_token`: expected a string, found a list";
    assert!(
        message.contains(expected) && !message.contains("hidden"),
        "{message}"
    );
}

#[tokio::test]
async fn a_required_key_that_is_missing_is_named() {
    let message = message(Reply::data(r#"{"tmp_download_urls":[{"file_token":"a"}]}"#)).await;
    let path = "`data.tmp_download_urls[0].tmp_download_url`: expected a value, found nothing";
    assert!(message.contains(path), "{message}");
}

#[tokio::test]
async fn no_body_and_no_code_are_no_success() {
    for body in ["", "[]", "{}", r#"{"data":{}}"#, r#"{"code":0"#] {
        let platform = Platform::replying(Reply::json(200, body)).await;
        let error = request().send(&platform.client()).await.unwrap_err();
        assert!(
            matches!(error.problem(), Problem::Unreadable(_)),
            "{body}: {error}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let reply = Reply::new(302, "").header("location", "https://elsewhere.example/x?secret=1");
    let message = message(reply).await;
    assert!(
        message.contains("a redirect to elsewhere.example"),
        "{message}"
    );
    assert!(!message.contains("secret"), "{message}");
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
async fn a_call_waits_no_longer_than_its_view_allows() {
    let platform = Platform::replying(Reply::json(200, r#"{"code":0"#).hang()).await;
    let client = platform
        .client()
        .with_timeout(std::time::Duration::from_millis(50));
    let error = request().send(&client).await.unwrap_err();
    let Problem::Transport(fault) = error.problem() else {
        panic!("{error}")
    };
    assert_eq!(fault.kind, TransportKind::Timeout);
}

#[tokio::test]
async fn a_platform_that_is_not_there_is_a_fault_of_the_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(url)
        .build()
        .unwrap();
    let error = request()
        .extra("in-the-query")
        .send(&client)
        .await
        .unwrap_err();
    let Problem::Transport(fault) = error.problem() else {
        panic!("{error}")
    };
    assert_eq!(fault.kind, TransportKind::Connect);
    assert!(!format!("{error} {error:?}").contains("in-the-query"));
}

#[test]
fn plain_http_is_for_loopback_alone() {
    let build = |url: &str| Client::builder().base_url(url).build();
    for url in [
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://[::1]:1",
        "http://localhost:1",
    ] {
        build(url).unwrap();
    }
    for url in [
        "http://open.feishu.cn",
        "http://10.0.0.1",
        "http://localhost.example",
        "ftp://x",
        "x",
    ] {
        assert!(
            matches!(build(url).unwrap_err().problem(), Problem::Setup(_)),
            "{url}"
        );
    }
}

#[test]
fn a_base_url_has_no_password_and_shows_none() {
    let error = Client::builder()
        .base_url("https://me:passw0rd@host/?k=v")
        .build()
        .unwrap_err();
    let message = format!("{error} {error:?}");
    assert!(
        message.contains("remove it") && !message.contains("passw0rd"),
        "{message}"
    );
}

#[test]
fn the_hosts_are_those_of_feishu_and_lark() {
    let shown = |host| format!("{:?}", Client::builder().host(host).build().unwrap());
    assert!(shown(Host::Feishu).contains("\"https://open.feishu.cn\""));
    assert!(shown(Host::Lark).contains("\"https://open.larksuite.com\""));
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let url = format!("{}/gateway/", platform.base_url());
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url(url)
        .build()
        .unwrap();
    request().send(&client).await.unwrap();
    assert!(
        platform
            .call()
            .target
            .starts_with("/gateway/open-apis/drive/v1/medias/")
    );
}

#[tokio::test]
async fn an_http_client_of_ones_own_is_used() {
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
    reqwest::Client::builder()
        .user_agent("mine/1")
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_call_can_be_made_in_a_task_of_its_own() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = platform.client();
    let task = tokio::spawn(async move { request().send(&client).await });
    assert_eq!(task.await.unwrap().unwrap().tmp_download_urls.len(), 1);
}
