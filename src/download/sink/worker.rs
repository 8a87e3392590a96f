//! Blocking jobs on one value, run one after the other.

use std::io;
use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, spawn_blocking};

/// A value with blocking jobs that run one after the other on the blocking thread pool. The task that starts a job does not
/// wait for it.
pub(crate) struct BlockingWorker<T> {
    state: State<T>,
    /// The duration of the last finished job.
    last_duration: Duration,
}

enum State<T> {
    Idle(T),
    Busy(JoinHandle<Completed<T>>),
    /// A job panicked, or the runtime shut down.
    Lost,
}

/// The result of a job.
struct Completed<T> {
    value: T,
    result: io::Result<()>,
    took: Duration,
}

impl<T> Completed<T> {
    /// Runs a job.
    fn from_job(mut value: T, job: impl FnOnce(&mut T) -> io::Result<()>) -> Self {
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
            last_duration: Duration::ZERO,
        }
    }

    /// Returns the duration of the last finished job.
    pub(crate) fn last_duration(&self) -> Duration {
        self.last_duration
    }

    /// Waits for the current job. Returns the value, or the error of the job.
    pub(crate) async fn wait_idle(&mut self) -> io::Result<&mut T> {
        if let State::Busy(job) = &mut self.state {
            // Cancelling this future does not affect the job.
            let completed = job.await;
            self.state = State::Lost;
            self.finish(completed.map_err(io::Error::other)?)?;
        }
        match &mut self.state {
            State::Idle(value) => Ok(value),
            _ => Err(lost()),
        }
    }

    /// Starts a job after the previous one, whose error is returned.
    pub(crate) async fn start(
        &mut self,
        job: impl FnOnce(&mut T) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let value = self.take().await?;
        self.state = State::Busy(spawn_blocking(|| Completed::from_job(value, job)));
        Ok(())
    }

    /// Runs a short job on this thread, after the previous one.
    pub(crate) async fn run_inline(&mut self, job: impl FnOnce(&mut T) -> io::Result<()>) -> io::Result<()> {
        let value = self.take().await?;
        self.finish(Completed::from_job(value, job))
    }

    async fn take(&mut self) -> io::Result<T> {
        self.wait_idle().await?;
        match std::mem::replace(&mut self.state, State::Lost) {
            State::Idle(value) => Ok(value),
            _ => Err(lost()),
        }
    }

    fn finish(&mut self, completed: Completed<T>) -> io::Result<()> {
        self.state = State::Idle(completed.value);
        self.last_duration = completed.took;
        completed.result
    }

    /// Runs a job and returns its result.
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
        self.wait_idle().await?;
        receiver.try_recv().map_err(io::Error::other)
    }
}

fn lost() -> io::Error {
    io::Error::other("an earlier job panicked or was cancelled")
}
