//! What takes more than an answer to go wrong: a port, a clock, a process.

mod clock;
mod held_back;
mod idle;
mod killed;
mod port;

use std::pin::Pin;

use tokio::task::JoinSet;

use crate::PLACES;
use crate::ask::Way;
use crate::row::Row;

type Running = Pin<Box<dyn Future<Output = Row> + Send>>;

/// Runs every scenario; the rows are in its order.
pub async fn all() -> Vec<Row> {
    let all = port::scenarios()
        .into_iter()
        .chain(idle::scenarios())
        .chain(held_back::scenarios())
        .chain(clock::scenarios())
        .chain(killed::scenarios());
    let mut running = JoinSet::new();
    for (number, scenario) in all.enumerate() {
        running.spawn(async move {
            let _place = PLACES.acquire().await.unwrap();
            (number, scenario.await)
        });
    }
    let mut rows = running.join_all().await;
    rows.sort_by_key(|(number, _)| *number);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// A scenario, run for each of these ways to ask.
fn each<F>(ways: &[Way], run: impl Fn(Way) -> F) -> Vec<Running>
where
    F: Future<Output = Row> + Send + 'static,
{
    ways.iter()
        .map(|way| Box::pin(run(*way)) as Running)
        .collect()
}
