//! Measures poll policies in virtual time: the number of polls of a watch and its detection delay.
//!
//! A trace lists the states of one clip over time. For each trace and each poll policy a watch is
//! [replayed](replay): it polls at time 0 and then after each delay that the policy returns, until a
//! poll sees that the clip is done. Polls take no time and never fail, and a watch has no deadline,
//! so that the measurement covers the poll policy alone. There are no sockets and no clocks: an hour
//! takes microseconds, and the same traces and the same seed give the same report.
//!
//! A [client policy](policy) covers all clips of one client: it supplies the poll policy of each
//! watch and may carry what one watch learned to the next. The traces of a file are watched one
//! after the other, in the order of the file.
//!
//! Without a file the tool generates [synthetic traces](families), in families that differ in the
//! shape of their progress, from linear to none at all.
//!
//! It is a program of its own because it depends on the generated client, which the command that
//! generates the client must not. `cargo xtask polling` runs it.

mod families;
mod measure;
mod policy;
mod replay;
mod report;
mod rng;
#[path = "../../src/terminal.rs"]
mod terminal;
mod trace;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use trace::Trace;

const DETAILS: &str = "\
A trace lists the states of one clip over time, as one JSON object per line:

  {\"family\":\"coarse\",\"clipDurationSec\":60,\"steps\":[
    {\"atMs\":0,\"status\":\"INITIATING\",\"percent\":0,\"operation\":\"Queued\"},
    {\"atMs\":45120,\"status\":\"COMPLETE\",\"percent\":100,\"operation\":\"Complete\"}]}

The state at a time is that of the last step at or before it. atMs counts from the start of the
watch; steps are in ascending order. status, percent, operation and clipDurationSec may be null or
omitted. A clip is done in the first step with the status COMPLETE, FAILED or DELETED, or with
percent 100 and the operation \"Complete\". Traces are watched one after the other, by one client or
by those named in \"client\"; clients do not share what their policies learn.

Metrics:
  polls        polls until one sees that the clip is done, including the first and the last
  first        polls of the first clip
  delay        time from the end of the clip to the poll that sees it
  delay share  delay relative to the time until the end of the clip
  p95          95th percentile over the clips (nearest rank)

The JSON report contains policies, each with name, description, pooled, withProgress,
withoutProgress, and families by name; each of these groups has clips, pollsMean, pollsP95,
pollsFirst, delayMsMean, delayMsP95 and delayShareMean, or is null without clips. withProgress
covers the clips that report a percent above 0 before they are done.";

/// Measure poll policies in virtual time: polls per clip and detection delay
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask polling", after_long_help = DETAILS)]
struct Cli {
    /// File with traces, or `-` for standard input [default: synthetic traces]
    #[arg(long, value_name = "FILE|-")]
    traces: Option<PathBuf>,
    /// Format of the report
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// Plot polls against delay, one point per policy
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Seed of the synthetic traces and of the jitter
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write the traces to a file, one JSON object per line
    #[arg(long, value_name = "FILE")]
    write_traces: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Text,
    Json,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs the command; an error is one line for display.
fn run(cli: &Cli) -> Result<(), String> {
    let traces = match &cli.traces {
        Some(path) => trace::read(path).map_err(|e| format!("{}: {e}", path.display()))?,
        None => families::generate(cli.seed),
    };
    if let Some(path) = &cli.write_traces {
        write(path, &jsonl(&traces).map_err(|e| e.to_string())?)?;
    }
    let results = measure::measure(&traces, cli.seed, policy::all);
    if let Some(path) = &cli.plot {
        let svg = report::plot(&results);
        write(path, &svg.map_err(|e| format!("{}: {e}", path.display()))?)?;
    }
    let text = match cli.output {
        Output::Text => report::text(&results),
        Output::Json => report::json(&results).map_err(|e| e.to_string())?,
    };
    terminal::print(&text).map_err(|e| format!("<stdout>: not writable: {e}"))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|e| format!("{}: not writable: {e}", path.display()))
}

fn jsonl(traces: &[Trace]) -> serde_json::Result<String> {
    let mut text = String::new();
    for trace in traces {
        text += &serde_json::to_string(trace)?;
        text.push('\n');
    }
    Ok(text)
}
