//! What is sent along a link, and which redirects are followed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use larkspur::Client;
use larkspur::error::TemporaryLinkError;
use larkspur_mock::Mock;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{TOKEN, builder, client, download, fault, file, host, linking};
use crate::support::Reply;

#[tokio::test]
async fn downloads_from_platform_link() {
    let mock = Mock::start().await.unwrap();
    mock.put_file("boxcn1", "n", "text/plain", "what is in it");
    let client = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url());
    let client = client.allow_private_links(true).build().unwrap();
    assert_eq!(download(&client).await.unwrap(), b"what is in it");
}

#[tokio::test]
async fn sends_no_credentials_to_link_host() {
    let end = host(|_| Reply::new(200, file(10)).length()).await;
    let hop = format!("{}/end?code=2", end.base_url());
    let start = host(move |_| {
        Reply::new(302, "")
            .header("location", hop.clone())
            .header("set-cookie", "a=b")
    })
    .await;
    let platform = linking(format!("{}/start?code=1", start.base_url())).await;
    assert_eq!(download(&client(&platform)).await.unwrap(), file(10));
    assert_eq!(platform.call().header("authorization"), format!("Bearer {TOKEN}"));
    for (call, target) in [(start.call(), "/start?code=1"), (end.call(), "/end?code=2")] {
        assert_eq!(call.target, target);
        let mut names: Vec<_> = call.headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
        assert_eq!(call.header("accept-encoding"), "identity");
    }
}

#[tokio::test]
async fn follows_all_redirect_kinds() {
    for status in [301, 302, 303, 307, 308] {
        let start = host(move |request| match request.target.as_str() {
            "/a/start" => Reply::new(status, "").header("location", "../end"),
            "/end" => Reply::new(200, file(10)).length(),
            other => panic!("{other}"),
        })
        .await;
        let platform = linking(format!("{}/a/start", start.base_url())).await;
        assert_eq!(download(&client(&platform)).await.unwrap(), file(10), "{status}");
    }
}

#[tokio::test]
async fn follows_at_most_five_redirects() {
    for (redirects, followed) in [(5, true), (6, false)] {
        let start = host(move |request| {
            let number: usize = request.target[1..].parse().unwrap();
            match number == redirects {
                true => Reply::new(200, file(10)).length(),
                false => Reply::new(302, "").header("location", format!("/{}", number + 1)),
            }
        })
        .await;
        let platform = linking(format!("{}/0", start.base_url())).await;
        let came = download(&client(&platform)).await;
        assert_eq!(came.is_ok(), followed);
        assert_eq!(start.calls().len(), 6);
        if let Err(error) = came {
            assert_eq!(fault(&error), &TemporaryLinkError::Redirects { followed: 5 });
        }
    }
}

#[tokio::test]
async fn rejects_hostile_location() {
    for location in [
        "",
        "http://",
        "http://[::1",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "javascript:alert(1)",
        "data:text/plain,hello",
        "gopher://127.0.0.1:1/",
        "http://user:password@127.0.0.1/",
        "//user@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1/\u{e9}",
    ] {
        let hops = AtomicUsize::new(0);
        let start = host(move |_| match hops.fetch_add(1, Ordering::SeqCst) {
            // An empty one leads to its own address, which would never end.
            0..=5 => Reply::new(302, "").header("location", location.as_bytes()),
            _ => panic!("too many hops"),
        })
        .await;
        let platform = linking(format!("{}/start", start.base_url())).await;
        let error = download(&client(&platform)).await.unwrap_err();
        let expected = matches!(
            fault(&error),
            TemporaryLinkError::Unsafe { .. } | TemporaryLinkError::Redirects { .. }
        );
        assert!(expected, "{location:?}: {error}");
        assert!(!error.is_retryable() && error.attempts() == 1, "{location:?}");
    }
}

#[tokio::test]
async fn rejects_missing_or_repeated_location() {
    let twice = |reply: Reply| reply.header("location", "/a").header("location", "/b");
    for reply in [Reply::new(302, ""), twice(Reply::new(302, ""))] {
        let start = host(move |_| reply.clone()).await;
        let platform = linking(start.base_url()).await;
        let error = download(&client(&platform)).await.unwrap_err();
        assert!(matches!(fault(&error), TemporaryLinkError::Unsafe { .. }), "{error}");
    }
}

/// A host that speaks TLS and redirects to this URL, and its certificate as PEM.
async fn redirecting_over_tls(to: String) -> (String, String) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = acceptor.accept(stream).await.unwrap();
            stream.read_buf(&mut Vec::new()).await.unwrap();
            let answer = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
        }
    });
    (url, own.cert.pem())
}

#[tokio::test]
async fn rejects_downgrade_to_http() {
    let end = host(|_| Reply::new(200, file(10)).length()).await;
    let (start, certificate) = redirecting_over_tls(end.base_url()).await;
    let platform = linking(start).await;
    let client = builder(platform.base_url()).root_certificate(certificate);
    let error = download(&client.allow_private_links(true).build().unwrap())
        .await
        .unwrap_err();
    assert!(matches!(fault(&error), TemporaryLinkError::Unsafe { .. }), "{error}");
    assert!(error.to_string().contains("from https to http"), "{error}");
    assert_eq!(end.connections(), 0);
}
