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

mod ablation;
mod families;
mod interval;
mod measure;
mod plot;
mod policy;
mod replay;
mod report;
mod rng;
#[path = "../../src/terminal.rs"]
mod terminal;
mod together;
mod trace;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use measure::Clients;
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

With --together, one client watches all clips, each from its requestedAtMs (0 if omitted), by lists
of clips where these answer for many; the order of the list of saved clips is that of --order. The
JSON report then contains together: clips, requestsPerClip, listRequests, heartbeatRequests,
clipRequests, delayMsMean, delayMsP95 and delayMsMax.

Metrics:
  polls        polls until one sees that the clip is done, including the first and the last
  first        polls of the first clip
  delay        time from the end of the clip to the poll that sees it
  delay share  delay relative to the time until the end of the clip
  p95          95th percentile over the clips (nearest rank)

The JSON report contains policies, each with name, description, pooled, withProgress,
withoutProgress, families by name, and interval. Each of the groups has clips, pollsMean, pollsP95,
pollsFirst, delayMsMean, delayMsP95, delayMsP99, delayMsMax, delayShareMean and delayShareMax, the
largest share among delays above 2 s, or is null without clips. withProgress covers the clips that
report a percent above 0 before they are done.

interval tells how often the true remaining time of a complete clip lies within the 80 % interval
of the estimate: coverage, belowLower, aboveUpper, widthFactorMean (geometric mean of upper / lower)
and coverage in each of the thirds of the way; each poll gives an estimate, and each clip has the
same weight.";

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
    /// Plot requests against delay: all policies, first clips and later ones, and many clips together
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Seed of the synthetic traces and of the jitter
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Watch each clip with a client of its own, so that none knows earlier clips
    #[arg(long)]
    fresh: bool,
    /// Measure the adaptive policy without each term of its model: with all, and the differences
    #[arg(long, conflicts_with_all = ["fresh", "plot"])]
    ablation: bool,
    /// Write the traces to a file, one JSON object per line
    #[arg(long, value_name = "FILE")]
    write_traces: Option<PathBuf>,
    /// Watch all clips with one client, by requests for many clips at once
    #[arg(long)]
    together: bool,
    #[command(flatten)]
    watched_together: together::Options,
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
    if cli.together {
        return run_together(cli, traces);
    }
    if cli.ablation {
        let ablation = ablation::measure(&traces, cli.seed);
        return print(match cli.output {
            Output::Text => ablation::text(&ablation),
            Output::Json => json(&ablation)?,
        });
    }
    let clients = match cli.fresh {
        true => Clients::Fresh,
        false => Clients::Named,
    };
    let results = measure::measure(&traces, cli.seed, clients, policy::all);
    if let Some(path) = &cli.plot {
        let is_synthetic = cli.traces.is_none();
        let points = plot::points(&traces, is_synthetic, cli.seed, &cli.watched_together);
        let svg = plot::svg(&points);
        write(path, &svg.map_err(|e| format!("{}: {e}", path.display()))?)?;
    }
    print(match cli.output {
        Output::Text => report::text(&results),
        Output::Json => report::json(&results).map_err(|e| e.to_string())?,
    })
}

fn print(text: String) -> Result<(), String> {
    terminal::print(&text).map_err(|e| format!("<stdout>: not writable: {e}"))
}

fn json(value: &impl serde::Serialize) -> Result<String, String> {
    let text = serde_json::to_string_pretty(value).map_err(|e| e.to_string())?;
    Ok(text + "\n")
}

fn run_together(cli: &Cli, traces: Vec<Trace>) -> Result<(), String> {
    let is_synthetic = cli.traces.is_none();
    let options = &cli.watched_together;
    let text = match cli.output {
        Output::Text => together::text(traces, is_synthetic, cli.seed, options),
        Output::Json => {
            together::json(traces, is_synthetic, cli.seed, options).map_err(|e| e.to_string())?
        }
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
