//! A server that reads a body on demand.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// The server. It responds to each request with success.
pub struct Slow {
    pub url: String,
    /// The head of a request has come.
    pub begun: Arc<Notify>,
    /// Its body may be read.
    pub go_on: Arc<Notify>,
}

impl Slow {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let server = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            begun: begun.clone(),
            go_on: go_on.clone(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, &begun, &go_on).await;
            }
        });
        server
    }
}

async fn serve(mut stream: TcpStream, begun: &Notify, go_on: &Notify) {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.unwrap_or_default() == 0 {
            return;
        }
    }
    begun.notify_one();
    go_on.notified().await;
    let text = String::from_utf8_lossy(&head).to_lowercase();
    let (_, length) = text.split_once("content-length: ").unwrap();
    let length: usize = length.lines().next().unwrap().parse().unwrap();
    let end = head.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let mut left = length - (head.len() - end);
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => left -= read,
        }
    }
    let body = r#"{"code":0}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}
