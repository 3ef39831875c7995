//! Requests that answer for many clips: when they are sent, and what they change.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task;
use tokio::time::Instant;

use super::super::batch::{Batch, Listed};
use super::super::list_requests::{ListResponse, request_list};
use super::{Completed, Scheduler};
use crate::polling::BatchRequest;
use crate::watch::update::ClipUpdate;
use crate::{Clip, Error, telemetry};

/// Time without lists after one was refused. Chosen, not tuned: one request in this time is no load, and a response
/// that was wrong for a moment does not make a watch of days expensive.
const REFUSAL_PERIOD: Duration = Duration::from_secs(10 * 60);

impl Scheduler {
    /// Sends the next request of the batch, if it is due.
    pub(super) fn start_batch(&mut self, now: Instant, runtime: &Handle) -> bool {
        let Some(batch) = &mut self.batch else {
            return false;
        };
        let request = match batch.next(now) {
            Some((due, request)) if due <= now => request,
            _ => return false,
        };
        if let BatchRequest::Clip(uuid) = request {
            let mut watches = self.watches.lock();
            match watches.scheduled(uuid) {
                Some(watch) => {
                    watches.unschedule(uuid, &watch);
                    drop(watches);
                    self.spawn_poll(uuid, watch, runtime);
                }
                // It was removed meanwhile.
                None => batch.remove(uuid),
            }
        } else if let Some((list, number)) = batch.list(request) {
            let transport = self.transport.clone();
            let watches = self.watches.clone();
            let list = async move {
                let on_sent = || watches.count_request();
                Completed::List(request_list(&transport, list, number, on_sent).await)
            };
            let task = telemetry::in_current_span(list);
            let task = self.requests.spawn_on(task, runtime);
            batch.set_in_flight(request, task);
        }
        true
    }

    /// Requests lists again some time after a refusal. A clip takes part once it is due.
    pub(super) fn retry_batch(&mut self) {
        let retry_at = self.batch_retry_at;
        if retry_at.is_some_and(|retry_at| retry_at <= Instant::now()) {
            self.batch_retry_at = None;
            self.batch = Some(Batch::new());
        }
    }

    /// Processes the outcome of a list.
    pub(super) fn on_listed(
        &mut self,
        task: task::Id,
        result: Result<ListResponse, Option<Error>>,
    ) {
        let Some(batch) = &mut self.batch else {
            return;
        };
        let has_retry = match &result {
            Err(Some(error)) if error.is_transient() => self.transport.withdraw(),
            _ => true,
        };
        match batch.finish(task, result, has_retry) {
            Listed::Nothing => {}
            Listed::Refused => self.end_batch(),
            Listed::Clips { clips, sent_at } => {
                self.has_listed = true;
                let records = clips.into_iter().map(|clip| (clip, sent_at));
                self.records.extend(records);
            }
        }
    }

    /// Processes the next record of a page. One at a time: a clip whose update waits for its reader would
    /// have neither a result nor a checkpoint.
    pub(super) fn on_record(&mut self, clip: Clip, sent_at: Duration) -> Option<ClipUpdate> {
        let uuid = clip.uuid();
        if !self.batch.as_ref()?.awaits(uuid, sent_at) {
            return None;
        }
        let watch = self.watches.lock().scheduled(uuid)?;
        // The final poll is a request of its own.
        if watch.lock().deadline() <= Instant::now() {
            return None;
        }
        let outcome = watch.observe(&self.transport, clip);
        self.on_completed(&watch, outcome)
    }

    /// From now on, polls each clip by itself: for a while if lists were received before, and otherwise for good.
    fn end_batch(&mut self) {
        let Some(batch) = self.batch.take() else {
            return;
        };
        self.batch_retry_at = self.has_listed.then(|| Instant::now() + REFUSAL_PERIOD);
        for uuid in batch.clips() {
            let watch = self.watches.lock().scheduled(uuid);
            if let Some(watch) = watch {
                let due = watch.lock().due().unwrap_or_else(Instant::now);
                self.watches.lock().schedule(uuid, due);
            }
        }
    }
}
