//! Ctrl-C, and being asked to end.

use std::future::{self, Future};

use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// What ends the program from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C.
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

    /// What happened, in a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Interrupt => "interrupted",
            Self::Terminate => "told to end",
        }
    }
}

/// The work's end, or a signal before it.
pub(crate) async fn or(
    work: impl Future<Output = Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    let mut signals = Signals::listen();
    tokio::select! {
        biased;
        signal = signals.next() => Ok(signal.exit_code()),
        result = work => result,
    }
}

/// The signals that come from now on. The second one ends the program at once, whatever it does.
///
/// Where the system does not allow to listen, a signal ends the program as it ends any other.
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

        end_at_the_second();
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    pub(crate) async fn next(&mut self) -> Signal {
        async fn one(signal: &mut Option<tokio::signal::unix::Signal>) {
            if let Some(signal) = signal
                && signal.recv().await.is_some()
            {
                return;
            }
            future::pending().await
        }
        tokio::select! {
            () = one(&mut self.interrupt) => Signal::Interrupt,
            () = one(&mut self.terminate) => Signal::Terminate,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn listen() -> Self {
        Self {}
    }

    pub(crate) async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}

/// The program is one thread, which may stand still: on a pipe that nobody reads, say. What ends
/// it then is not up to it.
#[cfg(unix)]
fn end_at_the_second() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    let is_second = Arc::new(AtomicBool::new(false));
    for signal in [Signal::Interrupt, Signal::Terminate] {
        let number = match signal {
            Signal::Interrupt => SIGINT,
            Signal::Terminate => SIGTERM,
        };
        let code = signal.exit_code().code().into();
        // In this order: the first one finds the flag unset.
        let _ = flag::register_conditional_shutdown(number, code, is_second.clone());
        let _ = flag::register(number, is_second.clone());
    }
}
