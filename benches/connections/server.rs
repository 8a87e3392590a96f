//! A server whose connections are slow.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

/// How many bytes are sent at once.
const PORTION: u64 = 64 * 1024;

/// Serves a file of this size, each connection this many bytes a second, and returns its address.
pub async fn start(size: u64, bytes_per_second: u64) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, size, bytes_per_second));
        }
    });
    Ok(url)
}

async fn serve(mut stream: TcpStream, size: u64, bytes_per_second: u64) -> io::Result<()> {
    let mut received = Vec::new();
    loop {
        while !received.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
        }
        let (head, count) = head(&String::from_utf8_lossy(&received), size);
        received.clear();
        stream.write_all(head.as_bytes()).await?;
        send(&mut stream, count, bytes_per_second).await?;
    }
}

/// The head of the response, and how many bytes follow.
fn head(request: &str, size: u64) -> (String, u64) {
    let range = request
        .lines()
        .find_map(|line| line.strip_prefix("range: bytes="))
        .and_then(|range| range.split_once('-'))
        .and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse().unwrap_or(size - 1))));
    let (status, first, last) = match range {
        Some((first, last)) => ("206 Partial Content", first, last.min(size - 1)),
        None => ("200 OK", 0, size - 1),
    };
    let count = last + 1 - first;
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {count}\r\netag: \"v1\"\r\n");
    if range.is_some() {
        head.push_str(&format!("content-range: bytes {first}-{last}/{size}\r\n"));
    }
    head.push_str("content-type: application/octet-stream\r\n\r\n");
    (head, count)
}

/// Sends so many bytes, each portion when its time has come.
async fn send(stream: &mut TcpStream, count: u64, bytes_per_second: u64) -> io::Result<()> {
    let portion = vec![0; PORTION as usize];
    let start = Instant::now();
    let mut sent = 0;
    while sent < count {
        let next = PORTION.min(count - sent);
        stream.write_all(&portion[..next as usize]).await?;
        sent += next;
        sleep_until(start + Duration::from_secs_f64(sent as f64 / bytes_per_second as f64)).await;
    }
    Ok(())
}
