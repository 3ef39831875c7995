//! Everything that is known to go wrong, met by every way to ask, in sped-up time.
//!
//! `cargo test -p rhombus-clips-tests --test faults` runs every fault of the [`catalogue`] and
//! every [`scenario`] against [`Way::Get`](ask::Way), `Watch` and `Stream`, prints what came of
//! each as a table, and fails if anything in it is not as the documentation says. The [`soak`] is
//! ignored unless asked for: some thousand watches of a service where a third of all requests goes
//! wrong.

mod ask;
mod case;
mod catalogue;
mod elsewhere;
mod expected;
mod process;
mod row;
mod scenario;
mod soak;
mod table;
mod telltale;
mod terms;

use tokio::sync::{Mutex, Semaphore};

/// The soak measures the whole process: nothing else runs meanwhile.
static PROCESS: Mutex<()> = Mutex::const_new(());

/// How many cases run at once. Most of them only wait, but they all begin with some work.
static PLACES: Semaphore = Semaphore::const_new(64);

// A long body keeps a thread busy for a moment, and nobody else should wait for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn every_fault_comes_to_its_right_end() {
    let _alone = PROCESS.lock().await;
    let (mut rows, scenarios) = tokio::join!(case::all(), scenario::all());
    rows.extend(scenarios);
    let flawed = table::print(&rows);
    assert_eq!(flawed, 0, "the table says which");
}
