//! Redis over TLS.

use std::fs;
use std::net::TcpListener;

use larkspur::store::Admission;
use larkspur::store::redis::{OnOutage, Redis};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use redis::{Client, TlsCertificates};
use tempfile::TempDir;

use super::{take, window};
use crate::support::redis_server::RedisServer;

/// A server with a certificate of the test's own.
struct Secured {
    _server: RedisServer,
    url: String,
    certificate: String,
}

fn secured() -> Secured {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = TempDir::new().unwrap();
    let path = |name: &str| files.path().join(name).display().to_string();
    let (certificate, key) = (path("certificate"), path("key"));
    fs::write(&certificate, cert.pem()).unwrap();
    fs::write(&key, signing_key.serialize_pem()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    let server = RedisServer::start_with(&[
        "--tls-port",
        &port,
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &certificate,
        "--tls-auth-clients",
        "no",
    ]);
    Secured {
        _server: server,
        url: format!("rediss://localhost:{port}"),
        certificate: cert.pem(),
    }
}

#[tokio::test]
async fn trusts_configured_root_certificate() {
    let server = secured();
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(server.certificate.into_bytes()),
    };
    let client = Client::build_with_tls(server.url, certificates).unwrap();
    let redis = Redis::from_client(client).on_outage(OnOutage::Fail);
    assert_eq!(take(&redis, &[window(1, 1000)]).await, Ok(Admission::Granted));
}

#[tokio::test]
async fn rejects_untrusted_server() {
    let server = secured();
    let redis = Redis::open(server.url).unwrap().on_outage(OnOutage::Fail);
    let error = take(&redis, &[window(1, 1000)]).await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
}
