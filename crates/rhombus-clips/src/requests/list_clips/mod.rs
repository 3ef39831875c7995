//! The request builder of [`Client::list_clips`](crate::Client::list_clips), and its stream.

mod filter;
mod pages;
mod stream;

use std::time::SystemTime;

use super::{Call, call::call_settings};
use crate::{Clip, DeviceFacetUuid, Result};
use filter::Filter;
pub use stream::ListClipsStream;
pub(crate) use stream::clips_of as clips_of_page;

/// Clips on a page unless set: the most that the service takes, for the fewest requests.
pub(crate) const PAGE_SIZE: u8 = 200;

/// Request for the saved clips of the organization, from [`Client::list_clips`](crate::Client::list_clips).
///
/// Nothing is sent before the [stream](Self::stream) is polled. Without a filter, all clips are listed. Of
/// several filters, all apply.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// use std::time::{Duration, SystemTime};
///
/// let yesterday = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
/// let mut clips = client.list_clips().created_after(yesterday).stream();
/// while let Some(clip) = clips.next().await {
///     let clip = clip?;
///     println!("{} {} {:?}", clip.uuid(), clip.status(), clip.title());
/// }
/// # });
/// ```
///
/// More filters, and the place to continue after an error:
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let (monday, friday) = (std::time::UNIX_EPOCH, std::time::SystemTime::now());
/// let list = client
///     .list_clips()
///     .recorded_after(monday)
///     .recorded_before(friday)
///     .created_before(friday)
///     .search("delivery")
///     .page_size(100);
/// let mut clips = list.clone().stream();
/// while let Some(clip) = clips.next().await {
///     match clip {
///         Ok(clip) => println!("{}", clip.uuid()),
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// // There is one only after an error. Later, or in another process:
/// if let Some(token) = clips.page_token() {
///     let missing = list.page_token(token).stream();
/// }
/// # });
/// ```
///
/// # Filters
///
/// The service has one time filter, and it is undocumented whether it compares the creation of a clip or its
/// footage, and whether a bound is included. So a filter is sent only where it cannot lose a clip either way,
/// and this crate applies all filters again to the clips that it receives. A clip is not created before its
/// footage starts; so [`recorded_after`](Self::recorded_after) and [`created_before`](Self::created_before)
/// make fewer pages, and the other two do not. A clip without the property that is
/// compared is listed.
#[must_use = "a list does nothing until its stream is polled"]
#[derive(Clone, Debug)]
pub struct ListClips {
    call: Call,
    filter: Filter,
    page_size: u8,
    page_token: Option<String>,
}

impl ListClips {
    pub(crate) fn new(call: Call) -> Self {
        Self {
            call,
            filter: Filter::default(),
            page_size: PAGE_SIZE,
            page_token: None,
        }
    }

    call_settings!();

    /// Lists clips of this camera, whatever its facet is; of several, the clips of any.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
    /// let clips = client.list_clips().device(camera).collect().await?;
    /// # assert!(clips.is_empty());
    /// # });
    /// ```
    pub fn device(mut self, device: impl Into<DeviceFacetUuid>) -> Self {
        self.filter.cameras.push(device.into().camera());
        self
    }

    /// Lists clips that were created at this time or later.
    pub fn created_after(mut self, time: SystemTime) -> Self {
        self.filter.created.start = Some(time);
        self
    }

    /// Lists clips that were created before this time.
    pub fn created_before(mut self, time: SystemTime) -> Self {
        self.filter.created.end = Some(time);
        self
    }

    /// Lists clips whose footage starts at this time or later.
    pub fn recorded_after(mut self, time: SystemTime) -> Self {
        self.filter.recorded.start = Some(time);
        self
    }

    /// Lists clips whose footage starts before this time.
    pub fn recorded_before(mut self, time: SystemTime) -> Self {
        self.filter.recorded.end = Some(time);
        self
    }

    /// Lists clips that the service finds by this text. Which properties it searches is undocumented.
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.filter.search = Some(text.into());
        self
    }

    /// Sets the number of clips of a page, 1 to 200: a request each. Default: 200. Another number is an error
    /// of kind [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest), the first item of the stream.
    pub fn page_size(mut self, clips: u8) -> Self {
        self.page_size = clips;
        self
    }

    /// Begins with a later page, of a token from
    /// [`ListClipsStream::page_token`](ListClipsStream::page_token), with the same filters. How long a token
    /// is valid is undocumented.
    pub fn page_token(mut self, token: impl Into<String>) -> Self {
        self.page_token = Some(token.into());
        self
    }

    /// Returns the clips, as a stream over all pages.
    pub fn stream(self) -> ListClipsStream {
        ListClipsStream::new(self)
    }

    /// Lists all clips into memory.
    ///
    /// # Errors
    ///
    /// Those of the [stream](ListClipsStream).
    pub async fn collect(self) -> Result<Vec<Clip>> {
        let mut stream = self.stream();
        let mut clips = Vec::new();
        while let Some(clip) = stream.next().await {
            clips.push(clip?);
        }
        Ok(clips)
    }
}
