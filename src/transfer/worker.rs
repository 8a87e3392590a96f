//! Work that blocks, done where it holds nobody up.

use std::io;

use tokio::task::{JoinHandle, spawn_blocking};

/// A value on which jobs that block are done one behind the other, each on a thread for such jobs. While one is
/// under way the task that asked for it can go on.
pub(crate) struct Worker<T> {
    state: State<T>,
}

enum State<T> {
    Idle(T),
    Busy(JoinHandle<(T, io::Result<()>)>),
    /// A job panicked, or the runtime shut down.
    Lost,
}

impl<T: Send + 'static> Worker<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            state: State::Idle(value),
        }
    }

    /// The value, once the job under way has ended, or the error of that job.
    pub(crate) async fn settled(&mut self) -> io::Result<&mut T> {
        if let State::Busy(job) = &mut self.state {
            // Dropped while it waits, this leaves the job where it is.
            let ended = job.await;
            self.state = State::Lost;
            let (value, result) = ended.map_err(io::Error::other)?;
            self.state = State::Idle(value);
            result?;
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
        self.settled().await?;
        let State::Idle(mut value) = std::mem::replace(&mut self.state, State::Lost) else {
            return Err(lost());
        };
        self.state = State::Busy(spawn_blocking(move || {
            let result = job(&mut value);
            (value, result)
        }));
        Ok(())
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
