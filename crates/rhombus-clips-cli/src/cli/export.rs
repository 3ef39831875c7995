//! Arguments of `rhombus-clips export` and `rhombus-clips download`, which write files.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::target::check_targets;
use super::{ClipRequestArgs, HistoryArgs, SimulationArgs, Target};
use crate::text;

pub(super) const EXPORT_EXAMPLES: &str = "\
Examples:
  rhombus-clips export --simulate
  rhombus-clips export --camera 'loading dock' --from 14:02 --to 14:07
  rhombus-clips export --camera dock --camera door --from -15m --to -10m -d evidence
  rhombus-clips export --camera dock --from 8:00 --to 18:00 --date 2026-11-24 \\
    --checkpoint export.json
  rhombus-clips export --checkpoint export.json";

pub(super) const EXPORT_CHECKPOINT: &str = "\
Checkpoints:
  With --checkpoint FILE, what is unfinished is saved to FILE: each request before
  it is sent, and each clip until its file is complete. A program that was killed
  at any point is continued with the same FILE and without --camera, on another
  machine too. A request that may have been sent is searched for in the lists of
  clips, by a random text at the end of its description, and sent again only if no
  list has it. FILE is removed at the end if nothing is left. Ctrl-C and SIGTERM
  end the program; a second signal exits at once. FILE names service and profile
  like that of `watch`, and holds no API key.";

pub(super) const DOWNLOAD_EXAMPLES: &str = "\
Examples:
  rhombus-clips download Vu0s9xQbQ1OsHk3tLw6rWg
  rhombus-clips download -d evidence Vu0s9xQbQ1OsHk3tLw6rWg AAECAwQFBgcICQoLDA0ODw
  rhombus-clips download --thumbnail --simulate
  rhombus-clips list --camera dock --json | jq -r .clipUuid | xargs rhombus-clips download";

pub(super) const FILES_WRITTEN: &str = "\
Files:
  A file is named after title, time and UUID of its clip. It is NAME.part until it
  is complete and verified: its length and its SHA-256 are those of the clip's
  record, as far as the record has them. A download that was interrupted is
  continued. A file that is complete is not loaded again, and another file of the
  name is replaced with --force only.";

pub(super) const FILES_JSON: &str = "\
JSON:
  One object per line, each with event and time (RFC 3339 in UTC):

  requested    the service made clipUuid (clipUuids if several); recovered is
               true if its response was lost and the clip was found; warning of
               the service or null; footage: sentences on what was known before
  rendering    status, percentComplete and currentOperation of clipUuid;
               remainingMs is the estimated time left or null, and
               remainingLowerMs and remainingUpperMs bound its 80 % prediction
               interval
  downloading  bytes of totalBytes, bytesPerSec and remainingMs, or null; at most
               once a second
  saved        path, byteCount and sha256Hex of the file; sha256Verified and
               lengthVerified: whether the record confirms them; continuedAt: the
               bytes that were there before; unchanged: whether the whole file was;
               and clip, which is what `get` prints
  failed       kind and message of the error, hints, reason (the service's words
               on a failed clip, or null), httpStatus, body and clip if known;
               clipUuid is null if the request failed
  summary      saved, failed and unfinished: numbers of clips; elapsedMs

  Events may be added.";

/// Settings of the files that a command writes.
#[derive(Args, Clone, Debug)]
pub(crate) struct FileArgs {
    /// Directory of the files, which is created if it is not there [default: the current one, or that of the
    /// checkpoint]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,

    /// Replace another file of the same name
    #[arg(short, long)]
    pub(crate) force: bool,

    /// Longest time without a byte, after which another connection is tried [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = text::parse_positive_duration)]
    pub(crate) stall_timeout: Option<Duration>,
}

#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) clip: ClipRequestArgs,

    #[command(flatten)]
    pub(crate) files: FileArgs,

    /// Maximum time for the rendering of a clip, in seconds or with a unit, such as 90 or 10m [default: 30m]
    #[arg(long, value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) timeout: Option<Duration>,

    /// Fixed interval between two polls of a clip, such as 0.5 or 5s [default: adaptive]
    #[arg(long, value_name = "DURATION", value_parser = text::parse_positive_duration)]
    pub(crate) interval: Option<Duration>,

    /// Request footage of the last two minutes now, not when all of it can be in the cloud
    #[arg(long)]
    pub(crate) no_wait: bool,

    /// Save what is unfinished to this file, or continue what it has
    #[arg(long, value_name = "FILE", conflicts_with = "simulate")]
    pub(crate) checkpoint: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) history: HistoryArgs,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

impl ExportArgs {
    /// Checks constraints that clap cannot express.
    pub(crate) fn check(&self) -> Result<(), String> {
        let has_range = self.clip.from.is_some() || self.clip.to.is_some();
        let can_continue = self.checkpoint.is_some() && !has_range;
        match self.clip.cameras.is_empty() && !self.simulation.simulate && !can_continue {
            true => Err(
                "give a camera with --camera, which `rhombus-clips cameras` lists, or a --checkpoint to continue"
                    .to_owned(),
            ),
            false => Ok(()),
        }
    }

    /// Whether the command line requests clips, and does not only continue an export.
    pub(crate) fn requests_clips(&self) -> bool {
        let clip = &self.clip;
        let has_range = clip.from.is_some() || clip.to.is_some();
        let has_text = clip.title.is_some() || clip.description.is_some();
        !clip.cameras.is_empty() || has_range || has_text || clip.audio
    }
}

#[derive(Args, Debug)]
pub(crate) struct DownloadArgs {
    /// Clip UUIDs, 22 characters each
    ///
    /// With --simulate, also names of simulated clips [default: done]. `rhombus-clips simulate --help` lists the
    /// names.
    #[arg(value_name = "CLIP_UUID", required_unless_present = "simulate")]
    pub(crate) targets: Vec<Target>,

    #[command(flatten)]
    pub(crate) files: FileArgs,

    /// Download the thumbnails, not the videos
    #[arg(long)]
    pub(crate) thumbnail: bool,

    /// Maximum time for the download of a clip, in seconds or with a unit, such as 90 or 10m [default: none]
    #[arg(long, value_name = "DURATION", value_parser = text::parse_positive_duration)]
    pub(crate) timeout: Option<Duration>,

    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
}

impl DownloadArgs {
    /// Checks constraints that clap cannot express.
    pub(crate) fn check(&self) -> Result<(), String> {
        check_targets(&self.targets, "download", &self.simulation)
    }
}
