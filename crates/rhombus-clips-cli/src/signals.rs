//! SIGINT and SIGTERM.
//!
//! The first signal ends the command in an orderly way: the work is dropped, or a watch prints how to
//! resume. The second one exits at once, from a signal handler, because the end of the command may wait
//! for a reader of its output.
//!
//! A signal that is ignored when the program starts stays ignored, as `nohup` and shells intend. Only Linux
//! tells which those are without `unsafe` code; elsewhere on Unix, they end the program like the others.

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

    #[cfg(unix)]
    fn number(self) -> i32 {
        match self {
            Self::Interrupt => signal_hook::consts::SIGINT,
            Self::Terminate => signal_hook::consts::SIGTERM,
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

        let ignored = IgnoredSignals::detect();
        exit_on_second_signal(ignored);
        let listen = |to: Signal| {
            let is_ignored = ignored.contains(to.number());
            (!is_ignored).then(|| signal(SignalKind::from_raw(to.number())).ok())?
        };
        Self {
            interrupt: listen(Signal::Interrupt),
            terminate: listen(Signal::Terminate),
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
fn exit_on_second_signal(ignored: IgnoredSignals) {
    use signal_hook::flag;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    let has_received = Arc::new(AtomicBool::new(false));
    for signal in [Signal::Interrupt, Signal::Terminate] {
        if ignored.contains(signal.number()) {
            continue;
        }
        let code = signal.exit_code().code().into();
        // Handlers run in the order of registration, so the first signal finds the flag unset.
        let _ = flag::register_conditional_shutdown(signal.number(), code, has_received.clone());
        let _ = flag::register(signal.number(), has_received.clone());
    }
}

/// Signals that are ignored, as a set of bits.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct IgnoredSignals(u64);

#[cfg(unix)]
impl IgnoredSignals {
    /// Returns the signals that this process ignores; none if the system does not tell.
    fn detect() -> Self {
        let status = std::fs::read_to_string("/proc/self/status");
        Self::parse(&status.unwrap_or_default()).unwrap_or_default()
    }

    /// Parses the status of a process: the lowest bit of `SigIgn` is the signal of number 1.
    fn parse(status: &str) -> Option<Self> {
        let mut lines = status.lines();
        let bits = lines.find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(bits.trim(), 16).ok().map(Self)
    }

    fn contains(self, number: i32) -> bool {
        let bit = u32::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(1));
        bit.is_some_and(|bit| self.0.checked_shr(bit).unwrap_or_default() & 1 == 1)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_status_of_the_process() {
        let status = "Name:\trhombus-clips\nSigBlk:\t0000000000004002\nSigIgn:\t0000000000001002\n";
        let ignored = IgnoredSignals::parse(status).unwrap();
        let numbers: Vec<_> = (-1..100)
            .filter(|number| ignored.contains(*number))
            .collect();
        assert_eq!(numbers, [2, 13]);
        for status in ["", "SigIgn:\tnone", "SigIgn:\t10000000000000000"] {
            assert_eq!(IgnoredSignals::parse(status), None, "{status}");
        }
    }
}
