//! A server whose responses a test writes to the connection.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

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

/// How the first response of [`serve_file`] ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FirstEnd {
    /// The connection is closed.
    Cut,
    /// Nothing more arrives.
    Stall,
}

/// The first byte of each request.
pub type Starts = Arc<Mutex<Vec<usize>>>;

/// Starts a server of a file with an ETag, whose first response ends after `first` bytes. Later ones are complete.
pub fn serve_file(content: Vec<u8>, first: usize, end: FirstEnd) -> io::Result<(String, Starts)> {
    let starts = Starts::default();
    let log = Arc::clone(&starts);
    let url = serve(move |from, connection| {
        let calls = {
            let mut log = log.lock().map_err(|_| io::ErrorKind::Other)?;
            log.push(from);
            log.len()
        };
        let size = content.len();
        let status = match from {
            0 => "200 OK".to_owned(),
            from => format!("206 Partial Content\r\ncontent-range: bytes {from}-{}/{size}", size - 1),
        };
        let facts = "etag: \"v1\"\r\ncontent-disposition: attachment; filename=\"video.mp4\"\r\nconnection: close";
        let length = size - from;
        write!(
            connection,
            "HTTP/1.1 {status}\r\n{facts}\r\ncontent-length: {length}\r\n\r\n"
        )?;
        let to = if calls == 1 { first } else { size };
        connection.write_all(&content[from..to])?;
        if calls == 1 && end == FirstEnd::Stall {
            thread::sleep(Duration::from_secs(60));
        }
        Ok(())
    })?;
    Ok((url, starts))
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
