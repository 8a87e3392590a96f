use larkspur_codegen::Source;
use larkspur_mock::{Mock, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::client::{Outcome, get, request};

#[tokio::test]
async fn listens_on_loopback() -> Outcome {
    let mock = Mock::start().await?;
    assert!(mock.base_url().starts_with("http://127.0.0.1:"), "{}", mock.base_url());
    Ok(())
}

#[tokio::test]
async fn stops_listening_after_shutdown() -> Outcome {
    let mock = Mock::start().await?;
    let address = mock.base_url().trim_start_matches("http://").to_owned();
    TcpStream::connect(&address).await?;
    mock.shut_down().await;
    assert!(TcpStream::connect(&address).await.is_err());
    Ok(())
}

#[tokio::test]
async fn shutdown_aborts_unfinished_calls() -> Outcome {
    let mock = Mock::start().await?;
    let mut stream = TcpStream::connect(mock.base_url().trim_start_matches("http://")).await?;
    stream
        .write_all(b"POST /x HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n")
        .await?;
    // Sent when the server waits for the body.
    stream
        .read_exact(&mut [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()])
        .await?;
    mock.shut_down().await;
    // The rest of the body arrives after the shutdown.
    let mut response = Vec::new();
    let _ = stream.write_all(b"123456789").await;
    let _ = stream.read_to_end(&mut response).await;
    assert_eq!(String::from_utf8_lossy(&response), "");
    Ok(())
}

#[tokio::test]
async fn malformed_body_is_bad_request_with_log_id() -> Outcome {
    let mock = Mock::start().await?;
    let mut stream = TcpStream::connect(mock.base_url().trim_start_matches("http://")).await?;
    stream
        .write_all(b"POST /x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n")
        .await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
    assert!(response.contains("x-tt-logid: "), "{response}");
    Ok(())
}

#[tokio::test]
async fn reports_occupied_port() -> Outcome {
    let mock = Mock::start().await?;
    let port: u16 = mock.base_url().rsplit(':').next().unwrap_or_default().parse()?;
    let error = Mock::builder()
        .port(port)
        .start()
        .await
        .err()
        .ok_or("the port was given twice")?;
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
    Ok(())
}

#[tokio::test]
async fn invalid_spec_reports_findings() {
    let mut source = Source::new();
    source.add("spec/im/v1/file.yaml", "endpoints: 7");
    let error = Mock::builder().spec(source).start().await.err();
    assert!(matches!(error, Some(StartError::Spec(_))), "{error:?}");
}

#[tokio::test]
async fn several_mock_servers_run_in_parallel() -> Outcome {
    let (one, two) = (Mock::start().await?, Mock::start().await?);
    let path = "/open-apis/im/v1/files/a";
    let own = get(one.base_url(), path).token(one.tenant_token()).send().await?;
    let strange = get(two.base_url(), path).token(one.tenant_token()).send().await?;
    assert_eq!((own.status, strange.code()), (200, Some(99991663)));
    Ok(())
}

#[tokio::test]
async fn pages_of_other_origins_may_call_endpoints() -> Outcome {
    let mock = Mock::start().await?;
    let path = "/open-apis/im/v1/files/file_1";
    let preflight = request("OPTIONS", mock.base_url(), path)
        .header("access-control-request-headers", "authorization")
        .send()
        .await?;
    assert_eq!(preflight.status, 204);
    let allowed = |name: &str| preflight.header(&format!("access-control-allow-{name}"));
    assert_eq!(allowed("origin").as_deref(), Some("*"));
    assert_eq!(allowed("headers").as_deref(), Some("authorization"));
    assert!(allowed("methods").is_some_and(|methods| methods.contains("GET")));
    assert!(mock.requests().is_empty());
    let call = get(mock.base_url(), path).token(mock.tenant_token()).send().await?;
    assert_eq!(
        (call.status, call.header("access-control-allow-origin").as_deref()),
        (200, Some("*"))
    );
    Ok(())
}

#[tokio::test]
async fn pages_of_other_origins_may_not_control_it() -> Outcome {
    let mock = Mock::start().await?;
    for method in ["OPTIONS", "GET"] {
        let response = request(method, mock.base_url(), "/_mock/requests").send().await?;
        assert_eq!(response.header("access-control-allow-origin"), None, "{method}");
    }
    let unknown = request("OPTIONS", mock.base_url(), "/open-apis/none").send().await?;
    assert_eq!(unknown.status, 404);
    Ok(())
}
