//! Measures one client that watches all clips together, in virtual time: requests of every kind and
//! detection delay, against clips that are polled one by one, and with other costs of a request.
//!
//! The library's own scheduler decides which request is next; the simulated [service] answers at once.

mod replay;
mod report;
mod service;

use std::time::{Duration, Instant};

use crate::rng::SeededRng;
use crate::trace::Trace;

use clap::Args;

use replay::{one_by_one, replay};
use report::Summary;
use service::Order;

/// Factors of the cost of a request for the frontier of requests against delay.
const COST_SCALES: [f64; 7] = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

/// Options of `--together`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Number of synthetic clips
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "together")]
    clips: usize,
    /// Seconds over which synthetic clips are requested
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 600,
        requires = "together"
    )]
    over: u64,
    /// Order of the list of saved clips
    #[arg(long, value_enum, default_value_t = Order::Newest, requires = "together")]
    order: Order,
    /// Cost of a request, relative to the default
    #[arg(long, default_value_t = 1.0, requires = "together")]
    cost: f64,
    /// Skip the frontier
    #[arg(long, requires = "together")]
    no_frontier: bool,
}

/// Measures and renders the report as JSON.
pub(crate) fn json(
    traces: Vec<Trace>,
    is_synthetic: bool,
    seed: u64,
    options: &Options,
) -> Result<String, serde_json::Error> {
    let traces = prepare(traces, is_synthetic, seed, options);
    report::json(&Summary::new(&replay(
        &traces,
        options.order,
        seed,
        options.cost,
    )))
}

/// Measures and renders a table, with other costs of a request.
pub(crate) fn text(traces: Vec<Trace>, is_synthetic: bool, seed: u64, options: &Options) -> String {
    let traces = prepare(traces, is_synthetic, seed, options);
    let summary = |cost| Summary::new(&replay(&traces, options.order, seed, cost));
    let mut text = report::header(traces.len());
    let started = Instant::now();
    let together = summary(options.cost);
    let resources = report::resources(started.elapsed(), traces.len());
    text += &report::row("default", &together);
    let apart = one_by_one(&traces, seed);
    text += &report::row("one by one", &Summary::new(&apart));
    if !options.no_frontier {
        for scale in COST_SCALES {
            text += &report::row(&format!("x {scale}"), &summary(scale));
        }
    }
    text + &resources
}

/// Measures with several costs of a request, relative to the default.
pub(crate) fn frontier(
    traces: Vec<Trace>,
    is_synthetic: bool,
    seed: u64,
    options: &Options,
) -> Vec<(f64, Summary)> {
    let traces = prepare(traces, is_synthetic, seed, options);
    let summaries = COST_SCALES.map(|scale| {
        (
            scale,
            Summary::new(&replay(&traces, options.order, seed, scale)),
        )
    });
    summaries.into()
}

/// Gives synthetic clips a time of their request, evenly distributed over the window.
fn prepare(traces: Vec<Trace>, is_synthetic: bool, seed: u64, options: &Options) -> Vec<Trace> {
    if !is_synthetic {
        return traces;
    }
    let mut rng = SeededRng::new(seed, "request times", 0);
    let more = (1..).flat_map(|copy| crate::families::generate(seed.wrapping_add(copy << 32)));
    let mut traces: Vec<Trace> = traces.into_iter().chain(more).take(options.clips).collect();
    let window = Duration::from_secs(options.over.max(1)).as_millis() as f64;
    for trace in &mut traces {
        trace.requested_at_ms = rng.uniform(0.0, window) as u64;
    }
    traces
}
