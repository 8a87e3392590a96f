//! Work that is undone if nobody waits for it any more.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use tokio::runtime::Handle;

/// What `work` gives. If this is dropped before that, a task waits for it in its place and passes it on to `undo`:
/// by then the server may have done what it was asked for.
pub(super) async fn undone_if_dropped<W, U>(work: W, undo: impl FnOnce(W::Output) -> U + Send + 'static) -> W::Output
where
    W: Future<Output: Send> + Send + 'static,
    U: Future<Output = ()> + Send + 'static,
{
    let mut awaited = Awaited {
        left: Some((Box::pin(work), undo)),
        runtime: Handle::current(),
    };
    let outcome = poll_fn(|context| match &mut awaited.left {
        Some((work, _)) => work.as_mut().poll(context),
        None => Poll::Pending,
    })
    .await;
    awaited.left = None;
    outcome
}

/// Work that is waited for, and what undoes it.
struct Awaited<W, F, U>
where
    W: Future<Output: Send> + Send + 'static,
    F: FnOnce(W::Output) -> U + Send + 'static,
    U: Future<Output = ()> + Send + 'static,
{
    left: Option<(Pin<Box<W>>, F)>,
    runtime: Handle,
}

impl<W, F, U> Drop for Awaited<W, F, U>
where
    W: Future<Output: Send> + Send + 'static,
    F: FnOnce(W::Output) -> U + Send + 'static,
    U: Future<Output = ()> + Send + 'static,
{
    fn drop(&mut self) {
        if let Some((work, undo)) = self.left.take() {
            self.runtime.spawn(async move { undo(work.await).await });
        }
    }
}
