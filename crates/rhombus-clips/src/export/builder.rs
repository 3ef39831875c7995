//! The builder of an export.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use super::checkpoint::ExportCheckpoint;
use super::checkpoint_file;
use super::settings::Settings;
use super::state::{ExportState, Limits};
use super::stream::ExportStream;
use super::update::{ExportUpdate, ExportedClip};
use crate::error::Result;
use crate::{Client, CreateClip, Download, NewClip, WatchAll};

/// Requests for a clip in flight. Chosen, not tuned: the service's rate limit counts for the whole organization.
const DEFAULT_REQUESTS: usize = 4;

/// Downloads at a time. Chosen, not tuned: enough that one slow connection does not leave the network idle.
const DEFAULT_DOWNLOADS: usize = 4;

/// Export of clips: requested, watched until they are rendered, downloaded and verified. From
/// [`Client::export`](crate::Client::export), [`Client::export_all`](crate::Client::export_all) or
/// [`Client::resume_export`](crate::Client::resume_export).
///
/// Awaiting it gives the exported clips; [`stream`](Self::stream) yields every stage.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # service.add_camera(camera("Loading dock"));
/// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
/// # let range = end - std::time::Duration::from_secs(60)..end;
/// # let directory = std::env::temp_dir().join("rhombus-clips-export");
/// use rhombus_clips::NewClip;
///
/// let cameras = client.cameras().await?;
/// let new_clip = NewClip::builder(cameras.find("Loading dock")?, range).build()?;
/// for exported in client.export(new_clip).to_directory(&directory).await? {
///     let file = exported.file();
///     println!("{}: {}", file.path().display(), file.verification());
/// }
/// # std::fs::remove_dir_all(directory)?;
/// # });
/// ```
///
/// # Interruption
///
/// With [`checkpoint_file`](Self::checkpoint_file) or [`save_checkpoints`](Self::save_checkpoints), what is to be
/// requested is stored before the request is sent. A process that is killed at any point can be continued from the
/// last checkpoint: clips that are known are watched and downloaded, and a request that may have been sent is
/// searched for in the service's lists before anything is sent again. The description then has a random
/// [token](CreateClip::token), by which a clip is found with certainty; only if no list has it for the
/// [grace period](CreateClip::not_found_grace_period) is the clip requested again.
/// [Without a token](Self::token) it is not: that is an error of kind
/// [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown).
///
/// # Errors
///
/// Those of [`CreateClip`], of a [watch](crate::Client::watch) and of a [`Download`]. One clip that fails does not stop the others:
/// awaiting an export gives the first error after all have ended, and the files of the other clips are there. An error of kind
/// [`ErrorKind::Storage`](crate::ErrorKind::Storage) also means that a checkpoint could not be stored; the request
/// was then not sent.
///
/// # Cancellation
///
/// Dropping the future or the stream stops everything; the last stored checkpoint continues it.
#[must_use = "an export does nothing until it is awaited or its stream is polled"]
pub struct Export {
    client: Client,
    source: Source,
    settings: Settings,
    limits: Limits,
    token: Option<bool>,
    watch: Option<Box<dyn FnOnce(WatchAll) -> WatchAll + Send>>,
}

enum Source {
    New(Vec<NewClip>),
    Checkpoint(ExportCheckpoint),
}

impl Export {
    pub(crate) fn new(client: Client, new_clips: Vec<NewClip>) -> Self {
        Self::of(client, Source::New(new_clips))
    }

    pub(crate) fn resume(client: Client, checkpoint: ExportCheckpoint) -> Self {
        Self::of(client, Source::Checkpoint(checkpoint))
    }

    fn of(client: Client, source: Source) -> Self {
        Self {
            client,
            source,
            settings: Settings {
                directory: PathBuf::from("."),
                store: None,
                create: Arc::new(|create| create),
                download: Arc::new(|download| download),
            },
            limits: Limits {
                requests: DEFAULT_REQUESTS,
                downloads: DEFAULT_DOWNLOADS,
            },
            token: None,
            watch: None,
        }
    }

    /// Sets the directory of the files, which is created if it is not there. Default: the current one. The names
    /// are those of [`Download::file_name`].
    pub fn to_directory(mut self, directory: impl AsRef<Path>) -> Self {
        directory.as_ref().clone_into(&mut self.settings.directory);
        self
    }

    /// Stores the checkpoint in this file, in place of the last one: before a request is sent, and after each
    /// change. The new text is durable under another name before it takes the file's.
    ///
    /// The file holds the text of an [`ExportCheckpoint`]. At the end it remains, with what is left to be done.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
    /// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
    /// # let range = end - std::time::Duration::from_secs(60)..end;
    /// # let directory = std::env::temp_dir().join("rhombus-clips-checkpoint-file");
    /// # std::fs::create_dir_all(&directory)?;
    /// # let file = directory.join("export.json");
    /// use rhombus_clips::{ExportCheckpoint, NewClip};
    ///
    /// let new_clip = NewClip::builder(camera, range).build()?;
    /// let export = match std::fs::read_to_string(&file) {
    ///     Ok(text) => client.resume_export(text.parse()?),
    ///     Err(_) => client.export(new_clip),
    /// };
    /// export.to_directory(&directory).checkpoint_file(&file).await?;
    ///
    /// let left: ExportCheckpoint = std::fs::read_to_string(&file)?.parse()?;
    /// assert!(left.is_empty());
    /// # std::fs::remove_dir_all(directory)?;
    /// # });
    /// ```
    pub fn checkpoint_file(self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        self.save_checkpoints(move |checkpoint| checkpoint_file::write(&path, checkpoint))
    }

    /// Sets a function that stores a checkpoint durably: before a request is sent, and after each change. It runs
    /// on a thread for blocking work. If it fails, what waits for it is not requested.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
    /// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
    /// # let range = end - std::time::Duration::from_secs(60)..end;
    /// # let new_clip = rhombus_clips::NewClip::builder(camera, range).build()?;
    /// let export = client.export(new_clip).save_checkpoints(|checkpoint| {
    ///     println!("{checkpoint}"); // Into a database, say.
    ///     Err(std::io::Error::other("no connection to the database"))
    /// });
    /// let error = export.await.unwrap_err();
    /// assert!(error.is_storage());
    /// service.verify_operation("spliceV3").count(0);
    /// # });
    /// ```
    pub fn save_checkpoints(
        mut self,
        store: impl Fn(&ExportCheckpoint) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.settings.store = Some(Arc::new(store));
        self
    }

    /// Sets whether the description of each clip gets a random [token](CreateClip::token), by which it is found
    /// after an interruption. By default it does if checkpoints are stored. Without effect on a resumed export.
    pub fn token(mut self, token: bool) -> Self {
        self.token = Some(token);
        self
    }

    /// Sets the settings of each request, such as the [footage](CreateClip::footage) that a clip must have.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
    /// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
    /// # let range = end - std::time::Duration::from_secs(60)..end;
    /// # let new_clip = rhombus_clips::NewClip::builder(camera, range).build()?;
    /// # let directory = std::env::temp_dir().join("rhombus-clips-export-settings");
    /// use std::time::Duration;
    /// use rhombus_clips::FootagePolicy;
    ///
    /// let exported = client
    ///     .export(new_clip)
    ///     .create(|create| create.footage(FootagePolicy::Full))
    ///     .watch(|watch| watch.timeout(Duration::from_secs(3600)))
    ///     .download(|download| download.overwrite(true))
    ///     .max_requests(2)
    ///     .max_downloads(8)
    ///     .token(true)
    ///     .to_directory(&directory)
    ///     .await?;
    /// # std::fs::remove_dir_all(directory)?;
    /// # });
    /// ```
    pub fn create(
        mut self,
        configure: impl Fn(CreateClip) -> CreateClip + Send + Sync + 'static,
    ) -> Self {
        self.settings.create = Arc::new(configure);
        self
    }

    /// Sets the settings of the watch, such as its [timeout](WatchAll::timeout).
    pub fn watch(mut self, configure: impl FnOnce(WatchAll) -> WatchAll + Send + 'static) -> Self {
        self.watch = Some(Box::new(configure));
        self
    }

    /// Sets the settings of each download, such as whether it [overwrites](Download::overwrite) a file. The
    /// progress goes to the [stream](Self::stream).
    pub fn download(
        mut self,
        configure: impl Fn(Download) -> Download + Send + Sync + 'static,
    ) -> Self {
        self.settings.download = Arc::new(configure);
        self
    }

    /// Sets how many requests for clips are in progress at a time, at least 1. Default: 4.
    pub fn max_requests(mut self, requests: usize) -> Self {
        self.limits.requests = requests.max(1);
        self
    }

    /// Sets how many files are downloaded at a time, at least 1. Default: 4.
    pub fn max_downloads(mut self, downloads: usize) -> Self {
        self.limits.downloads = downloads.max(1);
        self
    }

    /// Returns the stages of the export as a stream. See [`ExportStream`].
    pub fn stream(self) -> ExportStream {
        let Self {
            client,
            source,
            settings,
            limits,
            token,
            watch,
        } = self;
        let has_token = token.unwrap_or(settings.store.is_some());
        let state = match source {
            Source::Checkpoint(checkpoint) => ExportState::resume(checkpoint, limits),
            Source::New(new_clips) => {
                let intent = |new_clip| {
                    let create = (settings.create)(client.create_clip(new_clip));
                    let create = if has_token { create.token() } else { create };
                    create.intent().clone()
                };
                ExportState::new(new_clips.into_iter().map(intent).collect(), limits)
            }
        };
        let watches = client.watch_all(state.known_clips());
        let watches = match watch {
            Some(configure) => configure(watches),
            None => watches,
        };
        ExportStream::new(client, settings, state, watches.stream())
    }

    async fn execute(self) -> Result<Vec<ExportedClip>> {
        let mut stream = self.stream();
        let (mut exported, mut first_error) = (Vec::new(), None);
        while let Some(update) = stream.next().await {
            match update {
                ExportUpdate::Exported(clip) => exported.push(clip),
                ExportUpdate::Failed { error, .. } => first_error = first_error.or(Some(error)),
                _ => {}
            }
        }
        exported.sort_by_key(ExportedClip::request);
        match first_error {
            Some(error) => Err(error),
            None => Ok(exported),
        }
    }
}

impl IntoFuture for Export {
    type Output = Result<Vec<ExportedClip>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.execute())
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("directory", &self.settings.directory)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
