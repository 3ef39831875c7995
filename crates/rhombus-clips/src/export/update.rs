//! The stages of an export, and its results.

use crate::error::Error;
use crate::{Clip, ClipUuid, CreatedClips, DownloadProgress, DownloadedFile, Update};

/// A stage of an export, from [`ExportStream`](crate::ExportStream).
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
/// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
/// # let range = end - std::time::Duration::from_secs(60)..end;
/// # let directory = std::env::temp_dir().join("rhombus-clips-export-update");
/// use rhombus_clips::{ExportStream, ExportUpdate, ExportedClip, NewClip};
///
/// let new_clip = NewClip::builder(camera, range).build()?;
/// let mut export: ExportStream = client.export(new_clip).to_directory(&directory).stream();
/// let mut files: Vec<ExportedClip> = Vec::new();
/// while let Some(update) = export.next().await {
///     match update {
///         ExportUpdate::Created { created, .. } => println!("requested {}", created.uuid()),
///         ExportUpdate::Rendering { uuid, update } => {
///             println!("{uuid}: {:?} percent", update.clip().and_then(|clip| clip.percent()));
///         }
///         ExportUpdate::Downloading { uuid, progress } => {
///             println!("{uuid}: {:?} percent", progress.percent());
///         }
///         ExportUpdate::NotStored { error } => eprintln!("{error}"), // It goes on, and stores it again.
///         ExportUpdate::Exported(exported) => files.push(exported),
///         ExportUpdate::Failed { error, .. } => return Err(error.into()),
///         _ => {} // Stages may be added.
///     }
/// }
/// for exported in files {
///     println!("request {}: {:?}", exported.request(), exported.clip().title());
///     println!("{}", exported.file().path().display());
/// }
/// # std::fs::remove_dir_all(directory)?;
/// # });
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ExportUpdate {
    /// A request made its clips, or they were found after a lost response.
    Created {
        /// Index of the request in the export, from 0.
        request: usize,
        /// The clips.
        created: CreatedClips,
    },
    /// A clip that is being rendered changed, or a poll of it failed transiently.
    Rendering {
        /// The clip.
        uuid: ClipUuid,
        /// The change.
        update: Update,
    },
    /// The file of a clip is being downloaded.
    Downloading {
        /// The clip.
        uuid: ClipUuid,
        /// Progress of the download.
        progress: DownloadProgress,
    },
    /// A checkpoint could not be stored after a change. The export goes on, and the next change stores it again.
    NotStored {
        /// The error of the function that stores checkpoints.
        error: Error,
    },
    /// The file of a clip is complete and verified. It is the last update of the clip.
    Exported(ExportedClip),
    /// A request or a clip failed. It is the last update of the request or the clip; the others go on.
    Failed {
        /// Index of the request in the export, from 0.
        request: usize,
        /// The clip; `None` if the request failed.
        uuid: Option<ClipUuid>,
        /// The error.
        error: Error,
    },
}

/// A clip whose file is complete and verified.
#[derive(Clone, Debug)]
pub struct ExportedClip {
    pub(super) request: usize,
    pub(super) clip: Clip,
    pub(super) file: DownloadedFile,
}

impl ExportedClip {
    /// Index of the request in the export, from 0.
    pub fn request(&self) -> usize {
        self.request
    }

    /// The complete clip.
    pub fn clip(&self) -> &Clip {
        &self.clip
    }

    /// The file.
    pub fn file(&self) -> &DownloadedFile {
        &self.file
    }
}
