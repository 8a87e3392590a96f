//! The socket: accepts connections on loopback and serves them until told to stop.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::handle::handle;
use crate::state::State;

/// How long calls may take that are under way when the mock is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until `stop` is sent or dropped, and then lets the calls under way end.
pub(crate) async fn serve(listener: TcpListener, state: Arc<State>, stop: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    let builder = auto::Builder::new(TokioExecutor::new());
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let stream = tokio::select! {
            // Forgets those that have ended.
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // The peer left before it was accepted, or descriptors have run out: both pass.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
            _ = &mut stop => break,
        };
        let state = Arc::clone(&state);
        let service = service_fn(move |request| {
            let state = Arc::clone(&state);
            async move { Ok::<_, Infallible>(handle(state, request).await) }
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        // An error of a connection is the caller's to see: it is their connection that breaks.
        connections.spawn(graceful.watch(connection));
    }
    drop(listener);
    // Whoever is still busy after that is cut off, as the set of connections is dropped.
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}
