//! Arguments of `rhombus-clips watch`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rhombus_clips::RateLimit;

use super::{HistoryArgs, SimulationArgs, Target};
use crate::text;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips watch --simulate all
  rhombus-clips watch Vu0s9xQbQ1OsHk3tLw6rWg AAECAwQFBgcICQoLDA0ODw
  rhombus-clips watch --checkpoint watch.json - < clips.txt
  rhombus-clips watch --output json --timeout 600 Vu0s9xQbQ1OsHk3tLw6rWg";

pub(super) const STANDARD_INPUT: &str = "\
Standard input:
  With - in place of a clip, clip UUIDs are read from standard input, one per
  line, and watched as they arrive. Blank lines and lines that start with # are
  skipped. Invalid lines are reported on standard error with their line number
  and skipped; the exit code is then at least 2 (see Exit codes). The program
  ends when standard input is closed and all watches have ended.";

pub(super) const CHECKPOINT: &str = "\
Checkpoints:
  With --checkpoint FILE, all unfinished watches are saved to FILE: at the end,
  on interruption, and after changes, at most once per second. If FILE exists at
  the start, its watches are resumed, with the rest of their timeout unless
  --timeout sets another; an empty FILE is a new one. A clip that is complete,
  has failed or was never found is removed from FILE, and FILE is removed at the
  end if no clip is left. A clip that was found once stays in FILE even if it is
  not found any more: it may be another organization's than that of the API key.
  Ctrl-C and SIGTERM save the unfinished watches first; a second signal exits at
  once. On Linux, a signal that is ignored at the start stays ignored. FILE is
  one JSON object without the API key:

  {\"version\":1,\"service\":\"https://...\",\"profile\":\"default\",
   \"clips\":{\"Vu0s9xQbQ1OsHk3tLw6rWg\":\"{\\\"version\\\":2,...}\"}}

  The value of each clip is a checkpoint of the rhombus-clips library. A file
  with clips of another service, profile or --org is rejected. UUIDs not yet
  read from standard input are not saved.

  One program at a time uses FILE, whose property process is its process number;
  a second one exits with an error that names it. The lock is on the file, not on
  its name, and ends with the program. FILE is replaced by a new file; where that
  is not possible, such as behind a bind mount or in a read-only folder, or would
  change its owner or a hard link, it is written in place, and emptied instead of
  removed. A program that is killed meanwhile leaves the state of the last save,
  perhaps with an incomplete next one that the next program ignores. Symbolic
  links are followed.";

pub(super) const JSON: &str = "\
JSON:
  One object per line, one line per change (`rhombus-clips schema watch` prints
  the JSON Schema):

  {\"event\":\"progress\",\"time\":\"2026-11-24T14:02:05.123Z\",
   \"clipUuid\":\"Vu0s9xQbQ1OsHk3tLw6rWg\",\"status\":\"RENDERING\",
   \"percentComplete\":45,\"currentOperation\":\"Processing video\",\"polls\":7,
   \"elapsedMs\":12034,\"remainingMs\":80000,\"remainingLowerMs\":52000,
   \"remainingUpperMs\":112000}

  event is progress, complete, failed (the clip failed or was deleted), error
  (another error ended the watch; it adds kind, message and hints, and has the
  last known state) or summary. Unknown values are null, such as the entire
  state while there is no record of the clip. warning has a warning of the
  service, and decodeIssues the properties that could not be decoded: an array
  of strings, each a JSON pointer and the reason; omittedDecodeIssues is the
  number of those beyond 32. polls and elapsedMs count from the first start of a
  resumed watch.

  time is when the line was written, in UTC. complete and failed have the clip
  in clip: the object that `rhombus-clips get --output json` prints, so that a
  second request is not needed. error has it if a response did. failed adds
  reason, the service's text, which is null if it gave none.

  remainingMs, in progress only, is the estimated time until the clip is
  complete. remainingLowerMs and remainingUpperMs bound the 80 % prediction
  interval. Where they differ by more than a factor of five, text and bars have
  a bound such as <5m, or `estimating`, in place of the estimate.

  An error with a response has its HTTP status in httpStatus and the beginning
  of the body, if any, in body.

  The last line is the summary of this run: the number of clips that are
  complete, failed, ended with an error or are unfinished, the number of
  requests sent, and the duration:

  {\"event\":\"summary\",\"time\":\"2026-11-24T14:03:12.456Z\",\"complete\":3,
   \"failed\":1,\"errors\":0,\"unfinished\":0,\"requests\":88,\"elapsedMs\":80211}

  A transient failure does not end a watch and is not an event: it is reported
  on standard error, as is, once per clip, a status that cannot be decoded.";

#[derive(Args, Debug)]
pub(crate) struct WatchArgs {
    /// Clip UUIDs, 22 characters each, or - to read them from standard input
    ///
    /// With --simulate, also names of simulated clips, such as fails, all, or completes:10 for ten
    /// [default: completes]. `rhombus-clips simulate --help` lists the names.
    #[arg(value_name = "CLIP_UUID", required_unless_present_any = ["simulate", "checkpoint"])]
    pub(crate) targets: Vec<Target>,

    /// Maximum duration of each watch, in seconds or with a unit, such as 90 or 10m [default: 30m]
    #[arg(long, value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) timeout: Option<Duration>,

    /// Fixed interval between two polls of a clip, such as 0.5 or 5s [default: adaptive, with
    /// --simulate at most 0.5]
    #[arg(long, value_name = "DURATION", value_parser = text::parse_positive_duration)]
    pub(crate) interval: Option<Duration>,

    /// Maximum requests per second, for all clips together [default: unlimited]
    #[arg(long, value_name = "N", value_parser = parse_rate)]
    pub(crate) rate: Option<RateLimit>,

    /// Time without a record after which a clip counts as not found (exit code 6) [default: 60s]
    ///
    /// The record of a clip that was requested moments ago may not exist yet. 0 does not wait.
    #[arg(long, visible_alias = "grace", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) not_found_grace_period: Option<Duration>,

    /// Time for which an endpoint that has never responded may be unreachable [default: 60s]
    ///
    /// After the first response, failures to connect are retried until the timeout.
    #[arg(long, value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) unreachable_grace_period: Option<Duration>,

    /// Save unfinished watches to this file, and resume those that it contains
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) history: HistoryArgs,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

/// Parses a rate limit in requests per second.
fn parse_rate(text: &str) -> Result<RateLimit, String> {
    match text.parse() {
        Ok(requests) if requests > 0 => Ok(RateLimit::per_second(requests)),
        _ => Err("expected a whole number of requests per second, at least 1".to_owned()),
    }
}

impl WatchArgs {
    /// Checks constraints that clap cannot express.
    pub(crate) fn check(&self, api_key_file: Option<&Path>) -> Result<(), String> {
        let mut targets = self.targets.iter();
        targets.try_for_each(|target| target.check(&self.simulation))?;
        let reads_key = !self.simulation.simulate && api_key_file == Some(Path::new("-"));
        match reads_key && self.targets.contains(&Target::StandardInput) {
            true => Err(
                "standard input cannot provide both the clips (-) and the API key \
                 (--api-key-file -); put the key into a file or RHOMBUS_API_KEY"
                    .to_owned(),
            ),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_positive_whole_number() {
        for text in ["", "0", "-1", "0.5", "1e3", "fast", "4294967296"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
        assert_eq!(parse_rate("4"), Ok(RateLimit::per_second(4)));
    }
}
