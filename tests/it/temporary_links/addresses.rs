//! Where a link may not lead.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use larkspur::error::TemporaryLinkError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{builder, client, download, fault, file, host, linking};
use crate::support::Reply;

#[tokio::test]
async fn rejects_private_addresses_in_any_notation() {
    let inner = host(|_| Reply::new(200, file(10)).length()).await;
    let port = inner.base_url().rsplit(':').next().unwrap().to_owned();
    for name in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "0.0.0.0",
        "[::]",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "224.0.0.1",
        "localhost",
        "LOCALHOST",
        "１２７.0.0.1",
    ] {
        let platform = linking(format!("https://{name}:{port}/")).await;
        let client = builder(platform.base_url()).build().unwrap();
        let error = download(&client).await.unwrap_err();
        assert!(
            matches!(fault(&error), TemporaryLinkError::Private { .. }),
            "{name}: {error}"
        );
        assert!(!error.is_retryable(), "{name}");
    }
    assert_eq!(inner.connections(), 0);
}

#[tokio::test]
async fn rejects_plain_http_link() {
    let platform = linking("http://example.com/").await;
    let client = builder(platform.base_url()).build().unwrap();
    let error = download(&client).await.unwrap_err();
    assert!(matches!(fault(&error), TemporaryLinkError::Unsafe { .. }), "{error}");
}

#[tokio::test]
async fn rejects_invalid_link() {
    for text in [
        "",
        "no link",
        "file:///etc/passwd",
        "https://",
        "https://user:pw@example.com/",
    ] {
        let platform = linking(text).await;
        let error = download(&client(&platform)).await.unwrap_err();
        assert!(
            matches!(fault(&error), TemporaryLinkError::Unsafe { .. }),
            "{text}: {error}"
        );
    }
}

/// Resolves to no address at first, and then to this machine.
struct Rebinding(AtomicUsize);

impl Resolve for Rebinding {
    fn resolve(&self, _: Name) -> Resolving {
        let asked = self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            match asked {
                0 => Err("the name is not known yet".into()),
                _ => Ok(Box::new(std::iter::once(SocketAddr::from(([127, 0, 0, 1], 0)))) as Addrs),
            }
        })
    }
}

#[tokio::test]
async fn rejects_rebinding_to_private_address() {
    let inner = host(|_| Reply::new(200, file(10)).length()).await;
    let port = inner.base_url().rsplit(':').next().unwrap().to_owned();
    let platform = linking(format!("https://rebinding.example:{port}/")).await;
    let resolver = Arc::new(Rebinding(AtomicUsize::new(0)));
    let client = builder(platform.base_url())
        .link_resolver(resolver.clone())
        .build()
        .unwrap();
    let error = download(&client).await.unwrap_err();
    assert!(matches!(fault(&error), TemporaryLinkError::Private { .. }), "{error}");
    assert_eq!((error.attempts(), resolver.0.load(Ordering::SeqCst)), (2, 2));
    assert_eq!(inner.connections(), 0);
}

#[tokio::test]
async fn uses_configured_resolver() {
    let end = host(|_| Reply::new(200, file(10)).length()).await;
    let port = end.base_url().rsplit(':').next().unwrap().to_owned();
    let platform = linking(format!("http://files.example:{port}/")).await;
    let resolver = Arc::new(Rebinding(AtomicUsize::new(1)));
    let client = builder(platform.base_url())
        .link_resolver(resolver)
        .allow_private_links(true);
    assert_eq!(download(&client.build().unwrap()).await.unwrap(), file(10));
}
