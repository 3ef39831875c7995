//! The state of an export as a value that can be stored: what is still to be done, and what may have been
//! requested.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::{ClipUuid, CreateIntent, versioned};

/// Version of the text. A later one changes the meaning of a property; additions do not.
const VERSION: u64 = 1;

/// The unfinished part of an export, from [`Export::save_checkpoints`](crate::Export::save_checkpoints) or
/// [`ExportStream::checkpoint`](crate::ExportStream::checkpoint), to continue with
/// [`Client::resume_export`](crate::Client::resume_export), in this process or another, on this machine or another.
///
/// It has the intent of each clip, whether its request may have been sent, and the UUIDs of the clips that are known
/// and whose files are not complete. Its text, by `Display` and `FromStr`, is one line of JSON with a version. It
/// holds no credentials, and no path.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
/// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
/// # let range = end - std::time::Duration::from_secs(60)..end;
/// # let directory = std::env::temp_dir().join("rhombus-clips-export-checkpoint");
/// use rhombus_clips::{ExportCheckpoint, NewClip};
///
/// let new_clip = NewClip::builder(camera, range).build()?;
/// let mut export = client.export(new_clip).to_directory(&directory).stream();
/// export.next().await; // the clip is requested
/// let stored = export.checkpoint().to_string();
/// drop(export);
///
/// // In another process:
/// let checkpoint: ExportCheckpoint = stored.parse()?;
/// assert!(!checkpoint.is_empty());
/// assert_eq!(checkpoint.clip_uuids().len(), 1);
/// let exported = client.resume_export(checkpoint).to_directory(&directory).await?;
/// assert_eq!(exported.len(), 1);
/// # service.verify_operation("spliceV3").count(1);
/// # std::fs::remove_dir_all(directory)?;
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExportCheckpoint {
    version: u64,
    pub(super) requests: Vec<PendingRequest>,
}

/// A request of an export, and its clips that are not exported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PendingRequest {
    pub(super) intent: CreateIntent,
    /// Whether the request may have been sent.
    pub(super) is_sent: bool,
    /// Clips that were made and are not exported; `None` while none are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) clips: Option<Vec<ClipUuid>>,
}

impl ExportCheckpoint {
    pub(super) fn new(requests: Vec<PendingRequest>) -> Self {
        Self {
            version: VERSION,
            requests,
        }
    }

    /// Whether nothing is left to be done.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Number of requests of which at least one clip is not exported.
    ///
    /// ```
    /// let empty = r#"{"version":1,"requests":[]}"#.parse::<rhombus_clips::ExportCheckpoint>()?;
    /// assert_eq!((empty.len(), empty.is_empty()), (0, true));
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// The clips that are known and not exported.
    pub fn clip_uuids(&self) -> Vec<ClipUuid> {
        let clips = self.requests.iter().flat_map(|request| &request.clips);
        clips.flatten().copied().collect()
    }
}

impl fmt::Display for ExportCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for ExportCheckpoint {
    type Err = Error;

    /// Reads the text of a checkpoint.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Checkpoint`] if it is not one, or of a version that this release does not read.
    fn from_str(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            Error::new(
                ErrorKind::Checkpoint,
                format!("invalid checkpoint of an export: {error}"),
            )
        })
    }
}

impl<'de> Deserialize<'de> for ExportCheckpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Data {
            requests: Vec<PendingRequest>,
        }
        let Data { requests } = versioned::deserialize(deserializer, VERSION)?;
        Ok(Self::new(requests))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::{CameraUuid, NewClip};

    fn checkpoint() -> ExportCheckpoint {
        let start = UNIX_EPOCH + Duration::from_secs(1);
        let range = start..start + Duration::from_secs(60);
        let new_clip = NewClip::builder(CameraUuid::from_bytes([7; 16]), range);
        let intent = CreateIntent::new(new_clip.build().unwrap(), start);
        let request = |is_sent, clips| PendingRequest {
            intent: intent.clone(),
            is_sent,
            clips,
        };
        ExportCheckpoint::new(vec![
            request(false, None),
            request(true, Some(vec![ClipUuid::from_bytes([1; 16])])),
        ])
    }

    #[test]
    fn text_round_trip() {
        let text = checkpoint().to_string();
        assert_eq!(text.lines().count(), 1);
        let parsed: ExportCheckpoint = text.parse().unwrap();
        assert_eq!(parsed, checkpoint());
        assert_eq!(parsed.clip_uuids(), [ClipUuid::from_bytes([1; 16])]);
        let newer = text.replacen('{', r#"{"added_later": 7, "#, 1);
        assert_eq!(newer.parse::<ExportCheckpoint>().unwrap(), checkpoint());
    }

    #[test]
    fn malformed_texts_are_rejected_with_the_reason() {
        let valid = checkpoint().to_string();
        for (text, reason) in [
            ("{}".to_owned(), "version"),
            (r#"{"version":1}"#.to_owned(), "requests"),
            (
                valid.replacen("\"version\":1", "\"version\":2", 1),
                "unsupported version 2",
            ),
            (
                valid.replace("\"is_sent\":true", "\"is_sent\":7"),
                "boolean",
            ),
            (
                valid.replace("AQEBAQEBAQEBAQEBAQEBAQ", "AQEB"),
                "22 characters",
            ),
        ] {
            let error = text.parse::<ExportCheckpoint>().unwrap_err();
            assert!(error.is_checkpoint());
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
