//! Drives an export: executes what its state decides, and yields the stages.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::spawn_blocking;

use super::checkpoint::ExportCheckpoint;
use super::settings::Settings;
use super::state::{Creation, ExportState};
use super::update::{ExportUpdate, ExportedClip};
use crate::error::{Error, ErrorKind, Hint, Result};
use crate::{
    Client, Clip, ClipUpdate, ClipUuid, CreatedClips, DownloadProgress, DownloadedFile,
    WatchAllStream, WatchHandle,
};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Stages of an export, from [`Export::stream`](crate::Export::stream). It ends when all requests and clips have
/// ended. It is a `futures` stream as well; see [`ExportUpdate`] for an example.
///
/// Nothing is sent unless it is polled: a slow reader slows everything down.
///
/// # Cancellation
///
/// [`next`](Self::next) is cancel safe. Dropping the stream stops everything.
#[must_use = "an export does nothing unless its stream is polled"]
pub struct ExportStream {
    client: Client,
    settings: Settings,
    state: ExportState,
    watches: Option<WatchAllStream>,
    /// Keeps the stream of the watches from ending.
    watch_handle: Option<WatchHandle>,
    saving: Option<BoxFuture<(Vec<Creation>, io::Result<()>)>>,
    creations: FuturesUnordered<BoxFuture<(Creation, Result<CreatedClips>)>>,
    placeholders: FuturesUnordered<BoxFuture<(ClipUuid, Result<Vec<ClipUuid>>)>>,
    complete: HashMap<ClipUuid, Clip>,
    downloads: FuturesUnordered<BoxFuture<(Clip, Result<DownloadedFile>)>>,
    progress: (
        UnboundedSender<(ClipUuid, DownloadProgress)>,
        UnboundedReceiver<(ClipUuid, DownloadProgress)>,
    ),
    updates: VecDeque<ExportUpdate>,
}

impl ExportStream {
    pub(super) fn new(
        client: Client,
        settings: Settings,
        state: ExportState,
        watches: WatchAllStream,
    ) -> Self {
        Self {
            client,
            settings,
            state,
            watch_handle: Some(watches.handle()),
            watches: Some(watches),
            saving: None,
            creations: FuturesUnordered::new(),
            placeholders: FuturesUnordered::new(),
            complete: HashMap::new(),
            downloads: FuturesUnordered::new(),
            progress: unbounded_channel(),
            updates: VecDeque::new(),
        }
    }

    /// Returns the next stage; `None` at the end.
    pub async fn next(&mut self) -> Option<ExportUpdate> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Returns what is left to be done, to continue with [`Client::resume_export`](crate::Client::resume_export).
    pub fn checkpoint(&self) -> ExportCheckpoint {
        self.state.checkpoint()
    }

    /// Starts to store the checkpoint, and what waits for it. Returns whether there was anything.
    fn advance_requests(&mut self) -> bool {
        if self.saving.is_some() {
            return false;
        }
        self.state.mark_next();
        let Some((checkpoint, creations)) = self.state.take_checkpoint() else {
            return false;
        };
        match self.settings.store.clone() {
            None => self.start_creations(creations),
            Some(store) => {
                self.saving = Some(Box::pin(async move {
                    let stored = spawn_blocking(move || store(&checkpoint)).await;
                    let result = stored.unwrap_or_else(|error| Err(io::Error::other(error)));
                    (creations, result)
                }));
            }
        }
        true
    }

    fn start_creations(&mut self, creations: Vec<Creation>) {
        for creation in creations {
            let client = self.client.clone();
            let configure = self.settings.create.clone();
            self.creations.push(Box::pin(async move {
                let intent = || creation.intent.clone();
                let send = || configure(client.create_from_intent(intent()));
                let result = match creation.is_search {
                    false => send().await,
                    true => match configure(client.resume_create(intent())).await {
                        // No list has a clip with the token, so the request did not arrive.
                        Err(error)
                            if error.is_outcome_unknown()
                                && error.candidates().is_empty()
                                && creation.intent.token().is_some() =>
                        {
                            send().await
                        }
                        result => result,
                    },
                };
                (creation, result)
            }));
        }
    }

    fn on_saved(&mut self, creations: Vec<Creation>, result: io::Result<()>) {
        let Err(error) = result else {
            self.start_creations(creations);
            return;
        };
        if creations.is_empty() {
            let error = Error::new(ErrorKind::Storage, "the checkpoint cannot be stored")
                .with_source(error);
            self.updates.push_back(ExportUpdate::NotStored { error });
            return;
        }
        let reason = error.to_string();
        let mut source = Some(error);
        for creation in creations {
            self.state
                .on_creation_failed(creation.request, false, creation.is_search);
            let message =
                format!("the checkpoint cannot be stored, so nothing was requested: {reason}");
            let source = source
                .take()
                .unwrap_or_else(|| io::Error::other(reason.clone()));
            self.updates.push_back(ExportUpdate::Failed {
                request: creation.request,
                uuid: None,
                error: Error::new(ErrorKind::Storage, message).with_source(source),
            });
        }
    }

    fn on_created(&mut self, creation: &Creation, result: Result<CreatedClips>) {
        let request = creation.request;
        match result {
            Ok(created) => {
                for uuid in self.state.on_created(request, created.uuids()) {
                    self.watch(uuid);
                }
                self.updates
                    .push_back(ExportUpdate::Created { request, created });
            }
            Err(error) => {
                let is_final = matches!(
                    error.kind(),
                    ErrorKind::InvalidRequest | ErrorKind::NoFootage | ErrorKind::Service
                );
                let is_sent = creation.is_search || error.may_have_taken_effect();
                self.state.on_creation_failed(request, is_final, is_sent);
                self.updates.push_back(ExportUpdate::Failed {
                    request,
                    uuid: None,
                    error,
                });
            }
        }
    }

    fn watch(&mut self, uuid: ClipUuid) {
        if let Some(watches) = &mut self.watches {
            watches.add(uuid);
        }
    }

    fn on_watched(&mut self, update: ClipUpdate) {
        match update {
            ClipUpdate::Changed { uuid, update } => {
                let is_placeholder = update.clip().is_some_and(Clip::is_placeholder);
                self.updates
                    .push_back(ExportUpdate::Rendering { uuid, update });
                if is_placeholder {
                    self.on_placeholder(uuid);
                }
            }
            ClipUpdate::Ended {
                uuid,
                result: Ok(clip),
                ..
            } => {
                self.complete.insert(uuid, clip);
                self.state.on_complete(uuid);
            }
            ClipUpdate::Ended {
                uuid,
                result: Err(error),
                ..
            } => {
                if error.is_clip_failed() {
                    self.state.on_clip_over(uuid);
                }
                self.fail(uuid, error);
            }
        }
    }

    /// Leaves a placeholder to its parts. If these are not known from the request, they are looked for.
    fn on_placeholder(&mut self, uuid: ClipUuid) {
        if self.state.has_siblings(uuid) {
            self.stop_watching(uuid);
            self.state.on_placeholder(uuid, &[]);
            return;
        }
        let client = self.client.clone();
        self.placeholders.push(Box::pin(async move {
            let parts = async {
                let clips = client.clips_in_progress().await?;
                let parts = clips.iter().filter(|clip| clip.parent() == Some(uuid));
                Ok(parts.map(|clip| clip.uuid()).collect())
            };
            (uuid, parts.await)
        }));
    }

    fn on_parts(&mut self, uuid: ClipUuid, result: Result<Vec<ClipUuid>>) {
        // Otherwise the placeholder is watched on, and its next change looks again.
        if let Ok(parts) = result
            && !parts.is_empty()
        {
            self.stop_watching(uuid);
            for part in self.state.on_placeholder(uuid, &parts) {
                self.watch(part);
            }
        }
    }

    fn stop_watching(&mut self, uuid: ClipUuid) {
        if let Some(watches) = &mut self.watches {
            watches.remove(uuid);
        }
    }

    fn start_downloads(&mut self) -> bool {
        let mut has_started = false;
        while let Some(uuid) = self.state.next_download() {
            let Some(clip) = self.complete.remove(&uuid) else {
                self.state.on_downloaded(uuid, false);
                continue;
            };
            has_started = true;
            let progress = self.progress.0.clone();
            let download = (self.settings.download)(self.client.download(&clip));
            let download = download.on_progress(move |value| {
                // The receiver lives as long as the download.
                let _ = progress.send((uuid, *value));
            });
            let directory = self.settings.directory.clone();
            self.downloads.push(Box::pin(async move {
                let result = download.to_directory(directory).await;
                (clip, result)
            }));
        }
        has_started
    }

    fn on_downloaded(&mut self, clip: Clip, result: Result<DownloadedFile>) {
        let uuid = clip.uuid();
        self.state.on_downloaded(uuid, result.is_ok());
        match result {
            Ok(file) => self.updates.push_back(ExportUpdate::Exported(ExportedClip {
                request: self.state.request_of(uuid),
                clip,
                file,
            })),
            Err(error) => self.fail(uuid, error.with_hint(Hint::ResumeExport)),
        }
    }

    fn fail(&mut self, uuid: ClipUuid, error: Error) {
        self.updates.push_back(ExportUpdate::Failed {
            request: self.state.request_of(uuid),
            uuid: Some(uuid),
            error,
        });
    }

    /// Polls everything that is in progress. Returns whether anything happened.
    fn poll_progress(&mut self, context: &mut Context<'_>) -> bool {
        let mut has_advanced = self.advance_requests();
        if let Some(saving) = &mut self.saving
            && let Poll::Ready((creations, result)) = saving.as_mut().poll(context)
        {
            self.saving = None;
            self.on_saved(creations, result);
            has_advanced = true;
        }
        while let Poll::Ready(Some((creation, result))) = poll_stream(&mut self.creations, context)
        {
            self.on_created(&creation, result);
            has_advanced = true;
        }
        while let Poll::Ready(Some((uuid, parts))) = poll_stream(&mut self.placeholders, context) {
            self.on_parts(uuid, parts);
            has_advanced = true;
        }
        if let Some(watches) = &mut self.watches
            && let Poll::Ready(Some(update)) = Pin::new(watches).poll_next(context)
        {
            self.on_watched(update);
            has_advanced = true;
        }
        has_advanced |= self.start_downloads();
        while let Poll::Ready(Some((clip, result))) = poll_stream(&mut self.downloads, context) {
            while let Ok((uuid, progress)) = self.progress.1.try_recv() {
                self.updates
                    .push_back(ExportUpdate::Downloading { uuid, progress });
            }
            self.on_downloaded(clip, result);
            has_advanced = true;
        }
        while let Poll::Ready(Some((uuid, progress))) = self.progress.1.poll_recv(context) {
            self.updates
                .push_back(ExportUpdate::Downloading { uuid, progress });
            has_advanced = true;
        }
        has_advanced
    }

    fn is_finished(&self) -> bool {
        self.saving.is_none()
            && self.creations.is_empty()
            && self.downloads.is_empty()
            && self.complete.is_empty()
            && self.watches.as_ref().is_none_or(WatchAllStream::is_empty)
    }
}

fn poll_stream<S: Stream + Unpin>(
    stream: &mut S,
    context: &mut Context<'_>,
) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(context)
}

impl Stream for ExportStream {
    type Item = ExportUpdate;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<ExportUpdate>> {
        loop {
            if let Some(update) = self.updates.pop_front() {
                return Poll::Ready(Some(update));
            }
            if self.poll_progress(context) {
                continue;
            }
            if self.is_finished() {
                self.watch_handle = None;
                self.watches = None;
                return Poll::Ready(None);
            }
            return Poll::Pending;
        }
    }
}

impl fmt::Debug for ExportStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportStream")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
