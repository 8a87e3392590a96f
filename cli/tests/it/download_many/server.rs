//! A server that does what the mock does not: it sees how its answers are taken.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Answers each call for a file, which asks for it from this byte on, with what this writes; gives the address.
pub fn serve(answer: impl Fn(usize, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || {
                let (is_for_a_token, from) = read(&connection)?;
                match is_for_a_token {
                    true => give_token(&mut connection),
                    false => answer(from, &mut connection),
                }
            });
        }
    });
    Ok(format!("http://{address}"))
}

/// Whether a call is for the app's token, and the first byte that it asks for.
fn read(connection: &TcpStream) -> io::Result<(bool, usize)> {
    let (mut is_for_a_token, mut from) = (false, 0);
    for line in BufReader::new(connection).lines() {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        is_for_a_token |= line.contains("/tenant_access_token/");
        let range = line
            .strip_prefix("range: bytes=")
            .and_then(|range| range.strip_suffix('-'));
        from = range.and_then(|from| from.parse().ok()).unwrap_or(from);
    }
    Ok((is_for_a_token, from))
}

fn give_token(connection: &mut TcpStream) -> io::Result<()> {
    let body = r#"{"code":0,"msg":"ok","tenant_access_token":"t-1","expire":7200}"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
    write!(connection, "{head} {}\r\n\r\n{body}", body.len())
}
