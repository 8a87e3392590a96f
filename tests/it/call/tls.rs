//! TLS with a host of the test's own: certificates, HTTP/2, and the way through a proxy.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, Download};
use larkspur::error::{ErrorKind, TransportKind};
use larkspur::{Client, ClientBuilder, Error, RetryPolicy};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const ANSWER: &str = r#"{"code":0,"msg":"ok","data":{"tmp_download_urls":[]}}"#;

/// A host with a certificate that no operating system trusts.
struct Host {
    url: String,
    /// The certificate as PEM.
    certificate: String,
    /// The HTTP versions of the received calls.
    versions: Arc<Mutex<Vec<Version>>>,
    /// How many of the next streams are refused.
    refuse: Arc<AtomicUsize>,
}

impl Host {
    /// Speaks the first of these protocols that the client speaks too.
    async fn start(protocols: &[&[u8]]) -> Self {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let acceptor = acceptor(&own, protocols);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = Self {
            url: format!("https://localhost:{}", listener.local_addr().unwrap().port()),
            certificate: own.cert.pem(),
            versions: Arc::default(),
            refuse: Arc::default(),
        };
        let (versions, refuse) = (Arc::clone(&host.versions), Arc::clone(&host.refuse));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(
                    acceptor.clone(),
                    stream,
                    Arc::clone(&versions),
                    Arc::clone(&refuse),
                ));
            }
        });
        host
    }

    fn client(&self) -> ClientBuilder {
        Client::builder()
            .tenant_token("t-1")
            .base_url(self.url.clone())
            .retries(RetryPolicy::new().initial_backoff(Duration::from_millis(1)))
    }

    fn versions(&self) -> Vec<Version> {
        self.versions.lock().unwrap().clone()
    }
}

fn acceptor(own: &rcgen::CertifiedKey<rcgen::KeyPair>, protocols: &[&[u8]]) -> TlsAcceptor {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, versions: Arc<Mutex<Vec<Version>>>, refuse: Arc<AtomicUsize>) {
    // A client that does not trust the certificate ends it here.
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(move |request: Request<Incoming>| {
        versions.lock().unwrap().push(request.version());
        let take = |left: usize| left.checked_sub(1);
        let refused = refuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok();
        async move {
            match refused {
                true => Err(h2::Error::from(h2::Reason::REFUSED_STREAM)),
                false => Ok(Response::new(Full::new(Bytes::from_static(ANSWER.as_bytes())))),
            }
        }
    });
    let stream = TokioIo::new(stream);
    let _ = match is_h2 {
        true => {
            let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            connection.serve_connection(stream, service).await
        }
        false => {
            let connection = hyper::server::conn::http1::Builder::new();
            connection.serve_connection(stream, service).await
        }
    };
}

async fn call(client: ClientBuilder) -> Result<(), Error> {
    let request = BatchGetTmpDownloadUrl::new(["boxcn1"]);
    request.send(&client.build()?).await.map(|_| ())
}

#[tokio::test]
async fn requires_root_certificate() {
    let host = Host::start(&[b"http/1.1"]).await;
    call(host.client().root_certificate(host.certificate.clone()))
        .await
        .unwrap();
    assert_eq!(host.versions(), [Version::HTTP_11]);
    let error = call(host.client()).await.unwrap_err();
    let ErrorKind::Transport(fault) = error.kind() else {
        panic!("{error}")
    };
    assert_eq!((fault.kind, error.attempts()), (TransportKind::Tls, 1), "{error}");
}

#[tokio::test]
async fn negotiates_http2() {
    let host = Host::start(&[b"h2", b"http/1.1"]).await;
    let client = host
        .client()
        .root_certificate(host.certificate.clone())
        .build()
        .unwrap();
    for _ in 0..2 {
        BatchGetTmpDownloadUrl::new(["boxcn1"]).send(&client).await.unwrap();
    }
    assert_eq!(host.versions(), [Version::HTTP_2; 2]);
}

#[tokio::test]
async fn rejects_certificate_of_another_host() {
    let host = Host::start(&[b"http/1.1"]).await;
    let url = host.url.replace("localhost", "127.0.0.1");
    let client = host.client().root_certificate(host.certificate.clone()).base_url(url);
    let error = call(client).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Transport(fault) if fault.kind == TransportKind::Tls),
        "{error}"
    );
}

#[test]
fn rejects_invalid_certificate_at_build() {
    for pem in [
        "",
        "no PEM",
        "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n",
    ] {
        let error = Client::builder().root_certificate(pem).build().unwrap_err();
        assert!(error.to_string().contains("BEGIN CERTIFICATE"), "{error}");
    }
}

#[tokio::test]
async fn retries_refused_http2_stream() {
    let host = Host::start(&[b"h2"]).await;
    let client = host
        .client()
        .root_certificate(host.certificate.clone())
        .build()
        .unwrap();
    host.refuse.store(2, Ordering::SeqCst);
    client.call_empty(&create::Create).await.unwrap();
    assert_eq!(host.versions().len(), 3);
}

/// A call that must not be made twice.
mod create {
    use larkspur::endpoint::{EndpointInfo, Method, Request, TokenKind};
    use larkspur::wire::{Encode, FieldInfo, Fields};

    pub struct Create;

    static CREATE: EndpointInfo =
        EndpointInfo::new("test.v1.sample.create", Method::Post, "/open-apis/create").tokens(&[TokenKind::Tenant]);

    impl Fields for Create {
        fn fields(&self) -> &'static [FieldInfo] {
            &[]
        }

        fn value(&self, _: usize) -> Option<&dyn Encode> {
            None
        }
    }

    impl Request for Create {
        fn endpoint(&self) -> &'static EndpointInfo {
            &CREATE
        }
    }
}

/// A proxy for tunnels. Returns its URL and the requested hosts.
async fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(tunnel(stream, Arc::clone(&heads)));
        }
    });
    (url, asked)
}

async fn tunnel(mut near: TcpStream, heads: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(near.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    heads.lock().unwrap().push(head);
    let mut far = TcpStream::connect(target).await.unwrap();
    near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
}

#[tokio::test]
async fn proxy_sees_no_token() {
    let host = Host::start(&[b"http/1.1"]).await;
    let (url, asked) = proxy().await;
    let client = host.client().root_certificate(host.certificate.clone());
    call(client.proxy(reqwest::Proxy::all(&url).unwrap())).await.unwrap();
    assert_eq!(host.versions().len(), 1);
    let asked = asked.lock().unwrap().join("\n");
    assert!(asked.starts_with("CONNECT localhost:"), "{asked}");
    assert!(!asked.contains("t-1"), "{asked}");
}

/// Over HTTP/2 all of them would share one connection, and bring nothing.
#[tokio::test]
async fn parallel_ranges_use_separate_connections() {
    let host = Host::start(&[b"h2", b"http/1.1"]).await;
    let client = host
        .client()
        .root_certificate(host.certificate.clone())
        .build()
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    for (connections, name) in [(1, "one"), (4, "four")] {
        let transfer = client.download(Download::new("boxcn1")).connections(connections);
        transfer.to(directory.path().join(name)).await.unwrap();
    }
    assert_eq!(host.versions(), [Version::HTTP_2, Version::HTTP_11]);
}
