//! `rhombus-clips watch`.

use clap::Args;
use rhombus_clips::RateLimit;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{SimulationArgs, Target};
use crate::wording::seconds;

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips watch --simulate all
  rhombus-clips watch Vu0s9xQbQ1OsHk3tLw6rWg AAECAwQFBgcICQoLDA0ODw
  rhombus-clips watch --checkpoint watch.json - < clips.txt
  rhombus-clips watch --output json --timeout 600 Vu0s9xQbQ1OsHk3tLw6rWg";

pub(super) const STANDARD_INPUT: &str = "\
Standard input:
  With - in place of a clip, clips are read from standard input, one a line, and
  watched as they come. Blank lines and lines that begin with # are skipped. A
  line that is no clip UUID is told on standard error, with its number, and the
  others go on; the exit code is then 2, unless a clip makes it worse. The program
  ends when standard input is closed and all clips have ended.";

pub(super) const CHECKPOINT: &str = "\
Checkpoints:
  With --checkpoint FILE the watches of all clips that are not done are kept in
  FILE: at the end, when interrupted, and after changes, at most once a second.
  If FILE is there at the start, its clips are watched too and go on where they
  stood, with what is left of their deadline unless --timeout gives them
  another. A clip that is complete, has failed or was not found leaves it; FILE
  is removed when none is left. Ctrl-C and SIGTERM keep what is not done before
  the program ends; a second one ends it at once. FILE is one JSON object and
  holds no key:

  {\"version\":1,\"service\":\"https://...\",
   \"clips\":{\"Vu0s9xQbQ1OsHk3tLw6rWg\":\"{\\\"version\\\":1,...}\"}}

  Behind each clip is a checkpoint as text, as the library rhombus-clips reads
  it. A file that keeps clips of another service is refused. What was not read
  yet from standard input is not in it.";

pub(super) const JSON: &str = "\
JSON:
  One object a line, one line for each change (`rhombus-clips schema watch`
  prints the JSON Schema):

  {\"event\":\"progress\",\"clipUuid\":\"Vu0s9xQbQ1OsHk3tLw6rWg\",
   \"status\":\"RENDERING\",\"percentComplete\":45,
   \"currentOperation\":\"Processing video\",\"polls\":7,\"elapsedMs\":12034,
   \"remainingMs\":80000,\"remainingLowerMs\":52000,
   \"remainingUpperMs\":112000}

  event is progress, complete, failed (the clip failed or was deleted), error
  (anything else that ended the watch of this clip, with kind and message
  besides; the state is the last one seen) or summary. What is not known is
  null: all of the state while the service has no record of the clip. If the
  service warns of something, that is in warning. If it said something of the
  clip that could not be read, that is in decodeIssues: an array of texts, each a
  JSON pointer and the reason. polls, the number of requests, and elapsedMs count
  from the first start of a watch that went on from a checkpoint.

  remainingMs, in progress alone, is the time left until the clip is complete, as
  likely to be longer as to be shorter; with nine chances in ten it is longer
  than remainingLowerMs, and with nine in ten shorter than remainingUpperMs.

  An error that came with an answer of the service has its HTTP status, a
  number, in httpStatus and the beginning of its text, if any, in body.

  The last line is the summary of this run: how many clips are complete, failed,
  ended with errors and are unfinished, how many requests were sent, and how
  long it took:

  {\"event\":\"summary\",\"complete\":3,\"failed\":1,\"errors\":0,\"unfinished\":0,
   \"requests\":88,\"elapsedMs\":80211}

  A request that failed but may succeed later ends no watch and is no event: it
  is told on standard error, as is once a status that cannot be read.";

#[derive(Args, Debug)]
pub(crate) struct WatchArgs {
    /// The clips: 22 characters each, or - to read them from standard input
    ///
    /// With --simulate also clips of the simulated service by name, such as fails, all, or
    /// completes:10 for ten; one that completes unless given. `rhombus-clips simulate --help` has
    /// the names.
    #[arg(value_name = "CLIP_UUID", required_unless_present_any = ["simulate", "checkpoint"])]
    pub(crate) clips: Vec<Target>,

    /// How long to watch each clip at most; fractions are allowed [default: 1800]
    #[arg(long, value_name = "SECONDS", value_parser = seconds::parse)]
    pub(crate) timeout: Option<Duration>,

    /// How long to wait between two requests for a clip; fractions are allowed [default: as its
    /// progress says, with --simulate at most 0.5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds::parse_positive)]
    pub(crate) interval: Option<Duration>,

    /// How many requests to send in a second at most, for all clips together [default: as many as
    /// are due]
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(crate) rate: Option<RateLimit>,

    /// How long the service may have no record of a clip before that ends its watch with exit code
    /// 6; fractions are allowed [default: 60]
    ///
    /// The record of a clip that was just requested may come late. 0 waits for none.
    #[arg(long, visible_alias = "grace", value_name = "SECONDS", value_parser = seconds::parse)]
    pub(crate) not_found_grace_period: Option<Duration>,

    /// Keeps in this file what is not done, and goes on from it if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

/// Requests a second, 1 or more.
fn rate(text: &str) -> Result<RateLimit, String> {
    match text.parse() {
        Ok(requests) if requests > 0 => Ok(RateLimit::per_second(requests)),
        _ => Err("a whole number of requests a second is needed, 1 or more".to_owned()),
    }
}

impl WatchArgs {
    /// What the definition above cannot say.
    pub(crate) fn check(&self, api_key_file: Option<&Path>) -> Result<(), String> {
        let mut targets = self.clips.iter();
        targets.try_for_each(|target| target.check(&self.simulation))?;
        let reads_key = !self.simulation.simulate && api_key_file == Some(Path::new("-"));
        match reads_key && self.clips.contains(&Target::StandardInput) {
            true => Err(
                "standard input cannot hold both the clips (-) and the key (--api-key-file -): \
                 give the key in a file, or in RHOMBUS_API_KEY"
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
    fn a_rate_is_a_whole_number_above_zero() {
        for text in ["", "0", "-1", "0.5", "1e3", "fast", "4294967296"] {
            assert!(rate(text).is_err(), "{text}");
        }
        assert_eq!(rate("4"), Ok(RateLimit::per_second(4)));
    }
}
