//! Calls with a JSON response.

use crate::support::{Platform, Reply, TENANT_TOKEN, USER_TOKEN};
use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
use larkspur::error::{ErrorKind, TransportKind};
use larkspur::secret::ExposeSecret;
use larkspur::{Client, RetryPolicy};

const LINKS: &str = r#"{"tmp_download_urls":[{"file_token":"boxcn1","tmp_download_url":"https://x/1?c=k"}]}"#;

fn request() -> BatchGetTmpDownloadUrl {
    BatchGetTmpDownloadUrl::new(["boxcn1", "boxcn2"])
}

#[tokio::test]
async fn decodes_response() {
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
async fn sends_tenant_token_and_user_agent() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    request().send(&platform.client()).await.unwrap();
    let call = platform.call();
    assert_eq!(call.header("authorization"), format!("Bearer {TENANT_TOKEN}"));
    assert!(call.header("user-agent").starts_with("larkspur/"));
}

#[tokio::test]
async fn user_view_leaves_client_unchanged() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = platform.client();
    request().send(&client.as_user(USER_TOKEN)).await.unwrap();
    request().send(&client).await.unwrap();
    request().send(&client.as_user(USER_TOKEN).as_tenant()).await.unwrap();
    let tokens: Vec<_> = platform
        .calls()
        .iter()
        .map(|call| call.header("authorization"))
        .collect();
    let tenant = format!("Bearer {TENANT_TOKEN}");
    assert_eq!(tokens, [format!("Bearer {USER_TOKEN}"), tenant.clone(), tenant]);
}

#[tokio::test]
async fn a_call_as_a_user_fetches_no_tenant_token() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = Client::builder().base_url(platform.base_url()).build().unwrap();
    request().send(&client.as_user(USER_TOKEN)).await.unwrap();
    assert_eq!(platform.token_requests(), 0);
}

#[tokio::test]
async fn names_missing_app_credentials() {
    let client = Client::builder().base_url("http://127.0.0.1:9").build().unwrap();
    let message = request().send(&client).await.unwrap_err().to_string();
    assert!(
        message.contains(".app(id, secret)") && message.contains("as_user"),
        "{message}"
    );
}

#[tokio::test]
async fn reports_all_violations_before_sending() {
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
async fn rejects_empty_required_list() {
    let none: [String; 0] = [];
    let client = Client::builder()
        .tenant_token("t-1")
        .base_url("http://127.0.0.1:9")
        .build()
        .unwrap();
    let error = BatchGetTmpDownloadUrl::new(none).send(&client).await.unwrap_err();
    assert_eq!(error.violations()[0].rule, "required");
    assert_eq!(
        error.endpoint().unwrap().id,
        "drive.v1.media.batch_get_tmp_download_url"
    );
}

#[tokio::test]
async fn view_deadline_limits_call() {
    let platform = Platform::replying(Reply::json(200, r#"{"code":0"#).hang()).await;
    let client = platform.client().with_timeout(std::time::Duration::from_millis(50));
    let error = request().send(&client).await.unwrap_err();
    let ErrorKind::Transport(fault) = error.kind() else {
        panic!("{error}")
    };
    assert_eq!(fault.kind, TransportKind::Timeout);
}

#[tokio::test]
async fn unreachable_host_is_a_connect_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder().tenant_token("t-1").base_url(url).build().unwrap();
    let client = client.with_retries(RetryPolicy::none());
    let error = request().extra("in-the-query").send(&client).await.unwrap_err();
    let ErrorKind::Transport(fault) = error.kind() else {
        panic!("{error}")
    };
    assert_eq!(fault.kind, TransportKind::Connect);
    assert!(!format!("{error} {error:?} {error:#?}").contains("in-the-query"));
}

#[tokio::test]
async fn a_call_can_be_made_in_a_task_of_its_own() {
    let platform = Platform::replying(Reply::data(LINKS)).await;
    let client = platform.client();
    let task = tokio::spawn(async move { request().send(&client).await });
    assert_eq!(task.await.unwrap().unwrap().tmp_download_urls.len(), 1);
}
