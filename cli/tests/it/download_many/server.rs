//! A server whose responses a test writes to the connection.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Starts a server that responds to each file request with `respond`, which gets the first requested byte. Returns its address.
pub fn serve(respond: impl Fn(usize, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let respond = Arc::new(respond);
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let respond = Arc::clone(&respond);
            thread::spawn(move || {
                let (is_token_request, from) = read_request(&connection)?;
                if is_token_request {
                    send_token(&mut connection)
                } else {
                    respond(from, &mut connection)
                }
            });
        }
    });
    Ok(format!("http://{address}"))
}

/// Returns whether the request is for the app's token, and its first requested byte.
fn read_request(connection: &TcpStream) -> io::Result<(bool, usize)> {
    let (mut is_token_request, mut from) = (false, 0);
    for line in BufReader::new(connection).lines() {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        is_token_request |= line.contains("/tenant_access_token/");
        let range = line
            .strip_prefix("range: bytes=")
            .and_then(|range| range.strip_suffix('-'));
        from = range.and_then(|from| from.parse().ok()).unwrap_or(from);
    }
    Ok((is_token_request, from))
}

fn send_token(connection: &mut TcpStream) -> io::Result<()> {
    let body = r#"{"code":0,"msg":"ok","tenant_access_token":"t-1","expire":7200}"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
    write!(connection, "{head} {}\r\n\r\n{body}", body.len())
}
