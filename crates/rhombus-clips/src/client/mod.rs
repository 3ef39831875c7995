//! The client: credentials, connections, and everything that its calls share.

mod build;
mod builder;
pub(crate) mod endpoint;
#[cfg(feature = "download")]
mod media_url;

pub use builder::ClientBuilder;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "download")]
use crate::Clip;
#[cfg(feature = "download")]
use crate::download::{Download, FileKind};
use crate::polling::History;
use crate::requests::{Call, Known};
use crate::retry::RetryPolicy;
use crate::transport::Transport;
use crate::watch::WatchContext;
use crate::{
    ApiCall, CancelClip, Checkpoint, ClipUuid, CreateClip, CreateIntent, DeleteClip, GetClip,
    GetMaxClipDuration, ListCameras, ListClips, ListClipsInProgress, NewClip, RetryClip,
    UpdateClip, Watch, WatchAll, api,
};

/// Client of the clip API, with one set of credentials.
///
/// Cloning is cheap. Clones share connections, rate limit, cooldown after a 429, retry budget and
/// history, so create one client and reuse it.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// let clip = client.get_clip(uuid).await?;
/// assert!(!clip.is_complete());
///
/// // A clone for another task shares the connections and limits.
/// let clone = client.clone();
/// let watch = tokio::spawn(async move { clone.watch(uuid).await });
/// assert!(watch.await??.is_complete());
/// # });
/// ```
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
    defaults: CallDefaults,
    history: History,
    known: Known,
}

/// Defaults of a client's calls, which each call can override.
#[derive(Clone, Debug)]
pub(crate) struct CallDefaults {
    /// Timeout of a call other than a watch.
    pub(crate) timeout: Duration,
    pub(crate) retry: Arc<dyn RetryPolicy>,
}

impl Client {
    pub(crate) fn new(transport: Transport, defaults: CallDefaults) -> Self {
        Self {
            transport: Arc::new(transport),
            defaults,
            history: History::new(),
            known: Known::default(),
        }
    }

    /// Gets the current state of a clip: the operation `getClipWithProgress`.
    ///
    /// Awaiting the returned [`GetClip`] sends the request. Transient failures are retried, as the
    /// [retry policy](ClientBuilder::retry) decides; the operation only reads, so a retry is safe.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let clip = client.get_clip(uuid).await?;
    /// println!("{} {:?} percent", clip.status(), clip.percent());
    /// # });
    /// ```
    #[doc(alias = "getClipWithProgress")]
    #[doc(alias = "status")]
    #[doc(alias = "progress")]
    #[doc(alias = "lookup")]
    pub fn get_clip(&self, uuid: ClipUuid) -> GetClip {
        GetClip::new(self.new_call(), uuid)
    }

    /// Lists the cameras of the organization: the operation `getMinimalCameraStateList`.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # service.add_camera(camera("Loading dock"));
    /// let cameras = client.cameras().await?;
    /// let camera = cameras.find("dock")?;
    /// println!("{} online: {:?}", camera.uuid(), camera.is_online());
    /// # });
    /// ```
    #[doc(alias = "getMinimalCameraStateList")]
    pub fn cameras(&self) -> ListCameras {
        ListCameras::new(self.new_call(), self.known.cameras.clone())
    }

    /// Requests a clip: the operation `spliceV3`. Never two clips for one request, even if the response is
    /// lost: see [`CreateClip`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # service.add_camera(camera("Loading dock"));
    /// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
    /// # let range = end - std::time::Duration::from_secs(300)..end;
    /// use rhombus_clips::NewClip;
    ///
    /// let cameras = client.cameras().await?;
    /// let dock = cameras.find("Loading dock")?;
    /// let new_clip = NewClip::builder(dock, range).title("Delivery").build()?;
    /// let created = client.create_clip(new_clip).await?;
    /// let clip = client.watch(created.uuid()).await?;
    /// # assert_eq!(clip.title(), Some("Delivery"));
    /// # });
    /// ```
    #[doc(alias = "spliceV3")]
    #[doc(alias = "splice")]
    #[doc(alias = "request")]
    pub fn create_clip(&self, new_clip: NewClip) -> CreateClip {
        CreateClip::new(self.new_call(), new_clip, self.known.clone())
    }

    /// Creates a clip with the intent that was stored before.
    #[cfg(feature = "download")]
    pub(crate) fn create_from_intent(&self, intent: CreateIntent) -> CreateClip {
        CreateClip::of_intent(self.new_call(), intent, self.known.clone())
    }

    /// Lists the saved clips of the organization: the operation `getClipsWithProgress`.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut clips = client.list_clips().stream();
    /// while let Some(clip) = clips.next().await {
    ///     let clip = clip?;
    ///     println!("{} {} {:?}", clip.uuid(), clip.status(), clip.title());
    /// }
    /// # });
    /// ```
    #[doc(alias = "getClipsWithProgress")]
    pub fn list_clips(&self) -> ListClips {
        ListClips::new(self.new_call())
    }

    /// Lists the clips that are being rendered, with the progress of their upload: the operation
    /// `getSplicedClipsInProgress`. One request tells of all.
    ///
    /// A clip that is not listed need not be complete: when a clip enters and leaves the list is undocumented.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// for clip in client.clips_in_progress().await? {
    ///     println!("{} {:?} of {:?} segments", clip.uuid(), clip.uploaded(), clip.total());
    /// }
    /// # });
    /// ```
    #[doc(alias = "getSplicedClipsInProgress")]
    pub fn clips_in_progress(&self) -> ListClipsInProgress {
        ListClipsInProgress::new(self.new_call())
    }

    /// Cancels the rendering of a clip: the operation `cancelSpliceV2`. See [`CancelClip`].
    #[doc(alias = "cancelSpliceV2")]
    pub fn cancel_clip(&self, uuid: ClipUuid) -> CancelClip {
        CancelClip::new(self.new_call(), uuid)
    }

    /// Renders a failed clip again: the operation `retrySplice`. See [`RetryClip`].
    #[doc(alias = "retrySplice")]
    pub fn retry_clip(&self, uuid: ClipUuid) -> RetryClip {
        RetryClip::new(self.new_call(), uuid)
    }

    /// Deletes a clip, which cannot be restored: the operation `deleteSavedClip`. See [`DeleteClip`].
    #[doc(alias = "deleteSavedClip")]
    pub fn delete_clip(&self, uuid: ClipUuid) -> DeleteClip {
        DeleteClip::new(self.new_call(), uuid)
    }

    /// Changes title, description or access of a clip: the operation `updateSavedClip`. See [`UpdateClip`].
    #[doc(alias = "updateSavedClip")]
    pub fn update_clip(&self, uuid: ClipUuid) -> UpdateClip {
        UpdateClip::new(self.new_call(), uuid)
    }

    /// Looks for the clip of a request that may have been sent, by this process or another, and never sends
    /// it. See [`CreateIntent`].
    pub fn resume_create(&self, intent: CreateIntent) -> CreateClip {
        CreateClip::resume(self.new_call(), intent)
    }

    /// Gets the longest clip that the organization may request: the operation `getMaxSpliceDuration`. The
    /// client and its clones ask once.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let longest = client.max_clip_duration().await?;
    /// assert_eq!(longest.as_secs(), 3600);
    /// # });
    /// ```
    #[doc(alias = "getMaxSpliceDuration")]
    pub fn max_clip_duration(&self) -> GetMaxClipDuration {
        GetMaxClipDuration::new(self.new_call(), self.known.max_duration.clone())
    }

    /// Sends a request with the generated client of the crate [`api`](crate::api), for an operation or a
    /// property that this crate has no call for.
    ///
    /// `send` receives a low-level client and sends one request with it. The client has the credentials,
    /// connections and body limit of this one, and the request is subject to its rate limit and cooldown.
    /// A failed attempt is retried as the [retry policy](ClientBuilder::retry) decides, by the declared
    /// [effect](crate::retry::Operation::effect) of the operation that was sent: `send` is called again,
    /// with another low-level client. A second request with the same one is refused, because it would
    /// pass the limits by.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use rhombus_clips::types::GetMaxSpliceDurationRequest;
    ///
    /// let request = &GetMaxSpliceDurationRequest::new();
    /// let response = client
    ///     .call(|api| async move { api.get_max_splice_duration(request).await })
    ///     .await?;
    /// println!("{:?} s", response.max_duration);
    /// # });
    /// ```
    #[doc(alias = "raw")]
    #[doc(alias = "api")]
    #[doc(alias = "low_level")]
    pub fn call<'a, T, Fut>(
        &self,
        send: impl Fn(api::Client) -> Fut + Send + Sync + 'a,
    ) -> ApiCall<'a, T>
    where
        Fut:
            Future<Output = std::result::Result<api::ResponseValue<T>, api::Error<()>>> + Send + 'a,
    {
        ApiCall::new(self.new_call(), send)
    }

    /// Downloads the file of a complete clip, from the media host: verified, and continued after an
    /// interruption. See [`Download`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let directory = std::env::temp_dir().join("rhombus-clips-client-download");
    /// let clip = client.watch(uuid).await?;
    /// let file = client.download(&clip).to_directory(&directory).await?;
    /// println!("{}: {}", file.path().display(), file.verification()); // ...: SHA-256 verified
    /// # std::fs::remove_dir_all(directory)?;
    /// # });
    /// ```
    #[cfg(feature = "download")]
    #[doc(alias = "save")]
    #[doc(alias = "mp4")]
    pub fn download(&self, clip: &Clip) -> Download {
        Download::new(self.new_call(), clip, FileKind::Video)
    }

    /// Downloads the thumbnail of a complete clip, a JPEG file. The record states neither its length nor its hash,
    /// so the length in the response is all that is verified. See [`Download`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let clip = client.watch(uuid).await?;
    /// let mut jpeg = Vec::new();
    /// client.download_thumbnail(&clip).to_writer(&mut jpeg).await?;
    /// assert!(jpeg.starts_with(&[0xFF, 0xD8]));
    /// # });
    /// ```
    #[cfg(feature = "download")]
    pub fn download_thumbnail(&self, clip: &Clip) -> Download {
        Download::new(self.new_call(), clip, FileKind::Thumbnail)
    }

    /// Watches a clip until it is complete.
    ///
    /// Awaiting the returned [`Watch`] gives the complete clip; [`Watch::stream`] yields every change
    /// until then. The default [timeout](Watch::timeout) is 30 minutes.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let clip = client.watch(uuid).await?;
    /// assert!(clip.is_complete());
    /// # });
    /// ```
    #[doc(alias = "wait")]
    #[doc(alias = "poll")]
    #[doc(alias = "until_done")]
    pub fn watch(&self, uuid: ClipUuid) -> Watch {
        Watch::new(self.watch_context(), uuid)
    }

    /// Resumes a watch from a checkpoint of this process or another.
    ///
    /// Timeout, grace period and poll policy are the watch's, and the time since the checkpoint counts.
    /// After the deadline one final poll is sent. The retry policy is this client's. A
    /// [poll policy](crate::polling) of the caller's must be [set](Watch::polling) again, and then
    /// restores its saved state; so must limits and jitter of the
    /// [adaptive policy](crate::polling::Adaptive), of which the checkpoint stores the model.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let saved = client.watch(uuid).checkpoint().to_string();
    ///
    /// let clip = client.resume(saved.parse()?).await?;
    /// assert!(clip.is_complete());
    /// # });
    /// ```
    pub fn resume(&self, checkpoint: Checkpoint) -> Watch {
        Watch::resume(self.watch_context(), checkpoint)
    }

    /// Watches any number of clips until each is complete, with a bounded number of requests in flight.
    ///
    /// [`WatchAll::stream`] yields every change and every result. A clip given twice is watched once.
    /// The default [timeout](WatchAll::timeout) of each watch is 30 minutes.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let mut updates = client.watch_all([uuid]).stream();
    /// while let Some(update) = updates.next().await {
    ///     println!("{update:?}");
    /// }
    /// # });
    /// ```
    #[doc(alias = "batch")]
    pub fn watch_all(&self, clips: impl IntoIterator<Item = ClipUuid>) -> WatchAll {
        WatchAll::new(self.watch_context(), clips)
    }

    /// Resumes many watches from their checkpoints, each like [`resume`](Self::resume).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let checkpoints = client.watch_all([uuid]).stream().stop();
    ///
    /// let mut updates = client.resume_all(checkpoints).stream();
    /// assert_eq!(updates.len(), 1);
    /// # while updates.next().await.is_some() {}
    /// # });
    /// ```
    pub fn resume_all(&self, checkpoints: impl IntoIterator<Item = Checkpoint>) -> WatchAll {
        WatchAll::resume(self.watch_context(), checkpoints)
    }
}

impl Client {
    /// Returns the render times that this client's watches have learned, to configure an
    /// [`Adaptive`](crate::polling::Adaptive) poll policy with.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::Duration;
    /// use rhombus_clips::polling::Adaptive;
    ///
    /// let poll_policy = Adaptive::new(client.history()).max_interval(Duration::from_secs(20));
    /// client.watch(uuid).polling(poll_policy).await?;
    /// # });
    /// ```
    pub fn history(&self) -> &History {
        &self.history
    }

    fn new_call(&self) -> Call {
        let CallDefaults { timeout, retry } = self.defaults.clone();
        Call {
            transport: self.transport.clone(),
            timeout,
            policy: retry,
        }
    }

    fn watch_context(&self) -> WatchContext {
        WatchContext {
            transport: self.transport.clone(),
            retry: self.defaults.retry.clone(),
            history: self.history.clone(),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("transport", &self.transport)
            .field("defaults", &self.defaults)
            .finish_non_exhaustive()
    }
}
