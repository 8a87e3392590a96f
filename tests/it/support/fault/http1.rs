//! HTTP/1.1 by hand, for what no library would send.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::answer::{Answer, Then};
use super::{Asked, Cases};

/// Bytes of a chunk.
const CHUNK: usize = 1500;

/// Serves one connection.
pub async fn serve(mut stream: TcpStream, cases: Cases, chunked: bool) -> io::Result<()> {
    let mut received = Vec::new();
    loop {
        while !received.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
        }
        let answer = cases.answer(&asked(&String::from_utf8_lossy(&received)));
        received.clear();
        send(&mut stream, &answer, chunked).await?;
        match answer.then {
            Then::End if answer.unframed => return stream.shutdown().await,
            Then::End => {}
            Then::Fin | Then::CutChunk => return stream.shutdown().await,
            Then::Reset => {
                // What was sent before is to arrive.
                tokio::time::sleep(Duration::from_millis(1)).await;
                return stream.set_zero_linger();
            }
            Then::Stall => {
                let _ = stream.read_buf(&mut received).await;
                return Ok(());
            }
        }
    }
}

fn asked(head: &str) -> Asked {
    let mut asked = Asked::default();
    for (number, line) in head.lines().enumerate() {
        if number == 0 {
            asked.target = line.split(' ').nth(1).unwrap_or_default().to_owned();
        } else if let Some((name, value)) = line.split_once(": ") {
            asked.header(name, value);
        }
    }
    asked
}

async fn send(stream: &mut TcpStream, answer: &Answer, chunked: bool) -> io::Result<()> {
    let mut bytes = format!("HTTP/1.1 {} Whatever\r\n", answer.status).into_bytes();
    for (name, value) in &answer.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if answer.unframed {
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&answer.body);
    } else if chunked {
        bytes.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
        chunks(answer, &mut bytes);
    } else {
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", answer.length).as_bytes());
        bytes.extend_from_slice(&answer.body);
    }
    stream.write_all(&bytes).await
}

fn chunks(answer: &Answer, bytes: &mut Vec<u8>) {
    let mut chunks = answer.body.chunks(CHUNK).peekable();
    while let Some(chunk) = chunks.next() {
        let cut = answer.then == Then::CutChunk && chunks.peek().is_none();
        // A chunk that is cut would have been longer.
        let length = chunk.len() + usize::from(cut);
        bytes.extend_from_slice(format!("{length:x}\r\n").as_bytes());
        bytes.extend_from_slice(chunk);
        if !cut {
            bytes.extend_from_slice(b"\r\n");
        }
    }
    if answer.then == Then::End {
        bytes.extend_from_slice(b"0\r\n\r\n");
    }
}
