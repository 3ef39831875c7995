//! The command as it is typed.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use crate::trace::Trace;
use crate::{families, measure, plot, policy, reader, report};

const DETAILS: &str = "\
A trace is what the service showed of one clip, as one JSON object a line:

  {\"family\":\"coarse\",\"clipDurationSec\":60,\"steps\":[
    {\"atMs\":0,\"status\":\"INITIATING\",\"percent\":0,\"operation\":\"Queued\"},
    {\"atMs\":45120,\"status\":\"COMPLETE\",\"percent\":100,\"operation\":\"Complete\"}]}

The state at a time is that of the last step at or before it; atMs counts from the start of the
watch, in order. status, percent, operation and clipDurationSec may be null or left out. A clip is
done in the first step with the status COMPLETE, FAILED or DELETED, or with the percent 100 and the
operation \"Complete\". The traces are watched one after the other by one client, or by as many as
they name in \"client\"; what a policy learns stays with its client.

What is measured:
  polls        requests until one sees that the clip is done, the first and the last included
  first        the polls of the first clip
  delay        from the moment when the clip was done to the request that sees it
  delay share  the delay as a share of the time until the clip was done
  p95          95 of 100 clips stay at or below it (nearest rank)

The JSON report has policies, each with name, description, pooled, withProgress, withoutProgress
and families by name, each of these with clips, pollsMean, pollsP95, pollsFirst, delayMsMean,
delayMsP95 and delayShareMean; a group of no clips is null. With progress are the clips that show a
percent above 0 before they are done.";

/// Measure policies in virtual time: how many requests a watch sends, and how late it learns that
/// its clip is done
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask polling", after_long_help = DETAILS)]
pub(crate) struct Cli {
    /// The traces to watch, or `-` for the standard input [default: made families of them]
    #[arg(long, value_name = "FILE|-")]
    traces: Option<PathBuf>,
    /// Text for people, or JSON for machines
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// Draw requests against delay, a point for each policy
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// What the made traces and the jitter of the policies follow from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Keep the traces, one JSON object a line
    #[arg(long, value_name = "FILE")]
    write_traces: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Text,
    Json,
}

/// Runs the command; an error is a line for people.
pub(crate) fn run(cli: &Cli) -> Result<(), String> {
    let traces = match &cli.traces {
        Some(path) => reader::read(path).map_err(|e| format!("{}: {e}", path.display()))?,
        None => families::make(cli.seed),
    };
    if let Some(path) = &cli.write_traces {
        write(path, &jsonl(&traces).map_err(|e| e.to_string())?)?;
    }
    let outcomes = measure::measure(&traces, cli.seed, policy::all);
    if let Some(path) = &cli.plot {
        let picture = plot::svg(&outcomes);
        write(
            path,
            &picture.map_err(|e| format!("{}: {e}", path.display()))?,
        )?;
    }
    let text = match cli.output {
        Output::Text => report::text(&outcomes),
        Output::Json => report::json(&outcomes).map_err(|e| e.to_string())?,
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

/// A reader such as `head`, which has seen enough, is no error.
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
