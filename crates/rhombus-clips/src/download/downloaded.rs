//! The results of a download.

use std::path::{Path, PathBuf};

use super::verification::{Verification, hex};

/// A completed download: its length, its SHA-256, and their verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    pub(super) length: u64,
    pub(super) sha256: [u8; 32],
    pub(super) verification: Verification,
}

impl Downloaded {
    /// Length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// SHA-256 in hexadecimal, in lower case, computed from the bytes.
    pub fn sha256_hex(&self) -> String {
        hex(&self.sha256)
    }

    /// Comparison with the clip's record.
    pub fn verification(&self) -> Verification {
        self.verification
    }
}

/// A downloaded file, complete and under its name.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let directory = std::env::temp_dir().join("rhombus-clips-downloaded");
/// use rhombus_clips::{Downloaded, DownloadedFile};
///
/// let clip = client.watch(uuid).await?;
/// let file: DownloadedFile = client.download(&clip).to_directory(&directory).await?;
/// println!("{}: {} bytes, {}", file.path().display(), file.length(), file.verification());
/// println!("SHA-256 {}, continued at byte {}", file.sha256_hex(), file.continued_at());
/// let Downloaded { .. } = file.downloaded();
///
/// // It is there, so nothing is loaded.
/// let again = client.download(&clip).to_directory(&directory).await?;
/// assert!(again.is_unchanged());
/// # std::fs::remove_dir_all(directory)?;
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadedFile {
    pub(super) path: PathBuf,
    pub(super) downloaded: Downloaded,
    pub(super) continued_at: u64,
    pub(super) is_unchanged: bool,
}

impl DownloadedFile {
    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Length in bytes.
    pub fn length(&self) -> u64 {
        self.downloaded.length
    }

    /// SHA-256 in hexadecimal, in lower case, computed from the bytes.
    pub fn sha256_hex(&self) -> String {
        self.downloaded.sha256_hex()
    }

    /// Comparison with the clip's record.
    pub fn verification(&self) -> Verification {
        self.downloaded.verification
    }

    /// Length, SHA-256 and verification, without the path.
    pub fn downloaded(&self) -> &Downloaded {
        &self.downloaded
    }

    /// Bytes that were there from an earlier download, which was interrupted; 0 if there were none, or they were
    /// of no use.
    pub fn continued_at(&self) -> u64 {
        self.continued_at
    }

    /// Whether the file was there already, as the record states it, so that nothing was loaded.
    pub fn is_unchanged(&self) -> bool {
        self.is_unchanged
    }
}
