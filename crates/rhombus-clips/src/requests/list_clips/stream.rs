//! The stream of clips over all pages.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::stream::{StreamExt as _, unfold};
use rhombus_clips_api::types::{
    GetClipsWithProgressRequest, GetClipsWithProgressResponse, SavedClip,
};

use super::ListClips;
use super::filter::Filter;
use super::pages::Pages;
use crate::error::{Error, ErrorKind, Result};
use crate::requests::Call;
use crate::{Clip, ClipUuid};

/// Stream of clips, from [`ListClips::stream`](crate::ListClips::stream): page by page, and in the order of the
/// service, which is undocumented.
///
/// A page is requested when the clips of the one before were taken, and memory is that of one page. A clip
/// that is created meanwhile shifts the list; a clip that comes again at once is left out, but one may be missed
/// if another is deleted.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// let mut clips = client.list_clips().page_size(50).stream();
/// while let Some(clip) = clips.next().await {
///     println!("{}", clip?.uuid());
/// }
/// assert_eq!(clips.unidentified(), 0);
/// # });
/// ```
///
/// # Errors
///
/// The stream ends after an error: that of a request, as for any call, or
/// [`ErrorKind::Decode`] for pages without end. After a failed request, [`page_token`](Self::page_token) is the
/// token of the page that is missing, to begin there with
/// [`ListClips::page_token`](crate::ListClips::page_token); `None` if it is the first.
///
/// # Cancellation
///
/// [`next`](Self::next) is cancel safe: after its future is dropped, the next call continues the same request.
#[must_use = "a stream does nothing until it is polled"]
pub struct ListClipsStream {
    stream: Pin<Box<dyn Stream<Item = Result<Clip>> + Send>>,
    position: Arc<Mutex<Position>>,
}

#[derive(Debug, Default)]
struct Position {
    page_token: Option<String>,
    unidentified: u64,
}

impl ListClipsStream {
    pub(super) fn new(list: ListClips) -> Self {
        let mut request = list.filter.request(list.page_size);
        request.page_token = list.page_token;
        let position = Arc::new(Mutex::new(Position {
            page_token: request.page_token.clone(),
            unidentified: 0,
        }));
        let lister = Lister {
            call: list.call,
            filter: list.filter,
            pages: Pages::default(),
            next: Some(request),
            clips: VecDeque::new(),
            error: None,
            position: position.clone(),
        };
        Self {
            stream: Box::pin(unfold(lister, Lister::next).fuse()),
            position,
        }
    }

    /// Returns the next clip; `None` after the end.
    pub async fn next(&mut self) -> Option<Result<Clip>> {
        poll_fn(|context| self.stream.as_mut().poll_next(context)).await
    }

    /// Token of the page that is requested next, or whose request failed; `None` for the first page, and
    /// after the last. Clips of the current page that were not taken yet are not on that page.
    pub fn page_token(&self) -> Option<String> {
        self.position().page_token.clone()
    }

    /// Number of records so far that have no valid UUID, or are no record at all. They are left out.
    pub fn unidentified(&self) -> u64 {
        self.position().unidentified
    }

    fn position(&self) -> std::sync::MutexGuard<'_, Position> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream for ListClipsStream {
    type Item = Result<Clip>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Clip>>> {
        self.stream.as_mut().poll_next(context)
    }
}

impl fmt::Debug for ListClipsStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListClipsStream")
            .field("position", &*self.position())
            .finish_non_exhaustive()
    }
}

/// State of the stream between two clips.
struct Lister {
    call: Call,
    filter: Filter,
    pages: Pages,
    /// Request for the next page; `None` after the last one.
    next: Option<GetClipsWithProgressRequest>,
    /// Clips of the current page that were not taken.
    clips: VecDeque<Clip>,
    /// Reason why no page follows the current one.
    error: Option<Error>,
    position: Arc<Mutex<Position>>,
}

impl Lister {
    async fn next(mut self) -> Option<(Result<Clip>, Self)> {
        loop {
            if let Some(clip) = self.clips.pop_front() {
                return Some((Ok(clip), self));
            }
            if let Some(error) = self.error.take() {
                return Some((Err(error), self));
            }
            let request = self.next.take()?;
            if let Err(error) = self.read_page(request).await {
                return Some((Err(error), self));
            }
        }
    }

    async fn read_page(&mut self, mut request: GetClipsWithProgressRequest) -> Result<()> {
        if !matches!(request.page_size, Some(1..=200)) {
            let message = format!(
                "a page of {} clips is not possible; the service takes 1 to 200",
                request.page_size.unwrap_or(0)
            );
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        let mut response = self.call.send(&request).await?.response;
        let token = response.page_token.take();
        let (clips, unidentified) = clips_of(response);
        let uuids: Vec<ClipUuid> = clips.iter().map(Clip::uuid).collect();
        let (pages, filter) = (&self.pages, &self.filter);
        let listed = clips
            .into_iter()
            .filter(|clip| !pages.is_duplicate(clip.uuid()) && filter.matches(clip));
        self.clips.extend(listed);
        let next = self.pages.next(&uuids, token);
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        position.unidentified += unidentified;
        position.page_token = None;
        match next {
            Ok(Some(token)) => {
                position.page_token = Some(token.clone());
                request.page_token = Some(token);
                self.next = Some(request);
            }
            Ok(None) => {}
            // The clips of this page are valid, and come first.
            Err(error) => self.error = Some(error),
        }
        Ok(())
    }
}

/// Returns the clips of a page, each with the decode issues of its own record, and the number of records that
/// are none.
pub(crate) fn clips_of(response: GetClipsWithProgressResponse) -> (Vec<Clip>, u64) {
    let GetClipsWithProgressResponse {
        saved_clips,
        warning_msg,
        decode_issues,
        ..
    } = response;
    let mut clips = Vec::new();
    let mut unidentified = 0;
    for (record, index) in saved_clips.into_iter().flatten().zip(0_u64..) {
        let identified = record.and_then(|record| Some((uuid_of(&record)?, record)));
        match identified {
            Some((uuid, record)) => {
                let issues = decode_issues.within(&format!("/savedClips/{index}/"));
                clips.push(Clip::new(uuid, record, warning_msg.clone(), issues));
            }
            None => unidentified += 1,
        }
    }
    (clips, unidentified)
}

fn uuid_of(record: &SavedClip) -> Option<ClipUuid> {
    record.uuid.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clip_has_its_own_decode_issues() {
        let uuid = |number| ClipUuid::from_bytes([number; 16]).to_string();
        let body = serde_json::json!({
            "savedClips": [
                {"uuid": uuid(1)},
                {"uuid": uuid(2), "title": 7},
                null,
                {"uuid": "clip 7"},
                "clip 8",
                {"uuid": uuid(3), "byteCount": []},
            ],
            "warningMsg": "slow",
        });
        let response = rhombus_clips_api::decode(body.to_string().as_bytes()).unwrap();
        let (clips, unidentified) = clips_of(response);
        assert_eq!(unidentified, 3);
        let issues: Vec<Vec<&str>> = clips
            .iter()
            .map(|clip| {
                clip.decode_issues()
                    .iter()
                    .map(|it| it.pointer.as_str())
                    .collect()
            })
            .collect();
        let expected: [&[&str]; 3] = [&[], &["/savedClips/1/title"], &["/savedClips/5/byteCount"]];
        assert_eq!(issues, expected);
        assert!(clips.iter().all(|clip| clip.warning() == Some("slow")));
    }
}
