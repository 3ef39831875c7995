//! The contents of a checkpoint file: its JSON representation, and the owner of its clips.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rhombus_clips::{Checkpoint, ClipUuid, ExportCheckpoint};
use serde::{Deserialize, Serialize};

use crate::cli::SimulationArgs;
use crate::config::Settings;
use crate::encoding;
use crate::report::error_chain;
use crate::text::{sanitize_line, shell_quote};

/// Version of the file format.
const VERSION: u64 = 1;

/// The owner of a file's clips: the fingerprint by which a run of the program recognizes its own. It tells
/// nothing of the API key. Elsewhere, its clips would not be found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Owner {
    /// Name of the service.
    #[serde(default)]
    pub(crate) service: Option<String>,
    /// Profile of the settings; `None` for a simulated service, and in a file of an older release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    /// Client organization that a partner acts for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) organization: Option<String>,
}

impl Owner {
    /// Returns the owner of the clips of a run. Simulated services with the same seed have the same clips, whatever
    /// the profile.
    pub(crate) fn of(simulation: &SimulationArgs, settings: &Settings) -> Self {
        if simulation.simulate {
            let seed = simulation.seed.unwrap_or_default();
            return Self {
                service: Some(format!("the simulated service with seed {seed}")),
                ..Self::default()
            };
        }
        let endpoint_url = settings.endpoint_url.value.trim_end_matches('/');
        Self {
            service: Some(endpoint_url.to_owned()),
            profile: Some(settings.profile.value.clone()),
            organization: settings.organization.as_ref().map(|org| org.value.clone()),
        }
    }

    /// Checks that the clips of a file, which has this owner, are those of the owner of this run.
    pub(super) fn check(&self, run: &Self) -> Result<(), String> {
        if let (Some(service), Some(used)) = (&self.service, &run.service)
            && service != used
        {
            return Err(format!(
                "belongs to {}, but this run uses {used}; choose another file or service",
                sanitize_line(service)
            ));
        }
        let Some(profile) = &self.profile else {
            return Ok(());
        };
        let is_same = run.profile.is_none()
            || (&self.profile, &self.organization) == (&run.profile, &run.organization);
        if is_same {
            return Ok(());
        }
        let mut options = format!("--profile {}", shell_quote(profile));
        if let Some(organization) = &self.organization {
            options = format!("{options} --org {}", shell_quote(organization));
        }
        Err(format!(
            "belongs to {}, but this run uses {}; go on with {}, or choose another file",
            self.account(),
            run.account(),
            sanitize_line(&options)
        ))
    }

    fn account(&self) -> String {
        let profile = sanitize_line(self.profile.as_deref().unwrap_or_default());
        match &self.organization {
            Some(organization) => format!(
                "the profile {profile} with the organization {}",
                sanitize_line(organization)
            ),
            None => format!("the profile {profile}"),
        }
    }
}

/// The decoded contents of a checkpoint file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SavedCheckpoints {
    pub(super) owner: Owner,
    pub(crate) checkpoints: Vec<Checkpoint>,
    pub(crate) export: Option<SavedExport>,
}

/// An unfinished export.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct SavedExport {
    /// Directory of the files.
    pub(crate) directory: PathBuf,
    pub(crate) checkpoint: ExportCheckpoint,
}

/// Content of a checkpoint file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unfinished<'a> {
    Watches(&'a [Checkpoint]),
    Export(&'a SavedExport),
}

impl Unfinished<'_> {
    pub(super) fn is_empty(self) -> bool {
        match self {
            Self::Watches(checkpoints) => checkpoints.is_empty(),
            Self::Export(export) => export.checkpoint.is_empty(),
        }
    }
}

/// The JSON representation of a checkpoint file. A document begins with its version.
#[derive(Debug, Deserialize, Serialize)]
struct FileContents {
    version: u64,
    #[serde(flatten)]
    owner: Owner,
    /// The program that has the file, while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    process: Option<u32>,
    #[serde(default)]
    clips: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    export: Option<SavedExport>,
}

/// Formats a document. `process` is the number of this process, while it has the file.
pub(super) fn format(
    owner: &Owner,
    process: Option<u32>,
    unfinished: Unfinished<'_>,
) -> serde_json::Result<Vec<u8>> {
    let (checkpoints, export) = match unfinished {
        Unfinished::Watches(checkpoints) => (checkpoints, None),
        Unfinished::Export(export) => (&[][..], Some(export.clone())),
    };
    let contents = FileContents {
        version: VERSION,
        owner: owner.clone(),
        process,
        clips: checkpoints
            .iter()
            .map(|checkpoint| (checkpoint.clip_uuid().to_string(), checkpoint.to_string()))
            .collect(),
        export,
    };
    let mut document = serde_json::to_vec_pretty(&contents)?;
    document.push(b'\n');
    Ok(document)
}

/// Returns the number of the process that has a file with this document.
pub(super) fn parse_process(document: &[u8]) -> Option<u32> {
    let contents: FileContents = serde_json::from_slice(document).ok()?;
    contents.process
}

pub(super) fn parse(document: &[u8]) -> Result<SavedCheckpoints, String> {
    let document = encoding::without_byte_order_mark(document);
    if let Some(error) = encoding::encoding_error(document) {
        return Err(error.to_owned());
    }
    /// Decoded first: the other properties may differ in another version.
    #[derive(Deserialize)]
    struct VersionOnly {
        version: u64,
    }
    let json_error = |error: serde_json::Error| format!("not a checkpoint file: {error}");
    let VersionOnly { version } = serde_json::from_slice(document).map_err(json_error)?;
    if version != VERSION {
        return Err(format!(
            "unsupported file version {version} (this release reads version {VERSION})"
        ));
    }
    let contents: FileContents = serde_json::from_slice(document).map_err(json_error)?;
    let parse_entry = |(key, text): (String, String)| {
        let checkpoint: Checkpoint = text.parse().map_err(|error: rhombus_clips::Error| {
            format!("clip {key}: {}", error_chain(&error))
        })?;
        match key.parse::<ClipUuid>() {
            Ok(uuid) if uuid == checkpoint.clip_uuid() => Ok(checkpoint),
            _ => Err(format!(
                "clip {key}: the checkpoint belongs to clip {}",
                checkpoint.clip_uuid()
            )),
        }
    };
    let checkpoints: Result<_, String> = contents.clips.into_iter().map(parse_entry).collect();
    Ok(SavedCheckpoints {
        owner: contents.owner,
        checkpoints: checkpoints?,
        export: contents.export,
    })
}
