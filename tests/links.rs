//! Temporary links: asked for in calls of five, followed without the token, and never to where nobody outside may come.

mod support;

use std::fs;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use larkspur::error::{LinkFault, Problem};
use larkspur::links::{self, Link};
use larkspur::{Client, ClientBuilder, Error, LimitMode, Result, RetryPolicy};
use larkspur_mock::Mock;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use support::{Platform, Recorded, Reply};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const TOKEN: &str = "t-tenant-token";
const BATCH: &str = "drive.v1.media.batch_get_tmp_download_url";

fn file(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

fn builder(base_url: impl Into<String>) -> ClientBuilder {
    Client::builder()
        .tenant_token(TOKEN)
        .base_url(base_url)
        .limits(LimitMode::Off)
        .connect_timeout(Duration::from_millis(200))
        .retries(RetryPolicy::new().first_wait(Duration::from_millis(1)))
}

/// A client that follows links to this machine.
fn client(platform: &Platform) -> Client {
    builder(platform.base_url()).allow_private_links(true).build().unwrap()
}

fn tokens_of(request: &Recorded) -> Vec<String> {
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let tokens = query.split('&').filter_map(|pair| pair.strip_prefix("file_tokens="));
    tokens.map(str::to_owned).collect()
}

fn entry(token: &str, url: &str) -> String {
    format!(r#"{{"file_token":"{token}","tmp_download_url":"{url}"}}"#)
}

fn links(entries: impl IntoIterator<Item = String>) -> Reply {
    let entries: Vec<_> = entries.into_iter().collect();
    Reply::data(&format!(r#"{{"tmp_download_urls":[{}]}}"#, entries.join(",")))
}

/// A platform whose every link is this.
async fn linking(url: impl Into<String>) -> Platform {
    let url = url.into();
    Platform::start(move |request| links(tokens_of(request).iter().map(|token| entry(token, &url)))).await
}

/// A host that answers each request as this function says.
async fn host(answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Platform {
    Platform::start(answer).await
}

async fn link(client: &Client) -> Link {
    links::resolve(client, ["boxcn1"]).await.remove(0).1.unwrap()
}

async fn download(client: &Client) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    client.download_link(&link(client).await).to_writer(&mut bytes).await?;
    Ok(bytes)
}

fn fault(error: &Error) -> &LinkFault {
    match error.problem() {
        Problem::Link(fault) => fault,
        _ => panic!("{error}"),
    }
}

fn names(links: &[(String, Result<Link>)]) -> Vec<&str> {
    links.iter().map(|(token, _)| token.as_str()).collect()
}

#[tokio::test]
async fn any_number_of_tokens_is_asked_for_in_calls_of_five_and_comes_in_its_order() {
    let mock = Mock::builder().limits(false).start().await.unwrap();
    let client = Client::builder().app(mock.app_id(), mock.app_secret());
    let client = client.base_url(mock.base_url()).build().unwrap();
    for (count, calls) in [(0, 0), (1, 1), (5, 1), (6, 2), (23, 5)] {
        let before = mock.calls(BATCH);
        let tokens: Vec<_> = (0..count).map(|number| format!("boxcn{number}")).collect();
        let links = links::resolve(&client, &tokens).await;
        assert_eq!(names(&links), tokens);
        for (token, link) in &links {
            let link = link.as_ref().unwrap();
            assert_eq!(link.file_token(), token);
        }
        assert_eq!(mock.calls(BATCH) - before, calls, "{count} tokens");
    }
}

#[tokio::test]
async fn a_token_that_comes_twice_is_asked_for_once_and_gets_its_link_twice() {
    let platform = linking("https://example.com/x").await;
    let links = links::resolve(&client(&platform), ["a", "b", "a"]).await;
    assert_eq!(names(&links), ["a", "b", "a"]);
    assert!(links.iter().all(|(_, link)| link.is_ok()));
    assert_eq!(tokens_of(&platform.call()), ["a", "b"]);
}

#[tokio::test]
async fn a_token_that_the_platform_leaves_out_is_the_only_one_without_a_link() {
    let platform = host(|request| {
        let tokens = tokens_of(request).into_iter().rev().filter(|token| token != "gone");
        links(
            tokens
                .map(|token| entry(&token, "https://example.com/x"))
                .collect::<Vec<_>>(),
        )
    })
    .await;
    let links = links::resolve(&client(&platform), ["a", "gone", "b"]).await;
    let ok: Vec<_> = links.iter().map(|(_, link)| link.is_ok()).collect();
    assert_eq!(ok, [true, false, true]);
    assert_eq!(fault(links[1].1.as_ref().unwrap_err()), &LinkFault::Missing);
}

#[tokio::test]
async fn a_token_over_which_the_platform_refuses_a_call_is_the_only_one_without_a_link() {
    let platform = host(|request| {
        let tokens = tokens_of(request);
        match tokens.iter().any(|token| token == "secret") {
            true => Reply::json(403, r#"{"code":1061004,"msg":"forbidden"}"#),
            false => links(tokens.iter().map(|token| entry(token, "https://example.com/x"))),
        }
    })
    .await;
    let tokens = ["a", "b", "secret", "c", "d", "e"];
    let links = links::resolve(&client(&platform), tokens).await;
    assert_eq!(names(&links), tokens);
    let ok: Vec<_> = links.iter().map(|(_, link)| link.is_ok()).collect();
    assert_eq!(ok, [true, true, false, true, true, true]);
    assert_eq!(links[2].1.as_ref().unwrap_err().code(), Some(1061004));
    assert_eq!(platform.calls().len(), 2 + 5);
}

#[tokio::test]
async fn a_call_that_fails_on_its_way_is_the_error_of_its_own_tokens() {
    let platform = host(|request| {
        let tokens = tokens_of(request);
        match tokens.contains(&"t3".to_owned()) {
            true => Reply::new(503, ""),
            false => links(tokens.iter().map(|token| entry(token, "https://example.com/x"))),
        }
    })
    .await;
    let client = client(&platform).with_retries(RetryPolicy::none());
    let tokens: Vec<_> = (0..12).map(|number| format!("t{number}")).collect();
    let links = links::resolve(&client, tokens).await;
    let failed: Vec<_> = links.iter().map(|(_, link)| link.is_err()).collect();
    assert_eq!(failed, [[true; 5].as_slice(), &[false; 7]].concat());
    assert_eq!(platform.calls().len(), 3);
}

#[tokio::test]
async fn the_proof_of_access_goes_with_every_call() {
    let platform = linking("https://example.com/x").await;
    let tokens: Vec<_> = (0..6).map(|number| number.to_string()).collect();
    links::resolve_with_extra(&client(&platform), tokens, "{}").await;
    let calls = platform.calls();
    assert_eq!(calls.len(), 2);
    assert!(
        calls.iter().all(|call| call.target.contains("extra=%7B%7D")),
        "{calls:?}"
    );
}

#[tokio::test]
async fn a_link_of_the_platform_leads_to_the_file() {
    let mock = Mock::start().await.unwrap();
    mock.put_file("boxcn1", "n", "text/plain", "what is in it");
    let client = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url());
    let client = client.allow_private_links(true).build().unwrap();
    assert_eq!(download(&client).await.unwrap(), b"what is in it");
}

#[tokio::test]
async fn the_request_for_the_file_carries_nothing_of_the_caller() {
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
async fn every_kind_of_redirect_is_followed_and_a_relative_one_too() {
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
async fn at_most_five_redirects_are_followed() {
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
            assert_eq!(fault(&error), &LinkFault::Redirects { followed: 5 });
        }
    }
}

#[tokio::test]
async fn a_hostile_location_is_not_followed() {
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
            // An empty one leads to where it comes from, which would go on for ever.
            0..=5 => Reply::new(302, "").header("location", location.as_bytes()),
            _ => panic!("too many hops"),
        })
        .await;
        let platform = linking(format!("{}/start", start.base_url())).await;
        let error = download(&client(&platform)).await.unwrap_err();
        let expected = matches!(fault(&error), LinkFault::Unsafe { .. } | LinkFault::Redirects { .. });
        assert!(expected, "{location:?}: {error}");
        assert!(!error.is_retryable() && error.attempts() == 1, "{location:?}");
    }
}

#[tokio::test]
async fn a_redirect_that_says_not_where_to_or_says_it_twice_is_not_followed() {
    let twice = |reply: Reply| reply.header("location", "/a").header("location", "/b");
    for reply in [Reply::new(302, ""), twice(Reply::new(302, ""))] {
        let start = host(move |_| reply.clone()).await;
        let platform = linking(start.base_url()).await;
        let error = download(&client(&platform)).await.unwrap_err();
        assert!(matches!(fault(&error), LinkFault::Unsafe { .. }), "{error}");
    }
}

#[tokio::test]
async fn addresses_of_this_machine_and_its_network_are_not_followed_however_they_are_written() {
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
        assert!(matches!(fault(&error), LinkFault::Private { .. }), "{name}: {error}");
        assert!(!error.is_retryable(), "{name}");
    }
    assert_eq!(inner.connections(), 0);
}

#[tokio::test]
async fn a_link_in_clear_text_is_not_followed() {
    let platform = linking("http://example.com/").await;
    let client = builder(platform.base_url()).build().unwrap();
    let error = download(&client).await.unwrap_err();
    assert!(matches!(fault(&error), LinkFault::Unsafe { .. }), "{error}");
}

#[tokio::test]
async fn what_is_no_link_is_not_followed() {
    for text in [
        "",
        "no link",
        "file:///etc/passwd",
        "https://",
        "https://user:pw@example.com/",
    ] {
        let platform = linking(text).await;
        let error = download(&client(&platform)).await.unwrap_err();
        assert!(matches!(fault(&error), LinkFault::Unsafe { .. }), "{text}: {error}");
    }
}

/// Gives an address of the test networks first, which nobody has, and then this machine.
struct Rebinding(AtomicUsize);

impl Resolve for Rebinding {
    fn resolve(&self, _: Name) -> Resolving {
        let address = match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => SocketAddr::from(([203, 0, 113, 1], 0)),
            _ => SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) })
    }
}

#[tokio::test]
async fn a_name_that_becomes_private_while_it_is_tried_again_leads_nowhere() {
    let inner = host(|_| Reply::new(200, file(10)).length()).await;
    let port = inner.base_url().rsplit(':').next().unwrap().to_owned();
    let platform = linking(format!("https://rebinding.example:{port}/")).await;
    let resolver = Arc::new(Rebinding(AtomicUsize::new(0)));
    let client = builder(platform.base_url())
        .link_resolver(resolver.clone())
        .build()
        .unwrap();
    let error = download(&client).await.unwrap_err();
    assert!(matches!(fault(&error), LinkFault::Private { .. }), "{error}");
    assert_eq!((error.attempts(), resolver.0.load(Ordering::SeqCst)), (2, 2));
    assert_eq!(inner.connections(), 0);
}

#[tokio::test]
async fn the_resolver_that_was_given_is_the_one_that_is_asked() {
    let end = host(|_| Reply::new(200, file(10)).length()).await;
    let port = end.base_url().rsplit(':').next().unwrap().to_owned();
    let platform = linking(format!("http://files.example:{port}/")).await;
    let resolver = Arc::new(Rebinding(AtomicUsize::new(1)));
    let client = builder(platform.base_url())
        .link_resolver(resolver)
        .allow_private_links(true);
    assert_eq!(download(&client.build().unwrap()).await.unwrap(), file(10));
}

/// Links are numbered, and the host takes from the second on.
async fn expiring() -> (Platform, Platform) {
    let end = host(|request| match request.target.as_str() {
        "/1" => Reply::new(403, "<Error><Code>AccessDenied</Code></Error>"),
        _ => Reply::new(200, file(10)).length(),
    })
    .await;
    let (url, count) = (end.base_url(), AtomicUsize::new(0));
    let platform = host(move |request| {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        let entries = tokens_of(request);
        links(entries.iter().map(|token| entry(token, &format!("{url}/{number}"))))
    });
    (platform.await, end)
}

#[tokio::test]
async fn a_link_that_has_ended_is_asked_for_anew() {
    let (platform, end) = expiring().await;
    assert_eq!(download(&client(&platform)).await.unwrap(), file(10));
    let targets: Vec<_> = end.calls().into_iter().map(|call| call.target).collect();
    assert_eq!(targets, ["/1", "/2"]);
}

#[tokio::test]
async fn a_link_that_is_refused_after_it_was_asked_for_anew_is_an_error() {
    let end = host(|_| Reply::new(404, "no such file")).await;
    let (url, count) = (end.base_url(), AtomicUsize::new(0));
    let platform = host(move |request| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let url = format!("{url}/{number}");
        links(tokens_of(request).iter().map(|token| entry(token, &url)))
    })
    .await;
    let error = download(&client(&platform)).await.unwrap_err();
    assert!(
        matches!(fault(&error), LinkFault::Refused { status: 404, .. }),
        "{error}"
    );
    assert_eq!((end.calls().len(), error.status()), (2, Some(404)));
}

#[tokio::test]
async fn a_host_that_is_busy_is_asked_again() {
    let count = AtomicUsize::new(0);
    let end = host(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::new(503, ""),
        1 => Reply::new(429, ""),
        _ => Reply::new(200, file(10)).length(),
    })
    .await;
    let platform = linking(end.base_url()).await;
    assert_eq!(download(&client(&platform)).await.unwrap(), file(10));
    assert_eq!(platform.calls().len(), 1);
}

#[tokio::test]
async fn an_error_of_the_platform_in_place_of_the_file_is_no_file() {
    let end = host(|_| Reply::json(200, r#"{"code":1061045,"msg":"can retry"}"#)).await;
    let platform = linking(end.base_url()).await;
    let error = download(&client(&platform)).await.unwrap_err();
    assert!(
        matches!(fault(&error), LinkFault::Refused { status: 200, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_transfer_goes_on_in_a_later_process_with_another_link() {
    let bytes = file(100_000);
    let first = Mutex::new(true);
    let end = host(move |request| {
        let tagged = |reply: Reply| {
            let reply = reply.length().header("content-type", "image/png");
            reply.header("etag", "\"v1\"").header("accept-ranges", "bytes")
        };
        if std::mem::take(&mut *first.lock().unwrap()) {
            return tagged(Reply::new(200, bytes.clone())).cut_in_half();
        }
        let range = request.header("range");
        let start: usize = range["bytes=".len()..range.len() - 1].parse().unwrap();
        let content_range = format!("bytes {start}-{}/{}", bytes.len() - 1, bytes.len());
        tagged(Reply::new(206, bytes[start..].to_vec())).header("content-range", content_range)
    })
    .await;
    let (url, count) = (end.base_url(), AtomicUsize::new(0));
    let platform = host(move |request| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let url = format!("{url}/?signature=s3cret-{number}");
        links(tokens_of(request).iter().map(|token| entry(token, &url)))
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    let once = client(&platform).with_retries(RetryPolicy::none());
    once.download_link(&link(&once).await).to(&path).await.unwrap_err();
    for left in fs::read_dir(directory.path()).unwrap() {
        let left = fs::read(left.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&left).contains("s3cret"));
    }
    let client = client(&platform);
    let transfer = client.download_link(&link(&client).await).resume();
    let report = transfer.to(&path).await.unwrap();
    assert_eq!(report.resumed_from, Some(50_000));
    assert_eq!(fs::read(&path).unwrap(), file(100_000));
}

#[tokio::test]
async fn a_link_is_never_printed() {
    let end = host(|_| Reply::new(404, "s3cret in the body")).await;
    let platform = linking(format!("{}/s3cret?signature=s3cret", end.base_url())).await;
    let client = client(&platform);
    let link = link(&client).await;
    let error = client
        .download_link(&link)
        .to_writer(tokio::io::sink())
        .await
        .unwrap_err();
    let transfer = client.download_link(&link);
    let shown = format!("{link:?} {link:#?} {error} {error:#?} {transfer:?} {client:?}");
    assert!(!shown.contains("s3cret"), "{shown}");
    drop(end);
    let refused = linking("https://s3cret-user@example.com/s3cret").await;
    let error = download(&builder(refused.base_url()).build().unwrap())
        .await
        .unwrap_err();
    assert!(!format!("{error} {error:#?}").contains("s3cret"), "{error}");
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
async fn no_redirect_leads_from_https_to_http() {
    let end = host(|_| Reply::new(200, file(10)).length()).await;
    let (start, certificate) = redirecting_over_tls(end.base_url()).await;
    let platform = linking(start).await;
    let client = builder(platform.base_url()).root_certificate(certificate);
    let error = download(&client.allow_private_links(true).build().unwrap())
        .await
        .unwrap_err();
    assert!(matches!(fault(&error), LinkFault::Unsafe { .. }), "{error}");
    assert!(error.to_string().contains("from https to http"), "{error}");
    assert_eq!(end.connections(), 0);
}
