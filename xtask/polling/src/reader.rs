//! Reads traces from JSON Lines.
//!
//! Traces are recorded by hand or by other tools, so each error names line and field and says what
//! to do; harmless deviations are accepted as in a response of the service.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use rhombus_clips::ClipStatus;
use serde::Deserialize;
use thiserror::Error;

use crate::trace::{Step, Trace};

/// Limit of `atMs`: above it, the time most likely does not count from the start of the watch.
/// Chosen, not measured.
const MAX_AT_MS: f64 = 30.0 * 24.0 * 3600.0 * 1000.0;

/// Error of reading traces.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    #[error("not readable: {0}")]
    File(#[from] io::Error),
    #[error("no trace found; write one JSON object per line, or generate some with --write-traces")]
    Empty,
    #[error("line {line}: {message}")]
    Line { line: usize, message: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawTrace {
    family: String,
    client: Option<String>,
    clip_duration_sec: Option<f64>,
    steps: Vec<RawStep>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawStep {
    at_ms: f64,
    status: Option<String>,
    percent: Option<f64>,
    operation: Option<String>,
}

/// Reads the traces of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<Trace>, ReadError> {
    if path == Path::new("-") {
        parse_traces(io::stdin().lock())
    } else {
        parse_traces(File::open(path)?)
    }
}

/// Parses traces, one JSON object per line.
pub(crate) fn parse_traces(input: impl Read) -> Result<Vec<Trace>, ReadError> {
    let mut traces = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(input).split(b'\n')) {
        let line = line?;
        // Some editors begin a file with a byte order mark.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if !line.trim_ascii().is_empty() {
            let trace = parse_trace(line).map_err(|message| ReadError::Line {
                line: number,
                message,
            })?;
            traces.push(trace);
        }
    }
    if traces.is_empty() {
        return Err(ReadError::Empty);
    }
    Ok(traces)
}

fn parse_trace(line: &[u8]) -> Result<Trace, String> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let raw: RawTrace = serde_path_to_error::deserialize(&mut json).map_err(|e| {
        let path = e.path().to_string();
        json_message(&path, e.inner())
    })?;
    json.end().map_err(|e| json_message(".", &e))?;

    let mut steps: Vec<Step> = Vec::with_capacity(raw.steps.len());
    for (index, raw) in raw.steps.into_iter().enumerate() {
        let step = parse_step(raw).map_err(|message| format!("steps[{index}]: {message}"))?;
        if let Some(previous) = steps.last() {
            if step.at_ms < previous.at_ms {
                return Err(format!(
                    "steps[{index}]: {} ms is before the previous step at {} ms; put the steps in \
                     order of atMs",
                    step.at_ms, previous.at_ms
                ));
            }
            if previous.is_done() && !step.is_done() {
                return Err(format!(
                    "steps[{index}]: the clip continues after it was done at {} ms, where a watch \
                     ends; remove the later steps, or correct the previous one",
                    previous.at_ms
                ));
            }
            if previous.is_done() {
                continue;
            }
        }
        steps.push(step);
    }
    if !steps.last().is_some_and(Step::is_done) {
        return Err(
            "the clip is never done, so a watch would not end; add a step with the status COMPLETE, \
             FAILED or DELETED, or with percent 100 and the operation \"Complete\""
                .to_owned(),
        );
    }
    Ok(Trace {
        family: raw.family,
        client: raw.client,
        // An invalid length counts as missing, as in a response of the service.
        clip_duration_sec: raw
            .clip_duration_sec
            .filter(|length| (0.0..f64::from(u32::MAX)).contains(length))
            .map(|length| length as u32),
        steps,
    })
}

fn parse_step(raw: RawStep) -> Result<Step, String> {
    if raw.at_ms < 0.0 {
        return Err(format!(
            "atMs is {}, but a watch begins at 0; give the initial state at 0",
            raw.at_ms
        ));
    }
    if raw.at_ms > MAX_AT_MS {
        return Err(format!(
            "atMs is {}, more than 30 days; count it from the start of the watch, in milliseconds",
            raw.at_ms
        ));
    }
    Ok(Step {
        at_ms: raw.at_ms.round() as u64,
        status: raw.status.map(ClipStatus::from),
        percent: raw.percent.map(|percent| percent.clamp(0.0, 100.0) as u8),
        operation: raw.operation,
    })
}

/// Returns field and message of a JSON error, without its line number, which is always 1.
fn json_message(path: &str, error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let location = match path {
        "." => format!("column {}", error.column()),
        path => path.to_owned(),
    };
    format!("{location}: {message}; see --help for the format of a trace")
}
