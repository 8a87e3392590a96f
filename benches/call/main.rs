//! What a call costs on top of reqwest and serde_json alone: `cargo bench --bench call`.
//!
//! Both send the same request to the same server and decode the same response, in turns, on one thread. What is compared
//! is the CPU time of that thread; the server runs on another and does not count. A client has its token from an app's
//! id and secret, so each call takes it from the cache.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use std::time::Duration;

use larkspur::Client;
use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, BatchGetTmpDownloadUrlResponse};
use larkspur::endpoint::{EndpointInfo, Request, Window};
use larkspur::wire::{Decode, Encode, FieldInfo, Fields};
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const BODY: &str = r#"{"code":0,"msg":"success","data":{"tmp_download_urls":[{"file_token":"boxcnrHpsg1QDqXAAAyachabcef","tmp_download_url":"https://internal-api-drive-stream.feishu.cn/space/api/box/stream/download/authcode/?code=ZDMxNDRhMTM"}]}}"#;
const TOKEN: &str = "t-g1044qeGEDXTB6NDJOGV4JQCYDGHRBARFTGT1234";
const CALLS: u32 = 2000;
const ROUNDS: usize = 15;

#[derive(Deserialize)]
struct Envelope {
    code: i64,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    tmp_download_urls: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    file_token: String,
    tmp_download_url: String,
}

/// What a call may cost more, in microseconds.
const GOAL: f64 = 8.0;

fn main() -> ExitCode {
    let url = serve_elsewhere();
    let costs = runtime().block_on(compare(&url));
    let plain = median(costs.iter().map(|round| round[0]));
    println!("reqwest and serde_json         {plain:6.1} µs of CPU a call");
    let mut kept = true;
    for (column, name) in [(1, "without a window"), (2, "with two windows")] {
        let own = median(costs.iter().map(|round| round[column]));
        // Of the pairs: other load of the machine is in both of a pair.
        let more = median(costs.iter().map(|round| round[column] - round[0]));
        let ratio = median(costs.iter().map(|round| round[column] / round[0]));
        println!("larkspur, {name:20} {own:6.1} µs: {more:+.1} µs, {ratio:.2}x");
        kept &= more <= GOAL;
    }
    println!("the goal of {GOAL:+.1} µs is {}", if kept { "kept" } else { "missed" });
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap()
}

/// The cost of a call in each way, for each round.
async fn compare(url: &str) -> Vec<[f64; 3]> {
    let plain = reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls())
        .build()
        .unwrap();
    let client = Client::builder()
        .app("cli_bench", "s3cret")
        .base_url(url)
        .build()
        .unwrap();
    let mut rounds = Vec::new();
    // The first is to get warm: connections, the token, the caches.
    for _ in 0..=ROUNDS {
        rounds.push([
            cost(|| by_hand(&plain, url)).await,
            cost(|| by_client(&client, &UNLIMITED)).await,
            cost(|| by_client(&client, &LIMITED)).await,
        ]);
    }
    rounds.split_off(1)
}

/// The generated request, but for its windows: those of the spec would have the calls wait.
struct Links(BatchGetTmpDownloadUrl, &'static EndpointInfo);

static UNLIMITED: EndpointInfo = BatchGetTmpDownloadUrl::ENDPOINT.limits(&[]);
static LIMITED: EndpointInfo =
    BatchGetTmpDownloadUrl::ENDPOINT.limits(&[Window::new(1_000_000, 1), Window::new(1_000_000, 60)]);

impl Fields for Links {
    fn fields(&self) -> &'static [FieldInfo] {
        self.0.fields()
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        self.0.value(index)
    }
}

impl Request for Links {
    fn endpoint(&self) -> &'static EndpointInfo {
        self.1
    }
}

async fn by_client(client: &Client, endpoint: &'static EndpointInfo) {
    let request = Links(BatchGetTmpDownloadUrl::new(["boxcnrHpsg1QDqXAAAyachabcef"]), endpoint);
    let mut links = BatchGetTmpDownloadUrlResponse::blank();
    client.call(&request, &mut links).await.unwrap();
    assert_eq!(links.tmp_download_urls.len(), 1);
}

async fn by_hand(client: &reqwest::Client, url: &str) {
    let url =
        format!("{url}/open-apis/drive/v1/medias/batch_get_tmp_download_url?file_tokens=boxcnrHpsg1QDqXAAAyachabcef");
    let response = client.get(url).bearer_auth(TOKEN).send().await.unwrap();
    let body = response.error_for_status().unwrap().bytes().await.unwrap();
    let envelope: Envelope = serde_json::from_slice(&body).unwrap();
    let links = &envelope.data.tmp_download_urls;
    assert_eq!((envelope.code, links.len()), (0, 1));
    assert!(links[0].file_token.len() < links[0].tmp_download_url.len());
}

/// CPU time of one call in microseconds.
async fn cost<F: Future<Output = ()>>(call: impl Fn() -> F) -> f64 {
    let before = cpu_time();
    for _ in 0..CALLS {
        call().await;
    }
    (cpu_time() - before).as_secs_f64() * 1e6 / f64::from(CALLS)
}

/// CPU time of this thread.
#[cfg(unix)]
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap()
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    panic!("the CPU time of a thread is not available on this system")
}

fn median(costs: impl Iterator<Item = f64>) -> f64 {
    let mut costs: Vec<_> = costs.collect();
    costs.sort_by(f64::total_cmp);
    costs[costs.len() / 2]
}

fn tls() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// Starts the server on a thread of its own; gives where it is.
fn serve_elsewhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream));
            }
        });
    });
    url
}

/// Responds to each request in the same cheap way, except to token requests.
async fn answer(mut stream: TcpStream) {
    let token = format!(r#"{{"code":0,"tenant_access_token":"{TOKEN}","expire":7200}}"#);
    let (links, token) = (reply(BODY), reply(&token));
    let mut request = vec![0; 4096];
    let mut length = 0;
    while let Ok(read @ 1..) = stream.read(&mut request[length..]).await {
        length += read;
        let reply = match &request[..length] {
            [b'P', .., b'}'] => &token,
            [b'G', .., b'\r', b'\n', b'\r', b'\n'] => &links,
            _ => continue,
        };
        length = 0;
        stream.write_all(reply.as_bytes()).await.unwrap();
    }
}

fn reply(body: &str) -> String {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\nx-tt-logid: 20260101\r\ncontent-length";
    format!("{head}: {}\r\n\r\n{body}", body.len())
}
