//! The signals that end a command: SIGINT, as Ctrl-C sends it, and SIGTERM.

use larkspur_codegen::command::output::Stop;

/// A signal that ends the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Interrupt,
    Terminate,
}

impl Signal {
    /// Returns how the command ends, with advice for the user.
    pub(crate) fn stop(self, advice: Option<&str>) -> Stop {
        let message = match advice {
            Some(advice) => format!("interrupted: {advice}"),
            None => "interrupted".to_owned(),
        };
        match self {
            Self::Interrupt => Stop::Interrupted(message),
            Self::Terminate => Stop::Terminated(message),
        }
    }
}

/// Waits for a signal. From the first poll on, signals no longer end the process.
#[cfg(unix)]
pub(crate) async fn wait_for_signal() -> Signal {
    use tokio::signal::unix::{SignalKind, signal};

    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => Signal::Interrupt,
        _ = terminate.recv() => Signal::Terminate,
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn wait_for_signal() -> Signal {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Signal::Interrupt,
        Err(_) => std::future::pending().await,
    }
}

/// Runs a command until it ends or a signal arrives. In that case the command is dropped, which removes its temporary files
/// and keeps its resumable ones.
pub(crate) async fn run_until_signal<T>(
    command: impl Future<Output = Result<T, Stop>>,
    advice: Option<&str>,
) -> Result<T, Stop> {
    tokio::select! {
        // Polled first, so that no file exists before signals are handled.
        biased;
        signal = wait_for_signal() => Err(signal.stop(advice)),
        result = command => result,
    }
}
