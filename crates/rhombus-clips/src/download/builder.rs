//! The builder of a download.

use std::fmt;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::task::spawn_blocking;

use super::downloaded::{Downloaded, DownloadedFile};
use super::fetch::{Fetch, Timeouts};
use super::file_name::file_name;
use super::location::FileKind;
use super::part::FileId;
use super::progress::{DownloadProgress, Observer};
use super::save::{save, storage_error};
use super::stream::DownloadStream;
use crate::error::{Error, ErrorKind, Hint, Result};
use crate::requests::Call;
use crate::{Clip, ClipStatus};

/// Default of [`Download::stall_timeout`]. Chosen, not tuned: as long as an attempt of a request.
const DEFAULT_STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Default of [`Download::file_grace_period`]. Chosen, not tuned: how late a file can be after its clip is
/// complete is undocumented.
const DEFAULT_FILE_GRACE_PERIOD: Duration = Duration::from_secs(120);

/// Download of a clip's file, from [`Client::download`](crate::Client::download) or
/// [`Client::download_thumbnail`](crate::Client::download_thumbnail).
///
/// [`to_directory`](Self::to_directory) and [`to_file`](Self::to_file) give the file its name once it is
/// complete and verified; until then it is `NAME.part`, beside it. An interrupted download is continued, by this
/// process or another, where the media host can, and begins again where not.
/// [`to_writer`](Self::to_writer) and [`stream`](Self::stream) hand the bytes on as they arrive.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let directory = std::env::temp_dir().join("rhombus-clips-download");
/// let clip = client.watch(uuid).await?;
/// let file = client.download(&clip).to_directory(&directory).await?;
/// println!("{} ({})", file.path().display(), file.verification());
/// # std::fs::remove_dir_all(directory)?;
/// # });
/// ```
///
/// # Verification
///
/// The length is compared with `byteCount` of the record and `Content-Length` of the response, and the SHA-256 with
/// `sha256Hex`, as far as the record has them: [`Verification`](crate::Verification) says which. A file that
/// differs is loaded once more from the beginning; a second time it is an error, and no file is left.
///
/// # Errors
///
/// - [`ErrorKind::FileUnavailable`]: the record names no place, or no place has the file, for the
///   [grace period](Self::file_grace_period).
/// - [`ErrorKind::VerificationFailed`]: length or SHA-256 differ, or more arrives than was announced.
/// - [`ErrorKind::Storage`]: the file cannot be written: there is another one, the disk is full, another download
///   writes to it. The source is an [`io::Error`](std::io::Error).
/// - [`ErrorKind::Decode`]: the response is something else, such as a page with status 200.
/// - [`ErrorKind::Connection`] and [`ErrorKind::Timeout`]: the connection broke, the file was truncated, nothing
///   arrived for the [stall timeout](Self::stall_timeout), or less than 1 KiB/s for a minute; after the attempts of
///   the [retry policy](Self::retry) since the download last moved on.
/// - [`ErrorKind::DeadlineExceeded`]: the [timeout](Self::timeout) elapsed.
/// - [`ErrorKind::Authentication`]: the media host refused the credentials.
/// - [`ErrorKind::InvalidRequest`]: the clip is not complete.
/// - [`ErrorKind::Configuration`]: the media host is not known, because the
///   [base URL](crate::ClientBuilder::base_url) is not one of Rhombus's: set it with
///   [`ClientBuilder::media_url`](crate::ClientBuilder::media_url).
///
/// The bytes that arrived stay in `NAME.part`, except after `VerificationFailed`.
///
/// # Cancellation
///
/// Dropping the future leaves `NAME.part`, up to the last half mebibyte, and the next download continues it.
#[must_use = "nothing is loaded until one of its methods is awaited"]
pub struct Download {
    call: Call,
    clip: Clip,
    kind: FileKind,
    overwrite: bool,
    timeouts: Timeouts,
    observer: Observer,
}

impl Download {
    pub(crate) fn new(call: Call, clip: &Clip, kind: FileKind) -> Self {
        Self {
            call,
            clip: clip.clone(),
            kind,
            overwrite: false,
            timeouts: Timeouts {
                stall: DEFAULT_STALL_TIMEOUT,
                file_grace_period: DEFAULT_FILE_GRACE_PERIOD,
                total: None,
            },
            observer: Observer::default(),
        }
    }

    /// Sets whether another file under the name is replaced. By default it is an error, unless the file is the
    /// clip's, as its record states it.
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Sets the timeout of the download in all, waits and retries included. Default: none.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.total = Some(timeout);
        self
    }

    /// Sets the longest time without a byte, after which the transfer is continued over another connection.
    /// Default: 30 seconds.
    pub fn stall_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.stall = timeout;
        self
    }

    /// Sets for how long a file that is not there (404) is waited for. Default: two minutes. It is undocumented
    /// whether the file is there as soon as the clip is complete.
    pub fn file_grace_period(mut self, grace_period: Duration) -> Self {
        self.timeouts.file_grace_period = grace_period;
        self
    }

    /// Sets the policy that decides whether a failed attempt is retried. Default: the client's
    /// ([`ClientBuilder::retry`](crate::ClientBuilder::retry)). Attempts count from the last one that brought the
    /// download forward.
    pub fn retry(mut self, policy: impl crate::retry::RetryPolicy) -> Self {
        self.call.policy = std::sync::Arc::new(policy);
        self
    }

    /// Sets a function that is called with the progress: at the start, at most ten times a second, and at the
    /// end. See [`DownloadProgress`] for an example.
    pub fn on_progress(mut self, call: impl FnMut(&DownloadProgress) + Send + 'static) -> Self {
        self.observer.set_callback(call);
        self
    }

    /// Returns the name of the file in a directory, from title, time and UUID of the clip. It is valid on every
    /// system, and has none of the characters that paths and shells give a meaning.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()).with("title", "Dock: 7"), {
    /// let clip = client.watch(uuid).await?;
    /// let name = client.download(&clip).file_name();
    /// assert!(name.starts_with("Dock_ 7 2025") && name.ends_with(&format!("{uuid}.mp4")));
    /// # });
    /// ```
    pub fn file_name(&self) -> String {
        file_name(&self.clip, self.kind)
    }

    /// Downloads into this directory, under the [name](Self::file_name) that the clip gives. The directory is
    /// created if it is not there.
    pub fn to_directory(
        self,
        directory: impl AsRef<Path>,
    ) -> Pin<Box<dyn Future<Output = Result<DownloadedFile>> + Send>> {
        let directory = directory.as_ref().to_owned();
        let target = directory.join(self.file_name());
        Box::pin(async move {
            self.check()?;
            let created = {
                let directory = directory.clone();
                spawn_blocking(move || std::fs::create_dir_all(directory)).await
            };
            if let Ok(Err(error)) = created {
                // It is a file, which overwriting the clip's would not help.
                let error = match error.kind() {
                    io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
                    _ => error,
                };
                return Err(storage_error(&directory, error));
            }
            self.save(target).await
        })
    }

    /// Downloads to this file, in a directory that exists.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let directory = std::env::temp_dir().join("rhombus-clips-to-file");
    /// # std::fs::create_dir_all(&directory)?;
    /// use std::time::Duration;
    /// use rhombus_clips::retry::Backoff;
    ///
    /// let clip = client.watch(uuid).await?;
    /// let file = client
    ///     .download(&clip)
    ///     .overwrite(true)
    ///     .timeout(Duration::from_secs(3600))
    ///     .stall_timeout(Duration::from_secs(10))
    ///     .file_grace_period(Duration::from_secs(30))
    ///     .retry(Backoff::default().attempts(3))
    ///     .to_file(directory.join("evidence.mp4"))
    ///     .await?;
    /// assert!(!file.is_unchanged());
    /// # std::fs::remove_dir_all(directory)?;
    /// # });
    /// ```
    pub fn to_file(
        self,
        path: impl Into<PathBuf>,
    ) -> Pin<Box<dyn Future<Output = Result<DownloadedFile>> + Send>> {
        let path = path.into();
        Box::pin(async move {
            self.check()?;
            self.save(path).await
        })
    }

    async fn save(mut self, target: PathBuf) -> Result<DownloadedFile> {
        let (uuid, kind) = (self.clip.uuid(), self.kind);
        let id = FileId { uuid, kind };
        let mut fetch = Fetch::new(self.call, self.clip, self.kind, self.timeouts, true);
        let result = save(&mut fetch, id, target, self.overwrite, &mut self.observer).await;
        let length = result.as_ref().map_or(0, DownloadedFile::length);
        fetch.log_end(length, result.as_ref().err());
        result
    }

    /// Downloads to a writer, which is flushed at the end. Bytes that do not verify have been written by then.
    ///
    /// An interrupted transfer is continued within this call if the media host can, and is an error if not.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let clip = client.watch(uuid).await?;
    /// let mut bytes = Vec::new();
    /// let downloaded = client.download(&clip).to_writer(&mut bytes).await?;
    /// assert_eq!(Some(downloaded.length()), clip.byte_count());
    /// assert_eq!(Some(&*downloaded.sha256_hex()), clip.sha256_hex());
    /// assert!(downloaded.verification().is_sha256_verified());
    /// # });
    /// ```
    pub async fn to_writer(self, mut writer: impl AsyncWrite + Send + Unpin) -> Result<Downloaded> {
        let error = |error| {
            Error::new(ErrorKind::Storage, "cannot write what was downloaded").with_source(error)
        };
        let mut stream = self.stream();
        while let Some(bytes) = stream.next().await {
            writer.write_all(&bytes?).await.map_err(error)?;
        }
        writer.flush().await.map_err(error)?;
        stream.into_downloaded()
    }

    /// Returns the bytes as a stream. See [`DownloadStream`].
    pub fn stream(self) -> DownloadStream {
        let check = self.check().err();
        let fetch = Fetch::new(self.call, self.clip, self.kind, self.timeouts, false);
        DownloadStream::new(fetch, self.observer, check)
    }

    /// Fails if the clip has no file yet, or none any more. A placeholder may have one, which is undocumented.
    fn check(&self) -> Result<()> {
        let clip = &self.clip;
        if clip.is_complete() || clip.status() == &ClipStatus::Complete {
            return Ok(());
        }
        let message = format!("clip {} is not complete: {}", clip.uuid(), clip.status());
        let error = Error::new(ErrorKind::InvalidRequest, message);
        let error = match clip.is_failed() {
            true => error,
            false => error.with_hint(Hint::WatchClip),
        };
        Err(error.with_clip(Some(clip.clone())))
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("clip_uuid", &self.clip.uuid())
            .field("kind", &self.kind)
            .field("overwrite", &self.overwrite)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}
