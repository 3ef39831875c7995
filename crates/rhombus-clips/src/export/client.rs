//! The calls of a client that export clips. They are here and not with the client, because an export owns one.

use super::builder::Export;
use super::checkpoint::ExportCheckpoint;
use crate::{Client, NewClip};

impl Client {
    /// Exports a clip: requests it, watches it until it is rendered, downloads its file and verifies it. See
    /// [`Export`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
    /// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
    /// # let range = end - std::time::Duration::from_secs(60)..end;
    /// # let new_clip = rhombus_clips::NewClip::builder(camera, range).build()?;
    /// # let directory = std::env::temp_dir().join("rhombus-clips-client-export");
    /// let exported = client.export(new_clip).to_directory(&directory).await?;
    /// println!("{}", exported[0].file().path().display());
    /// # std::fs::remove_dir_all(directory)?;
    /// # });
    /// ```
    pub fn export(&self, new_clip: NewClip) -> Export {
        self.export_all([new_clip])
    }

    /// Exports any number of clips, with a bounded number of requests and downloads at a time. See [`Export`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
    /// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
    /// # let range = end - std::time::Duration::from_secs(7200)..end;
    /// # let directory = std::env::temp_dir().join("rhombus-clips-client-export-all");
    /// use std::time::Duration;
    /// use rhombus_clips::NewClip;
    ///
    /// // A range of two hours, in as few clips as the organization's longest clip allows.
    /// let longest = client.max_clip_duration().await?;
    /// let parts = NewClip::builder(camera, range).max_duration(longest).split()?;
    /// let exported = client.export_all(parts).to_directory(&directory).await?;
    /// assert_eq!(exported.len(), 2);
    /// # std::fs::remove_dir_all(directory)?;
    /// # });
    /// ```
    pub fn export_all(&self, new_clips: impl IntoIterator<Item = NewClip>) -> Export {
        Export::new(self.clone(), new_clips.into_iter().collect())
    }

    /// Continues an export from a checkpoint, of this process or another. See [`ExportCheckpoint`].
    pub fn resume_export(&self, checkpoint: ExportCheckpoint) -> Export {
        Export::resume(self.clone(), checkpoint)
    }
}
