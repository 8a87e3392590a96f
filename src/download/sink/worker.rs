//! Work that blocks, done where it holds nobody up.

use std::io;
use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, spawn_blocking};

/// A value on which jobs that block are done one behind the other, each on a thread for such jobs. While one is
/// under way the task that asked for it can go on.
pub(crate) struct BlockingWorker<T> {
    state: State<T>,
    /// How long the last job took that has ended.
    took: Duration,
}

enum State<T> {
    Idle(T),
    Busy(JoinHandle<Completed<T>>),
    /// A job panicked, or the runtime shut down.
    Lost,
}

/// A job that has ended.
struct Completed<T> {
    value: T,
    result: io::Result<()>,
    took: Duration,
}

impl<T> Completed<T> {
    /// Does a job.
    fn of(mut value: T, job: impl FnOnce(&mut T) -> io::Result<()>) -> Self {
        let started = Instant::now();
        let result = job(&mut value);
        let took = started.elapsed();
        Self { value, result, took }
    }
}

impl<T: Send + 'static> BlockingWorker<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            state: State::Idle(value),
            took: Duration::ZERO,
        }
    }

    /// How long the last job took that has ended.
    pub(crate) fn took(&self) -> Duration {
        self.took
    }

    /// The value, once the job under way has ended, or the error of that job.
    pub(crate) async fn settled(&mut self) -> io::Result<&mut T> {
        if let State::Busy(job) = &mut self.state {
            // Dropped while it waits, this leaves the job where it is.
            let ended = job.await;
            self.state = State::Lost;
            self.end(ended.map_err(io::Error::other)?)?;
        }
        match &mut self.state {
            State::Idle(value) => Ok(value),
            _ => Err(lost()),
        }
    }

    /// Starts a job once the one before has ended, whose error comes first.
    pub(crate) async fn start(
        &mut self,
        job: impl FnOnce(&mut T) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let value = self.take().await?;
        self.state = State::Busy(spawn_blocking(|| Completed::of(value, job)));
        Ok(())
    }

    /// Does a job once the one before has ended, here and now: only for one that is known to be short.
    pub(crate) async fn do_here(&mut self, job: impl FnOnce(&mut T) -> io::Result<()>) -> io::Result<()> {
        let value = self.take().await?;
        self.end(Completed::of(value, job))
    }

    async fn take(&mut self) -> io::Result<T> {
        self.settled().await?;
        match std::mem::replace(&mut self.state, State::Lost) {
            State::Idle(value) => Ok(value),
            _ => Err(lost()),
        }
    }

    fn end(&mut self, ended: Completed<T>) -> io::Result<()> {
        self.state = State::Idle(ended.value);
        self.took = ended.took;
        ended.result
    }

    /// Does a job and gives what it gives.
    pub(crate) async fn run<R: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut T) -> io::Result<R> + Send + 'static,
    ) -> io::Result<R> {
        let (sender, mut receiver) = tokio::sync::oneshot::channel();
        self.start(move |value| {
            let result = job(value)?;
            let _ = sender.send(result);
            Ok(())
        })
        .await?;
        self.settled().await?;
        receiver.try_recv().map_err(io::Error::other)
    }
}

fn lost() -> io::Error {
    io::Error::other("an earlier job did not end")
}
