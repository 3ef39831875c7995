//! Fault injection: every known failure, against every entry point of the library, in fast
//! motion.
//!
//! `cargo test -p rhombus-clips-tests --test faults` runs every fault of the [`catalogue`] and
//! every [`scenario`] through each [`EntryPoint`](call::EntryPoint), prints the results as a table,
//! and fails if one of them differs from the documented behaviour. The [`soak`] test, which sends
//! thousands of watches to a service that fails a third of all requests, is ignored by default.
//!
//! It is a binary of its own because its cases run in real time with short timeouts, and the soak test
//! measures the process: no other test may run beside them.

mod call;
mod case;
mod catalogue;
mod expected;
mod process_stats;
mod recording_policy;
mod redirect_target;
mod row;
mod scenario;
mod soak;
mod table;
mod test_config;

use tokio::sync::{Mutex, Semaphore};

/// Held by each test: the soak test measures the entire process, so nothing else may run.
static EXCLUSIVE: Mutex<()> = Mutex::const_new(());

/// Limits the cases that run concurrently. Most of a case is waiting, but its start takes some CPU
/// time. Chosen, not tuned.
static CONCURRENCY: Semaphore = Semaphore::const_new(64);

// A long body keeps a worker busy for a while; the other cases need free workers to be in time.
#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn every_fault_ends_as_documented() {
    let _exclusive = EXCLUSIVE.lock().await;
    let (mut rows, scenarios) = tokio::join!(case::run_all(), scenario::run_all());
    rows.extend(scenarios);
    let failed = table::print(&rows);
    assert_eq!(failed, 0, "see the table above");
}
