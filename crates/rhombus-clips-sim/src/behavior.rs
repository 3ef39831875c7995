//! Switches for what is undocumented: one per open question, each with a default.

use std::time::Duration;

/// Answers to the questions that the service's documentation leaves open. A client has to cope with each of
/// them.
///
/// [`Behavior::default`] is what the service's own clients suggest, [`Behavior::alternative`] answers every
/// question the other way.
///
/// ```
/// use rhombus_clips_sim::prelude::*;
/// use rhombus_clips_sim::{Behavior, DeletedClip};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut behavior = Behavior::default();
/// behavior.deleted_clip = DeletedClip::Gone;
/// let service = Service::builder().behavior(behavior).start().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Behavior {
    /// The clips of a request for several cameras. Default: [`SeveralClips::Joined`].
    pub several_cameras: SeveralClips,
    /// The clips of a request for several time ranges. Default: [`SeveralClips::Joined`].
    pub several_ranges: SeveralClips,
    /// Whether the record of a parent is complete at the end. Default: true.
    pub placeholder_completes: bool,
    /// Whether the limit of a plain request counts all cameras together. Default: false.
    pub limit_counts_cameras: bool,
    /// Response to a clip that is too long, or in the future. Default: [`InvalidRange::Error`].
    pub invalid_range: InvalidRange,
    /// Whether a successful `spliceV3` has a warning. Default: false.
    pub splice_warns: bool,
    /// Whether a clip that is not saved to the console has a record. Default: true.
    pub unsaved_has_record: bool,
    /// The end of a clip without footage. Default: [`NoFootage::Complete`].
    pub no_footage: NoFootage,
    /// The state of a canceled clip. Default: [`CanceledClip::Deleted`].
    pub canceled_clip: CanceledClip,
    /// Whether `cancelSpliceV2` fails without `deviceUuids`. Default: false.
    pub cancel_needs_devices: bool,
    /// Whether it is an error to cancel, retry or delete a clip that is in no state for it: complete, not failed,
    /// or gone. Default: true.
    pub rejects_repeats: bool,
    /// The state of a deleted clip. Default: [`DeletedClip::Deleted`].
    pub deleted_clip: DeletedClip,
    /// Whether a clip that is offline can be rendered again. Default: false.
    pub retries_offline: bool,
    /// Whether a clip leaves the list of clips in progress when its upload is over. Otherwise it leaves at its
    /// end. Default: false.
    pub leaves_after_upload: bool,
    /// Service time until a new clip has a record. Default: 0.
    pub record_delay: Duration,
    /// Service time until a new clip is in the list of saved clips. Default: 0.
    pub list_delay: Duration,
    /// Token of the last page. Default: [`LastToken::Null`].
    pub last_token: LastToken,
    /// Whether a page has a token unless it is empty, so that the last page is. Default: false.
    pub last_page_is_empty: bool,
    /// Whether a token is valid only until the next first page is requested. Default: false.
    pub tokens_expire: bool,
    /// Order of the list. Default: [`ListOrder::NewestFirst`].
    pub list_order: ListOrder,
    /// Whether the time filters compare the start of the footage, in place of the creation. Default: false.
    pub filters_by_footage: bool,
    /// Whether the bounds of the time filters are included. Default: true.
    pub bounds_are_included: bool,
    /// Whether a request without `pageSize` is refused, in place of a page of 100 clips. Default: false.
    pub requires_page_size: bool,
    /// The place of a file's location in its record. Default: [`FileLocation::AtCompletion`].
    pub file_location: FileLocation,
    /// Time after its completion for which a clip's file is not there: 404. Default: 0.
    pub file_delay: Duration,
    /// Response to a request for a file in another region than its own. Default: [`WrongRegion::NotFound`].
    pub wrong_region: WrongRegion,
    /// Whether the media host honors `Range`. Default: true.
    pub honors_ranges: bool,
    /// Header that identifies the version of a file. Default: [`MediaValidator::Strong`].
    pub media_validator: MediaValidator,
    /// Whether the media host redirects to a presigned URL of the storage host. Default: false.
    pub media_redirects: bool,
    /// Whether the record of a complete clip has `sha256Hex`. Default: [`FileChecksum::Present`].
    pub file_checksum: FileChecksum,
    /// Whether the record of a complete clip has the length of its file as `byteCount`, and not 0. Default: true.
    pub states_byte_count: bool,
    /// Whether `updateSavedClip` clears the properties that are absent. Default: false.
    pub update_clears: bool,
    /// Whether responses have no header `Date`. Default: false.
    pub omits_date: bool,
}

impl Default for Behavior {
    fn default() -> Self {
        Self {
            several_cameras: SeveralClips::Joined,
            several_ranges: SeveralClips::Joined,
            placeholder_completes: true,
            limit_counts_cameras: false,
            invalid_range: InvalidRange::Error,
            splice_warns: false,
            unsaved_has_record: true,
            no_footage: NoFootage::Complete,
            canceled_clip: CanceledClip::Deleted,
            cancel_needs_devices: false,
            rejects_repeats: true,
            deleted_clip: DeletedClip::Deleted,
            retries_offline: false,
            leaves_after_upload: false,
            record_delay: Duration::ZERO,
            list_delay: Duration::ZERO,
            last_token: LastToken::Null,
            last_page_is_empty: false,
            tokens_expire: false,
            list_order: ListOrder::NewestFirst,
            filters_by_footage: false,
            bounds_are_included: true,
            requires_page_size: false,
            file_location: FileLocation::AtCompletion,
            file_delay: Duration::ZERO,
            wrong_region: WrongRegion::NotFound,
            honors_ranges: true,
            media_validator: MediaValidator::Strong,
            media_redirects: false,
            file_checksum: FileChecksum::Present,
            states_byte_count: true,
            update_clears: false,
            omits_date: false,
        }
    }
}

impl Behavior {
    /// Returns the other answer to every question, except for the header `Date`: of several other answers, the
    /// one that asks more of a client.
    pub fn alternative() -> Self {
        Self {
            several_cameras: SeveralClips::Parent,
            several_ranges: SeveralClips::Each,
            placeholder_completes: false,
            limit_counts_cameras: true,
            invalid_range: InvalidRange::FailedClip,
            splice_warns: true,
            unsaved_has_record: false,
            no_footage: NoFootage::Failed,
            canceled_clip: CanceledClip::Gone,
            cancel_needs_devices: true,
            rejects_repeats: false,
            deleted_clip: DeletedClip::Gone,
            retries_offline: true,
            leaves_after_upload: true,
            record_delay: Duration::from_secs(2),
            list_delay: Duration::from_secs(5),
            last_token: LastToken::Empty,
            last_page_is_empty: true,
            tokens_expire: true,
            list_order: ListOrder::OldestFirst,
            filters_by_footage: true,
            bounds_are_included: false,
            requires_page_size: true,
            file_location: FileLocation::V2Only,
            file_delay: Duration::from_secs(3),
            wrong_region: WrongRegion::Forbidden,
            honors_ranges: false,
            media_validator: MediaValidator::None,
            media_redirects: true,
            file_checksum: FileChecksum::Absent,
            states_byte_count: false,
            update_clears: true,
            omits_date: false,
        }
    }
}

/// Clips that one request for several cameras or ranges makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SeveralClips {
    /// One clip, in `clipUuid`.
    Joined,
    /// A clip for each, in `clipUuidList`.
    Each,
    /// A parent, which is a placeholder, in `clipUuid`, and its parts in `clipUuidList`.
    Parent,
}

/// Response to a request for a clip that is too long, or in the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidRange {
    /// 200 with `error`.
    Error,
    /// 400.
    BadRequest,
    /// A clip, which fails.
    FailedClip,
}

/// End of a clip without footage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoFootage {
    /// It is complete, with placeholder frames.
    Complete,
    /// It fails.
    Failed,
}

/// State of a canceled clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CanceledClip {
    /// Status `DELETED`.
    Deleted,
    /// Status `FAILED`.
    Failed,
    /// No record.
    Gone,
    /// As if it were not canceled.
    Unchanged,
}

/// State of a deleted clip, which no list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeletedClip {
    /// Status `DELETED`.
    Deleted,
    /// No record.
    Gone,
}

/// Token of the last page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LastToken {
    /// Null.
    Null,
    /// The property is absent.
    Absent,
    /// An empty text.
    Empty,
}

/// Order of the list of clips.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListOrder {
    /// The clip that was created last comes first.
    NewestFirst,
    /// The clip that was created first comes first.
    OldestFirst,
    /// An order of the seed.
    Random,
}

/// Location of a clip's file in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileLocation {
    /// `clipLocation`, as soon as the clip is complete.
    AtCompletion,
    /// `clipLocation`, from the beginning.
    FromTheBeginning,
    /// `clipLocationV2` alone, with the region, as soon as the clip is complete.
    V2Only,
    /// `clipLocationV2` alone, with a URL of the media host.
    Url,
    /// `thumbnailLocation` alone.
    ThumbnailOnly,
}

/// Response to a request for a file in another region than its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WrongRegion {
    /// 404.
    NotFound,
    /// 403.
    Forbidden,
}

/// Header that identifies the version of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaValidator {
    /// A strong `ETag`, and `Last-Modified`.
    Strong,
    /// A weak `ETag`.
    Weak,
    /// `Last-Modified` alone.
    LastModified,
    /// Nothing.
    None,
}

/// Whether a record has the SHA-256 of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileChecksum {
    /// It does.
    Present,
    /// It does not.
    Absent,
}
