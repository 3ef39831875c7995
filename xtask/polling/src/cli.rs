//! Command line of the measurement.
//!
//! Reads or generates the traces, measures them and writes the report; it must not know how a trace
//! is replayed.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use crate::trace::Trace;
use crate::{families, measure, plot, policy, reader, report};

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
pub(crate) struct Cli {
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

/// Runs the command; an error is one line for display.
pub(crate) fn run(cli: &Cli) -> Result<(), String> {
    let traces = match &cli.traces {
        Some(path) => reader::read(path).map_err(|e| format!("{}: {e}", path.display()))?,
        None => families::generate(cli.seed),
    };
    if let Some(path) = &cli.write_traces {
        write(path, &jsonl(&traces).map_err(|e| e.to_string())?)?;
    }
    let results = measure::measure(&traces, cli.seed, policy::all);
    if let Some(path) = &cli.plot {
        let svg = plot::svg(&results);
        write(path, &svg.map_err(|e| format!("{}: {e}", path.display()))?)?;
    }
    let text = match cli.output {
        Output::Text => report::text(&results),
        Output::Json => report::json(&results).map_err(|e| e.to_string())?,
    };
    print(&text).map_err(|e| format!("<stdout>: not writable: {e}"))
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

/// Prints to standard output; a closed pipe, as by `head`, is not an error.
fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e),
        _ => Ok(()),
    }
}
