//! Links through a proxy, which may have a private name and address.

use std::sync::{Arc, Mutex};

use larkspur::error::TemporaryLinkError;
use larkspur::{Client, RateLimitMode};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{TOKEN, builder, download, fault, file, host, linking};
use crate::support::{Reply, child};

const FILES: &str = "files.example";
const PLATFORM: &str = "open.example";
const REDIRECTING: &str = "redirecting.example";

/// A proxy for tunnels. All of them end at one host, which speaks TLS under every name.
struct TunnelProxy {
    /// With a private name: `http://localhost:1`.
    url: String,
    /// The certificate of the host as PEM.
    certificate: String,
    /// The heads of the requests for a tunnel.
    heads: Arc<Mutex<Vec<String>>>,
}

impl TunnelProxy {
    /// Starts the proxy; one of the names redirects to a URL.
    async fn start(redirect: &'static str) -> Self {
        let names = [FILES, PLATFORM, REDIRECTING, "direct.example"].map(str::to_owned);
        let own = rcgen::generate_simple_self_signed(names).unwrap();
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
        let proxy = Self {
            url: format!("http://localhost:{}", listener.local_addr().unwrap().port()),
            certificate: own.cert.pem(),
            heads: Arc::default(),
        };
        let heads = Arc::clone(&proxy.heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, acceptor.clone(), Arc::clone(&heads), redirect));
            }
        });
        proxy
    }

    /// Returns the hosts to which a tunnel was requested.
    fn hosts(&self) -> Vec<String> {
        let heads = self.heads.lock().unwrap();
        let host = |head: &String| head.split(' ').nth(1).unwrap_or_default().to_owned();
        heads.iter().map(host).collect()
    }

    fn proxy(&self) -> reqwest::Proxy {
        reqwest::Proxy::https(&self.url).unwrap()
    }
}

/// Reads to the end of the head of a request; `None` at the end of the connection.
async fn read_head(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn serve(mut near: TcpStream, acceptor: TlsAcceptor, heads: Arc<Mutex<Vec<String>>>, redirect: &str) {
    let Some(head) = read_head(&mut near).await else { return };
    heads.lock().unwrap().push(head);
    near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let Ok(mut stream) = acceptor.accept(near).await else {
        return;
    };
    while let Some(head) = read_head(&mut stream).await {
        let (status, header, body) = if head.contains(REDIRECTING) {
            ("302 Found", format!("location: {redirect}"), Vec::new())
        } else if head.contains(PLATFORM) {
            let link = head
                .split("file_tokens=")
                .nth(1)
                .and_then(|rest| rest.split([' ', '&']).next());
            let token = link.unwrap_or_default();
            let links = format!(r#"[{{"file_token":"{token}","tmp_download_url":"https://{token}.example/"}}]"#);
            let body = format!(r#"{{"code":0,"msg":"ok","data":{{"tmp_download_urls":{links}}}}}"#);
            ("200 OK", "content-type: application/json".to_owned(), body.into_bytes())
        } else {
            ("200 OK", "content-type: image/png".to_owned(), file(10))
        };
        let head = format!(
            "HTTP/1.1 {status}\r\n{header}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
        stream.flush().await.unwrap();
    }
}

#[tokio::test]
async fn follows_link_through_private_proxy() {
    let proxy = TunnelProxy::start("").await;
    let platform = linking(format!("https://{FILES}/a?code=1")).await;
    let client = builder(platform.base_url())
        .proxy(proxy.proxy())
        .root_certificate(proxy.certificate.clone());
    assert_eq!(download(&client.build().unwrap()).await.unwrap(), file(10));
    assert_eq!(proxy.hosts(), ["files.example:443"]);
    let heads = proxy.heads.lock().unwrap().join("\n");
    assert!(!heads.contains(TOKEN) && !heads.contains("code"), "{heads}");
}

#[tokio::test]
async fn rejects_private_host_behind_proxy() {
    let proxy = TunnelProxy::start("").await;
    for name in [
        "127.0.0.1",
        "2130706433",
        "169.254.169.254",
        "10.0.0.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "localhost",
        "LOCALHOST.",
        "intranet",
        "printer.local",
        "metadata.google.internal",
    ] {
        let platform = linking(format!("https://{name}/")).await;
        let client = builder(platform.base_url()).proxy(proxy.proxy());
        let error = download(&client.build().unwrap()).await.unwrap_err();
        assert!(
            matches!(fault(&error), TemporaryLinkError::Private { .. }),
            "{name}: {error}"
        );
    }
    assert_eq!(proxy.hosts(), [""; 0]);
}

#[tokio::test]
async fn rejects_private_redirect_behind_proxy() {
    for to in ["https://10.0.0.1/", "https://intranet/"] {
        let proxy = TunnelProxy::start(to).await;
        let platform = linking(format!("https://{REDIRECTING}/")).await;
        let client = builder(platform.base_url())
            .proxy(proxy.proxy())
            .root_certificate(proxy.certificate.clone());
        let error = download(&client.build().unwrap()).await.unwrap_err();
        assert!(
            matches!(fault(&error), TemporaryLinkError::Private { .. }),
            "{to}: {error}"
        );
        assert_eq!(proxy.hosts(), ["redirecting.example:443"]);
    }
}

/// Resolves every name to this machine, except one that does not exist.
struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if name.as_str() == "missing.example" {
                return Err("no such host".into());
            }
            let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
            Ok(Box::new(std::iter::once(address)) as Addrs)
        })
    }
}

#[tokio::test]
async fn filters_addresses_of_direct_links() {
    let proxy = TunnelProxy::start("").await;
    let direct = reqwest::NoProxy::from_string("direct.example");
    let platform = linking("https://direct.example/").await;
    let client = builder(platform.base_url())
        .proxy(proxy.proxy().no_proxy(direct))
        .link_resolver(Arc::new(Loopback));
    let error = download(&client.build().unwrap()).await.unwrap_err();
    assert!(matches!(fault(&error), TemporaryLinkError::Private { .. }), "{error}");
    assert_eq!(proxy.hosts(), [""; 0]);
}

#[tokio::test]
async fn error_names_unresolved_proxy() {
    let platform = linking(format!("https://{FILES}/")).await;
    let client = builder(platform.base_url())
        .proxy(reqwest::Proxy::https("http://missing.example:3128").unwrap())
        .link_resolver(Arc::new(Loopback));
    let error = download(&client.build().unwrap()).await.unwrap_err();
    assert!(
        error.to_string().contains("proxy missing.example: no such host"),
        "{error}"
    );
}

/// Plain HTTP is forwarded by the proxy, without a tunnel.
#[tokio::test]
async fn forwards_plain_http_link_if_allowed() {
    let proxy = host(|_| Reply::new(200, file(10)).length()).await;
    let url = proxy.base_url().replace("127.0.0.1", "localhost");
    let platform = linking(format!("http://{FILES}/a?code=1")).await;
    let client = || {
        let url = url.clone();
        let through = move |to: &reqwest::Url| (to.host_str() == Some(FILES)).then(|| url.clone());
        builder(platform.base_url()).proxy(reqwest::Proxy::custom(through))
    };
    let error = download(&client().build().unwrap()).await.unwrap_err();
    assert!(matches!(fault(&error), TemporaryLinkError::Unsafe { .. }), "{error}");
    assert_eq!(proxy.connections(), 0);

    let allowed = client().allow_private_links(true).build().unwrap();
    assert_eq!(download(&allowed).await.unwrap(), file(10));
    assert_eq!(proxy.call().target, format!("http://{FILES}/a?code=1"));
}

const CERTIFICATE: &str = "LARKSPUR_TEST_CERTIFICATE";

/// The variables of the environment are those of a process.
#[tokio::test(flavor = "multi_thread")]
async fn uses_proxy_of_the_environment() {
    let proxy = TunnelProxy::start("").await;
    let mut child = child::test(module_path!(), "child_process");
    child
        .env("HTTPS_PROXY", &proxy.url)
        .env("NO_PROXY", "direct.example")
        .env(CERTIFICATE, &proxy.certificate);
    let output = tokio::task::spawn_blocking(move || child.output().unwrap())
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(proxy.hosts(), ["open.example:443", "files.example:443"]);
}

#[tokio::test]
#[ignore = "run by uses_proxy_of_the_environment"]
async fn child_process() {
    let Ok(certificate) = std::env::var(CERTIFICATE) else {
        return;
    };
    let client = Client::builder()
        .tenant_token(TOKEN)
        .base_url(format!("https://{PLATFORM}"))
        .rate_limits(RateLimitMode::Off)
        .root_certificate(certificate)
        .link_resolver(Arc::new(Loopback))
        .build()
        .unwrap();
    let link = async |token: &str| {
        let mut links = larkspur::temporary_links::resolve(&client, [token]).await;
        links.remove(0).1.unwrap()
    };
    let mut bytes = Vec::new();
    let download = client.download_link(&link("files").await);
    download.to_writer(&mut bytes).await.unwrap();
    assert_eq!(bytes, file(10));

    let download = client.download_link(&link("direct").await);
    let error = download.to_writer(&mut bytes).await.unwrap_err();
    assert!(matches!(fault(&error), TemporaryLinkError::Private { .. }), "{error}");
}
