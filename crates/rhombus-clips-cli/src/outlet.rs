//! Standard output and standard error, each written by a thread of its own.
//!
//! A pipe that is not read blocks the thread that writes to it. Timeouts, checkpoints and signals must not wait
//! for that, so the program puts its output into a queue. What ends a clip is always queued; a display
//! leaves out progress while the outlet [is congested](Outlet::is_congested), which bounds the queue.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

/// Number of queued bytes above which an outlet is congested. Chosen: some thousand lines.
const MAX_QUEUED_BYTES: usize = 1 << 20;

/// Number of bytes that are written at a time, each a sign that someone reads. Chosen: the number that a
/// pipe takes as a whole.
const PIECE_BYTES: usize = 4096;

/// Delay between attempts to write to a pipe that is full and does not block. Chosen, not tuned.
const BLOCKED_DELAY: Duration = Duration::from_millis(10);

/// A queue of output, with the thread that writes it.
#[derive(Clone, Debug)]
pub(crate) struct Outlet(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Notified of new output.
    has_output: Condvar,
    /// Notified of progress and failure.
    has_changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Vec<u8>>,
    /// Number of bytes that are not written yet.
    queued_bytes: usize,
    has_failed: bool,
    error: Option<io::Error>,
}

/// Result of waiting for the output to be written.
#[derive(Debug)]
pub(crate) enum Drained {
    Written,
    /// No bytes were read for a while; so many are left.
    Stalled {
        bytes: usize,
    },
}

impl Outlet {
    /// Returns the outlet of standard output.
    pub(crate) fn stdout() -> Self {
        Self::new(io::stdout())
    }

    /// Returns the outlet of standard error.
    pub(crate) fn stderr() -> Self {
        Self::new(io::stderr())
    }

    /// Starts the thread, which ends with the program: a write that blocks cannot be cancelled.
    fn new(mut target: impl Write + Send + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let writer = shared.clone();
        let spawned = thread::Builder::new().spawn(move || {
            let error = loop {
                if let Err(error) = writer.write_next(&mut target) {
                    break error;
                }
            };
            writer.fail(error);
        });
        if let Err(error) = spawned {
            shared.fail(error);
        }
        Self(shared)
    }

    /// Queues output. After a failure, it is dropped.
    pub(crate) fn send(&self, bytes: Vec<u8>) {
        let mut state = self.0.lock();
        if !state.has_failed && !bytes.is_empty() {
            state.queued_bytes = state.queued_bytes.saturating_add(bytes.len());
            state.queue.push_back(bytes);
            self.0.has_output.notify_one();
        }
    }

    /// Returns whether more output waits than is worth it.
    pub(crate) fn is_congested(&self) -> bool {
        self.0.lock().queued_bytes > MAX_QUEUED_BYTES
    }

    /// Returns whether all output is written.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.lock().queued_bytes == 0
    }

    /// Waits for a failure of a write.
    pub(crate) async fn failure(&self) -> io::Error {
        loop {
            if let Some(error) = self.0.lock().error.take() {
                return error;
            }
            self.0.has_changed.notified().await;
        }
    }

    /// Waits until all output is written, as long as some of it is within each period of this length.
    pub(crate) async fn drain(&self, patience: Duration) -> io::Result<Drained> {
        loop {
            let changed = self.0.has_changed.notified();
            {
                let mut state = self.0.lock();
                if let Some(error) = state.error.take() {
                    return Err(error);
                }
                if state.queued_bytes == 0 {
                    return Ok(Drained::Written);
                }
            }
            if timeout(patience, changed).await.is_err() {
                let bytes = self.0.lock().queued_bytes;
                return Ok(Drained::Stalled { bytes });
            }
        }
    }
}

/// Writes to an outlet: what is written until a flush is queued as a whole.
#[derive(Debug)]
pub(crate) struct OutletWriter {
    outlet: Outlet,
    unflushed: Vec<u8>,
}

impl OutletWriter {
    pub(crate) fn new(outlet: &Outlet) -> Self {
        Self {
            outlet: outlet.clone(),
            unflushed: Vec::new(),
        }
    }
}

impl Write for OutletWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unflushed.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.outlet.send(mem::take(&mut self.unflushed));
        Ok(())
    }
}

/// Writes a text to standard output, and waits until someone has read it.
pub(crate) async fn print(text: String) -> io::Result<()> {
    let outlet = Outlet::stdout();
    outlet.send(text.into_bytes());
    outlet.drain(Duration::MAX).await.map(drop)
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for output and writes it.
    fn write_next(&self, target: &mut impl Write) -> io::Result<()> {
        let mut state = self.lock();
        let bytes = loop {
            match state.queue.pop_front() {
                Some(bytes) => break bytes,
                None => {
                    let waited = self.has_output.wait(state);
                    state = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        };
        drop(state);
        for piece in bytes.chunks(PIECE_BYTES) {
            let mut rest = piece;
            while !rest.is_empty() {
                let written = wait_while_blocked(|| target.write(rest))?;
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                rest = rest.get(written..).unwrap_or_default();
            }
            wait_while_blocked(|| target.flush())?;
            self.lock().queued_bytes -= piece.len();
            self.has_changed.notify_one();
        }
        Ok(())
    }

    fn fail(&self, error: io::Error) {
        let mut state = self.lock();
        state.has_failed = true;
        state.error = Some(error);
        state.queue.clear();
        state.queued_bytes = 0;
        drop(state);
        self.has_changed.notify_one();
    }
}

/// Repeats an operation that does not wait by itself: another process may have made a pipe that is shared
/// with it non-blocking.
fn wait_while_blocked<T>(mut operation: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match operation() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(BLOCKED_DELAY),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// A pipe that takes a write for each permit, and reports it.
    struct Pipe {
        permits: Receiver<io::Result<()>>,
        written: Sender<usize>,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Without a sender, the pipe is not read any more.
            self.permits.recv().unwrap_or_else(|_| {
                thread::park();
                Ok(())
            })?;
            let _ = self.written.send(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn outlet() -> (Outlet, Sender<io::Result<()>>, Receiver<usize>) {
        let (permit, permits) = channel();
        let (written, writes) = channel();
        (Outlet::new(Pipe { permits, written }), permit, writes)
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn output_is_written_in_pieces_and_waited_for() {
        let (outlet, permit, writes) = outlet();
        outlet.send(vec![b'a'; PIECE_BYTES + 1]);
        outlet.send(vec![b'b'; 2]);
        for _ in 0..3 {
            permit.send(Ok(())).unwrap();
        }
        let written: Vec<_> = writes.iter().take(3).collect();
        assert_eq!(written, [PIECE_BYTES, 1, 2]);
        let drained = outlet.drain(Duration::MAX).await.unwrap();
        assert!(matches!(drained, Drained::Written), "{drained:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn output_that_nobody_reads_is_not_waited_for() {
        let (outlet, _permit, _writes) = outlet();
        outlet.send(vec![b'a'; 7]);
        let drained = outlet.drain(SECOND).await.unwrap();
        assert!(
            matches!(drained, Drained::Stalled { bytes: 7 }),
            "{drained:?}"
        );
    }

    #[test]
    fn an_outlet_that_nobody_reads_is_congested() {
        let (outlet, _permit, _writes) = outlet();
        outlet.send(vec![b'a'; MAX_QUEUED_BYTES]);
        assert!(!outlet.is_congested());
        outlet.send(vec![b'a']);
        assert!(outlet.is_congested());
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_told_once_and_later_output_dropped() {
        let (outlet, permit, _writes) = outlet();
        outlet.send(vec![b'a'; 7]);
        permit.send(Err(io::ErrorKind::StorageFull.into())).unwrap();
        let error = outlet.failure().await;
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        outlet.send(vec![b'a'; 7]);
        assert!(matches!(outlet.drain(SECOND).await, Ok(Drained::Written)));
    }

    #[tokio::test]
    async fn a_pipe_that_does_not_block_is_tried_again() {
        let (outlet, permit, writes) = outlet();
        permit.send(Err(io::ErrorKind::WouldBlock.into())).unwrap();
        permit.send(Ok(())).unwrap();
        outlet.send(vec![b'a'; 7]);
        let drained = outlet.drain(Duration::MAX).await.unwrap();
        assert!(matches!(drained, Drained::Written), "{drained:?}");
        assert_eq!(writes.recv().unwrap(), 7);
    }

    #[test]
    fn a_writer_sends_what_it_is_told_to_flush() {
        let (outlet, permit, writes) = outlet();
        let mut writer = OutletWriter::new(&outlet);
        write!(writer, "one {}", 12).unwrap();
        permit.send(Ok(())).unwrap();
        writer.flush().unwrap();
        assert_eq!(writes.recv().unwrap(), 6);
    }
}
