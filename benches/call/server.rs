//! A server that always answers the same: a thread for each connection, so that its time is nobody else's.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

const TOKEN: &str =
    r#"{"code":0,"msg":"ok","tenant_access_token":"t-caecc734c2e3328a62489fe0648c4b98779515d3","expire":7200}"#;

/// Starts the server on a free port, for as long as the program runs; gives its base URL.
pub fn start() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || serve(connection));
        }
    });
    Ok(format!("http://{address}"))
}

/// Answers until the connection ends.
fn serve(mut connection: TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    let links = answer(&links());
    let token = answer(TOKEN);
    while let Some(request) = read(&mut reader)? {
        let is_token = request.starts_with("POST ");
        connection.write_all(if is_token { &token } else { &links })?;
    }
    Ok(())
}

/// The request line of the next request, once all of the request has been read.
fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    io::copy(&mut reader.take(length), &mut io::sink())?;
    Ok(Some(first))
}

fn answer(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\nx-tt-logid: 02170000000000000000000000000000000000000000000\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn links() -> String {
    let links: Vec<String> = crate::TOKENS
        .iter()
        .map(|token| {
            format!(
                r#"{{"file_token":"{token}","tmp_download_url":"https://internal-api-drive-stream.feishu.cn/space/api/box/stream/download/authcode/?code=ZGYxNDExMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTBfMTIz"}}"#
            )
        })
        .collect();
    format!(
        r#"{{"code":0,"msg":"success","data":{{"tmp_download_urls":[{}]}}}}"#,
        links.join(",")
    )
}
