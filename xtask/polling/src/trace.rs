//! Traces of clips, their states over time, and their format: JSON Lines.
//!
//! The common form of recorded and synthetic clips; it must not know about policies. Traces are
//! recorded by hand or by other tools, so each error names line and field and says what to do;
//! harmless deviations are accepted as in a response of the service.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::time::Duration;

use rhombus_clips::ClipStatus;
use rhombus_clips::polling::PollState;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// States of one clip, from the beginning of a watch.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trace {
    /// Name of the group of similar clips that it belongs to.
    pub(crate) family: String,
    /// Client that watches the clip; clients do not share what their policies learn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    /// Length of the footage.
    pub(crate) clip_duration_sec: Option<u32>,
    /// When the clip was requested, from the beginning of the measurement, for clips that are watched
    /// together.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) requested_at_ms: u64,
    /// In ascending order of time; the last step is the first one that is done.
    pub(crate) steps: Vec<Step>,
}

/// State that the service reports from some time on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    pub(crate) at_ms: u64,
    pub(crate) status: Option<ClipStatus>,
    pub(crate) percent: Option<u8>,
    pub(crate) operation: Option<String>,
}

impl Step {
    pub(crate) fn elapsed(&self) -> Duration {
        Duration::from_millis(self.at_ms)
    }

    /// Returns whether a watch ends here, by the rule of the library.
    pub(crate) fn is_done(&self) -> bool {
        self.is_complete() || matches!(self.status, Some(ClipStatus::Failed | ClipStatus::Deleted))
    }

    /// Returns whether the clip was rendered successfully.
    pub(crate) fn is_complete(&self) -> bool {
        match self.status {
            Some(ClipStatus::Complete) => true,
            Some(ClipStatus::Failed | ClipStatus::Deleted) => false,
            _ => self.percent == Some(100) && self.operation.as_deref() == Some("Complete"),
        }
    }
}

impl Trace {
    /// Returns whether the clip reports a percentage above 0 before it is done.
    pub(crate) fn has_progress(&self) -> bool {
        let earlier = self.steps.iter().take_while(|step| !step.is_done());
        earlier
            .filter_map(|step| step.percent)
            .any(|percent| percent > 0)
    }

    /// Returns the last step at or before this time; `None` while the service has no record of the clip.
    pub(crate) fn step(&self, elapsed: Duration) -> Option<&Step> {
        let steps = self.steps.partition_point(|step| step.elapsed() <= elapsed);
        steps.checked_sub(1).and_then(|last| self.steps.get(last))
    }

    /// Returns the input of a poll policy after a poll at this time. `step` is the last one at or
    /// before it; without one, the service has no record of the clip yet.
    pub(crate) fn poll_state<'t>(
        &'t self,
        step: Option<&'t Step>,
        elapsed: Duration,
    ) -> PollState<'t> {
        let mut state = PollState::new(elapsed);
        let Some(step) = step else {
            return state;
        };
        if let Some(status) = &step.status {
            state = state.with_status(status);
        }
        if let Some(percent) = step.percent {
            state = state.with_percent(percent);
        }
        if let Some(operation) = &step.operation {
            state = state.with_operation(operation);
        }
        if let Some(length) = self.clip_duration_sec {
            state = state.with_footage_duration(Duration::from_secs(length.into()));
        }
        state
    }
}

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
    requested_at_ms: Option<f64>,
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
        requested_at_ms: requested_at_ms(raw.requested_at_ms)?,
        steps,
    })
}

fn requested_at_ms(raw: Option<f64>) -> Result<u64, String> {
    let time = raw.unwrap_or(0.0);
    if !(0.0..=MAX_AT_MS).contains(&time) {
        return Err(format!(
            "requestedAtMs is {time}; count it from the request of the first clip, in milliseconds, up \
             to 30 days"
        ));
    }
    Ok(time.round() as u64)
}

fn is_zero(number: &u64) -> bool {
    *number == 0
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
