//! Faults that a single response cannot express: of a port, a connection, a clock, a process.

mod clock;
mod idle;
mod port;
mod resume;
mod shared_cooldown;

use std::pin::Pin;

use tokio::task::JoinSet;

use crate::CONCURRENCY;
use crate::call::EntryPoint;
use crate::row::Row;

type BoxedCase = Pin<Box<dyn Future<Output = Row> + Send>>;

/// Runs every scenario and returns the rows in the order of this list.
pub async fn run_all() -> Vec<Row> {
    let all = port::scenarios()
        .into_iter()
        .chain(idle::scenarios())
        .chain(shared_cooldown::scenarios())
        .chain(clock::scenarios())
        .chain(resume::scenarios());
    let mut running = JoinSet::new();
    for (index, scenario) in all.enumerate() {
        running.spawn(async move {
            let _permit = CONCURRENCY.acquire().await.unwrap();
            (index, scenario.await)
        });
    }
    let mut rows = running.join_all().await;
    rows.sort_by_key(|(index, _)| *index);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Runs a scenario for each of these entry points.
fn for_each_entry_point<F>(
    entry_points: &[EntryPoint],
    run: impl Fn(EntryPoint) -> F,
) -> Vec<BoxedCase>
where
    F: Future<Output = Row> + Send + 'static,
{
    entry_points
        .iter()
        .map(|entry_point| Box::pin(run(*entry_point)) as BoxedCase)
        .collect()
}
