//! The host of the files, in a process of its own so that its time counts for nobody.
//!
//! A thread for each connection. The token of a file is its number of bytes.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::Outcome;

/// How much is written with one call.
const PIECE: usize = 256 * 1024;

/// Serves until its standard input ends. Writes its certificate to this path, and its ports to standard output.
pub fn run(arguments: &[String]) -> Outcome<()> {
    let certificate = arguments.first().ok_or("serve needs a path for the certificate")?;
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    fs::write(certificate, own.cert.pem())?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let config = Arc::new(config);
    let plain = listen(serve)?;
    let encrypted = listen(move |stream| {
        let session = ServerConnection::new(Arc::clone(&config))?;
        serve(StreamOwned::new(session, stream))
    })?;
    println!("{plain} {encrypted}");
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    Ok(())
}

fn listen(serve: impl Fn(TcpStream) -> Outcome<()> + Clone + Send + 'static) -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            // The client reports a broken connection.
            thread::spawn(move || stream.set_nodelay(true).is_ok() && serve(stream).is_ok());
        }
    });
    Ok(port)
}

/// What a client requests.
struct Asked {
    bytes: u64,
    range: Option<(u64, Option<u64>)>,
}

/// Responds to one request after the other.
fn serve(stream: impl Read + Write) -> Outcome<()> {
    let mut stream = BufReader::new(stream);
    while let Some(asked) = read_request(&mut stream)? {
        let last = asked.bytes - 1;
        let (first, last) = match asked.range {
            Some((first, to)) => (first, to.unwrap_or(last).min(last)),
            None => (0, last),
        };
        let count = last + 1 - first;
        let status = match asked.range {
            Some(_) => format!(
                "206 Partial Content\r\nContent-Range: bytes {first}-{last}/{}",
                asked.bytes
            ),
            None => "200 OK".to_owned(),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {count}\r\nContent-Type: application/octet-stream\r\n\
             Accept-Ranges: bytes\r\nETag: \"one\"\r\n\r\n"
        );
        stream.get_mut().write_all(head.as_bytes())?;
        write_body(stream.get_mut(), first, count)?;
    }
    Ok(())
}

fn read_request(stream: &mut impl std::io::BufRead) -> Outcome<Option<Asked>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let token = line
        .split('/')
        .find(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    let bytes = token.ok_or("no such file")?;
    let mut asked = Asked {
        bytes: bytes.parse()?,
        range: None,
    };
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else {
            return Ok(Some(asked));
        };
        if name.eq_ignore_ascii_case("range") {
            let (first, last) = value
                .trim()
                .trim_start_matches("bytes=")
                .split_once('-')
                .ok_or("an odd range")?;
            asked.range = Some((first.parse()?, last.parse().ok()));
        }
    }
}

/// Bytes that depend on where they stand in the file.
fn write_body(to: &mut impl Write, first: u64, count: u64) -> Outcome<()> {
    let pattern: Vec<u8> = (0..2 * PIECE)
        .map(|at| (at % PIECE).wrapping_mul(0x9e37_79b1) as u8)
        .collect();
    let mut sent = 0;
    while sent < count {
        let at = ((first + sent) % PIECE as u64) as usize;
        let length = PIECE.min(usize::try_from(count - sent).unwrap_or(PIECE));
        to.write_all(&pattern[at..at + length])?;
        sent += length as u64;
    }
    Ok(to.flush()?)
}
