//! What a call costs on top of reqwest and serde_json alone: `cargo bench --bench call`.
//!
//! Both send the same request to the same server in this process and decode the same answer, in turns, on one thread.
//! What is compared is the CPU time of the whole process, so what the server costs is in both and falls out.
#![allow(clippy::print_stdout)]

use std::time::Duration;

use larkspur::Client;
use larkspur::drive::v1::media::{BatchGetTmpDownloadUrl, BatchGetTmpDownloadUrlResponse};
use larkspur::endpoint::{Endpoint, Request, Window};
use larkspur::wire::{Decode, Encode, Field, Fields};
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

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(compare());
}

async fn compare() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener));
    let plain = reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls())
        .build()
        .unwrap();
    let client = client(&url);
    let mut costs = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        costs[0].push(cost(|| by_hand(&plain, &url)).await);
        costs[1].push(cost(|| by_client(&client, &UNLIMITED)).await);
        costs[2].push(cost(|| by_client(&client, &LIMITED)).await);
    }
    let [plain, unlimited, limited] = costs.map(median);
    println!("reqwest and serde_json         {plain:6.1} µs of CPU a call");
    println!(
        "larkspur, without a window     {unlimited:6.1} µs: {:+.1} µs",
        unlimited - plain
    );
    println!(
        "larkspur, with two windows     {limited:6.1} µs: {:+.1} µs",
        limited - plain
    );
}

fn client(url: &str) -> Client {
    Client::builder().tenant_token(TOKEN).base_url(url).build().unwrap()
}

/// The generated request, but for its windows: those of the spec would have the calls wait.
struct Links(BatchGetTmpDownloadUrl, &'static Endpoint);

static UNLIMITED: Endpoint = BatchGetTmpDownloadUrl::ENDPOINT.limits(&[]);
static LIMITED: Endpoint =
    BatchGetTmpDownloadUrl::ENDPOINT.limits(&[Window::new(1_000_000, 1), Window::new(1_000_000, 60)]);

impl Fields for Links {
    fn fields(&self) -> &'static [Field] {
        self.0.fields()
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        self.0.value(index)
    }
}

impl Request for Links {
    fn endpoint(&self) -> &'static Endpoint {
        self.1
    }
}

async fn by_client(client: &Client, endpoint: &'static Endpoint) {
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

/// CPU time of this process, which has one thread.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("it takes Linux to tell the CPU time");
    let nanoseconds = text.split(' ').next().unwrap().parse().unwrap();
    Duration::from_nanos(nanoseconds)
}

fn median(mut costs: Vec<f64>) -> f64 {
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

async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream));
    }
}

/// Answers each request the same, as cheaply as can be.
async fn answer(mut stream: TcpStream) {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\nx-tt-logid: 20260101\r\ncontent-length";
    let reply = format!("{head}: {}\r\n\r\n{BODY}", BODY.len());
    let mut request = vec![0; 4096];
    let mut length = 0;
    while let Ok(read @ 1..) = stream.read(&mut request[length..]).await {
        length += read;
        if request[..length].ends_with(b"\r\n\r\n") {
            length = 0;
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    }
}
