//! A server that receives files and discards them.

use std::convert::Infallible;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const BLOCK: u64 = 4 * 1024 * 1024;

/// Starts it, and returns its URL.
pub async fn start() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let connection = hyper::server::conn::http1::Builder::new();
                // A client may close the connection.
                let _ = connection
                    .serve_connection(TokioIo::new(stream), service_fn(answer))
                    .await;
            });
        }
    });
    Ok(url)
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_first = request.uri().path().ends_with("upload_prepare");
    let mut body = request.into_body();
    // Of the first step the whole is needed, of all others nothing.
    let mut asked = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data()
            && is_first
        {
            asked.extend_from_slice(&data);
        }
    }
    let data = match is_first {
        true => prepared(&asked),
        false => r#"{"file_token":"boxcn1"}"#.to_owned(),
    };
    let answer = format!(r#"{{"code":0,"msg":"success","data":{data}}}"#);
    let mut response = Response::new(Full::new(answer.into()));
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", json);
    Ok(response)
}

fn prepared(asked: &[u8]) -> String {
    let asked: serde_json::Value = serde_json::from_slice(asked).unwrap_or_default();
    let size = asked["size"].as_u64().unwrap_or_default();
    format!(
        r#"{{"upload_id":"1","block_size":{BLOCK},"block_num":{}}}"#,
        size.div_ceil(BLOCK)
    )
}
