//! Report of clips that are watched together, as text and as JSON.

use std::fs;
use std::time::Duration;

use serde::Serialize;

use super::replay::Requests;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    clips: usize,
    pub(crate) requests_per_clip: f64,
    list_requests: u64,
    heartbeat_requests: u64,
    clip_requests: u64,
    pub(crate) delay_ms_mean: f64,
    delay_ms_p95: f64,
    delay_ms_max: f64,
}

#[derive(Serialize)]
struct Report<'a> {
    together: &'a Summary,
}

impl Summary {
    pub(crate) fn new(requests: &Requests) -> Self {
        let mut delays = requests.delays.clone();
        delays.sort_unstable();
        let clips = delays.len();
        let count = clips.max(1) as f64;
        let ms = |delay: Duration| delay.as_nanos() as f64 / 1e6;
        let rank = (clips * 95).div_ceil(100).saturating_sub(1);
        let total = requests.list + requests.heartbeat + requests.clip;
        Self {
            clips,
            requests_per_clip: total as f64 / count,
            list_requests: requests.list,
            heartbeat_requests: requests.heartbeat,
            clip_requests: requests.clip,
            delay_ms_mean: ms(delays.iter().sum()) / count,
            delay_ms_p95: delays.get(rank).copied().map_or(0.0, ms),
            delay_ms_max: delays.last().copied().map_or(0.0, ms),
        }
    }
}

/// Renders the report as JSON.
pub(super) fn json(together: &Summary) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&Report { together }).map(|text| text + "\n")
}

/// Renders the head of a table.
pub(super) fn header(clips: usize) -> String {
    format!(
        "together, {clips} clips\n  {:<10}{:>14}{:>8}{:>11}{:>8}{:>12}{:>9}{:>10}\n",
        "cost", "requests/clip", "lists", "heartbeats", "clips", "delay mean", "p95", "max"
    )
}

/// Renders what the first measurement took: all of its time is spent in one thread, most of it in the poll
/// policies.
pub(super) fn resources(elapsed: Duration, clips: usize) -> String {
    let micros = elapsed.as_micros() / clips.max(1) as u128;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let memory = peak.map_or(String::new(), |peak| {
        format!("; peak memory {}", peak.trim())
    });
    format!("  {micros} microseconds per clip{memory}\n")
}

/// Renders a row of the table.
pub(super) fn row(name: &str, summary: &Summary) -> String {
    let seconds = |ms: f64| format!("{:.2} s", ms / 1000.0);
    format!(
        "  {name:<10}{:>14.3}{:>8}{:>11}{:>8}{:>12}{:>9}{:>10}\n",
        summary.requests_per_clip,
        summary.list_requests,
        summary.heartbeat_requests,
        summary.clip_requests,
        seconds(summary.delay_ms_mean),
        seconds(summary.delay_ms_p95),
        seconds(summary.delay_ms_max),
    )
}
