//! HTTP/2 with prior knowledge.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Sleep;

use super::answer::{Answer, Then};
use super::{Asked, Cases};

/// Serves one connection until a response determines how it ends.
pub async fn serve(stream: TcpStream, cases: Cases) -> io::Result<()> {
    let (ends, mut ended) = mpsc::unbounded_channel();
    let resetting = Arc::new(stream);
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = cases.answer(&asked(&request));
        std::future::ready(Ok::<_, Infallible>(response(answer, ends.clone())))
    });
    let io = TokioIo::new(Shared(Arc::clone(&resetting)));
    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(1 << 20).max_send_buf_size(1 << 21);
    let connection = builder.serve_connection(io, service);
    tokio::select! {
        _ = connection => {}
        Some(then) = ended.recv() => {
            if then == Then::Reset {
                resetting.set_zero_linger()?;
            }
        }
    }
    Ok(())
}

fn asked(request: &Request<Incoming>) -> Asked {
    let mut asked = Asked {
        target: request.uri().path().to_owned(),
        ..Asked::default()
    };
    for (name, value) in request.headers() {
        asked.header(name.as_str(), value.to_str().unwrap_or_default());
    }
    asked
}

fn response(answer: Answer, ends: mpsc::UnboundedSender<Then>) -> Response<Sent> {
    let mut response = Response::builder()
        .status(answer.status)
        .header("content-length", answer.length);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let bytes = Some(answer.body).filter(|bytes| !bytes.is_empty());
    let sent = Sent {
        bytes,
        then: answer.then,
        flushing: None,
        ends,
    };
    response.body(sent).unwrap()
}

/// A body that ends as its response determines.
struct Sent {
    bytes: Option<Bytes>,
    then: Then,
    /// Runs while what was sent leaves.
    flushing: Option<Pin<Box<Sleep>>>,
    ends: mpsc::UnboundedSender<Then>,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if self.then == Then::End {
            return Poll::Ready(None);
        }
        if self.then == Then::Stall {
            return Poll::Pending;
        }
        let flushing = self
            .flushing
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(2))));
        std::task::ready!(flushing.as_mut().poll(context));
        if self.then == Then::CutChunk {
            return Poll::Ready(Some(Err(io::Error::other("cut"))));
        }
        let _ = self.ends.send(self.then);
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && self.then == Then::End
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// A stream that can be reset while it is used.
struct Shared(Arc<TcpStream>);

impl tokio::io::AsyncRead for Shared {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            std::task::ready!(self.0.poll_read_ready(context))?;
            match self.0.try_read(buffer.initialize_unfilled()) {
                Ok(count) => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl tokio::io::AsyncWrite for Shared {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            std::task::ready!(self.0.poll_write_ready(context))?;
            match self.0.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return Poll::Ready(other),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
