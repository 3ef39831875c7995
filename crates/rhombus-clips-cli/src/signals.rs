//! SIGINT and SIGTERM.
//!
//! The first signal ends the command in an orderly way: the work is dropped, or a watch prints how to
//! resume. The second one exits at once, from a signal handler, because the only thread may be blocked
//! in a write to a pipe that is not being read.

use std::future::{self, Future};

use crate::report::failure::{ExitCode, Failure};

/// A signal that ends the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT, as from Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Signal {
    pub(crate) fn exit_code(self) -> ExitCode {
        match self {
            Self::Interrupt => ExitCode::Interrupted,
            Self::Terminate => ExitCode::Terminated,
        }
    }

    /// Returns a word for the effect of the signal.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "interrupted",
            Self::Terminate => "terminated",
        }
    }
}

/// Runs the work until it completes or a signal arrives.
pub(crate) async fn run_until_signal(
    work: impl Future<Output = Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    let mut signals = Signals::listen();
    tokio::select! {
        biased;
        signal = signals.recv() => Ok(signal.exit_code()),
        result = work => result,
    }
}

/// Receiver of the signals that arrive after [`Signals::listen`].
///
/// If the system does not allow a handler, signals keep their default action.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        exit_on_second_signal();
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    pub(crate) async fn recv(&mut self) -> Signal {
        async fn recv_one(signal: &mut Option<tokio::signal::unix::Signal>) {
            if let Some(signal) = signal
                && signal.recv().await.is_some()
            {
                return;
            }
            future::pending().await
        }
        tokio::select! {
            () = recv_one(&mut self.interrupt) => Signal::Interrupt,
            () = recv_one(&mut self.terminate) => Signal::Terminate,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn listen() -> Self {
        Self {}
    }

    pub(crate) async fn recv(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}

/// Registers handlers that exit at the second signal.
#[cfg(unix)]
fn exit_on_second_signal() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    let has_received = Arc::new(AtomicBool::new(false));
    for signal in [Signal::Interrupt, Signal::Terminate] {
        let number = match signal {
            Signal::Interrupt => SIGINT,
            Signal::Terminate => SIGTERM,
        };
        let code = signal.exit_code().code().into();
        // Handlers run in the order of registration, so the first signal finds the flag unset.
        let _ = flag::register_conditional_shutdown(number, code, has_received.clone());
        let _ = flag::register(number, has_received.clone());
    }
}
