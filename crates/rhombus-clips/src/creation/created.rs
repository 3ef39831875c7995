//! The clips that a request made, and the text of the intent that it was made with.

use std::collections::BTreeSet;
use std::str::FromStr;

use rhombus_clips_api::types::SpliceV3Response;

use crate::error::{Error, ErrorKind, Result};
use crate::text::{present, sanitize_line};
use crate::{ClipUuid, CreateIntent, FootageReport};

/// The clips that a request made, from [`Client::create_clip`](crate::Client::create_clip).
///
/// It is undocumented how many clips several cameras or ranges make, and whether one of them is a parent of the
/// others. All are here; [`watch_all`](crate::Client::watch_all) follows them.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
/// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
/// # let range = end - std::time::Duration::from_secs(60)..end;
/// # let new_clip = rhombus_clips::NewClip::builder(camera, range).build()?;
/// use rhombus_clips::CreatedClips;
///
/// let created: CreatedClips = client.create_clip(new_clip).await?;
/// for report in created.footage() {
///     println!("{report}"); // camera ...: all footage is available
/// }
/// println!("found after a lost response: {}", created.is_recovered());
/// println!("warning: {:?}", created.warning());
/// let clip = client.watch(created.uuid()).await?;
/// # assert!(clip.is_complete());
/// # });
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CreatedClips {
    pub(crate) first: ClipUuid,
    /// All of them, the first one included.
    pub(crate) uuids: Vec<ClipUuid>,
    pub(crate) is_recovered: bool,
    pub(crate) warning: Option<String>,
    pub(crate) footage: Vec<FootageReport>,
}

impl CreatedClips {
    /// Returns the clips with these identifiers; `None` if there are none.
    pub(crate) fn new(uuids: Vec<ClipUuid>) -> Option<Self> {
        Some(Self {
            first: *uuids.first()?,
            uuids,
            is_recovered: false,
            warning: None,
            footage: Vec::new(),
        })
    }

    /// The clip, or the first one of several: `clipUuid` of the response if it has one.
    pub fn uuid(&self) -> ClipUuid {
        self.first
    }

    /// All clips: `clipUuid` and `clipUuidList` of the response, each once, in order.
    pub fn uuids(&self) -> &[ClipUuid] {
        &self.uuids
    }

    /// Whether the response was lost, or the request was of another process, and the clips were found in the
    /// service's lists.
    pub fn is_recovered(&self) -> bool {
        self.is_recovered
    }

    /// Warning of the service beside the success.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// The footage that was known before the request, per camera; empty with
    /// [`FootagePolicy::Off`](crate::FootagePolicy::Off) and for a recovered clip of another process.
    pub fn footage(&self) -> &[FootageReport] {
        &self.footage
    }
}

impl FromStr for CreateIntent {
    type Err = Error;

    /// Reads the text of an intent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Checkpoint`] if it is not one, or of a version that this release does not read.
    fn from_str(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|error| Error::new(ErrorKind::Checkpoint, format!("invalid intent: {error}")))
    }
}

/// Returns the identifiers in a response, each once, in order, and the texts that are none.
pub(crate) fn identifiers(response: &SpliceV3Response) -> (Vec<ClipUuid>, Vec<String>) {
    let list = response.clip_uuid_list.iter().flatten().flatten();
    let texts = response.clip_uuid.iter().chain(list);
    let mut seen = BTreeSet::new();
    let (mut uuids, mut invalid) = (Vec::new(), Vec::new());
    for text in texts.filter(|text| present(text).is_some()) {
        match text.parse() {
            Ok(uuid) if seen.insert(uuid) => uuids.push(uuid),
            Ok(_) => {}
            Err(_) => invalid.push(sanitize_line(text)),
        }
    }
    (uuids, invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIPS: [ClipUuid; 3] = [
        ClipUuid::from_bytes([1; 16]),
        ClipUuid::from_bytes([2; 16]),
        ClipUuid::from_bytes([3; 16]),
    ];

    #[test]
    fn identifiers_are_united_in_order() {
        let [a, b, c] = CLIPS;
        let none: [Option<ClipUuid>; 0] = [];
        for (one, list, expected) in [
            (Some(a), &none[..], &[a][..]),
            (None, &[Some(a)], &[a]),
            (None, &[None, Some(b), Some(a), Some(b)], &[b, a]),
            (Some(c), &[Some(a), Some(c), Some(b)], &[c, a, b]),
            (None, &none, &[]),
        ] {
            let mut response = SpliceV3Response::default();
            response.clip_uuid = one.map(|uuid| uuid.to_string());
            let list = list.iter().map(|uuid| uuid.map(|uuid| uuid.to_string()));
            response.clip_uuid_list = Some(list.collect());
            assert_eq!(identifiers(&response), (expected.to_vec(), vec![]));
        }
    }

    #[test]
    fn what_is_no_identifier_is_told() {
        let mut response = SpliceV3Response::default();
        response.clip_uuid = Some("clip\n7".to_owned());
        response.clip_uuid_list = Some(vec![Some(" ".to_owned()), Some(CLIPS[0].to_string())]);
        let invalid = vec!["clip 7".to_owned()];
        assert_eq!(identifiers(&response), (vec![CLIPS[0]], invalid));
    }
}
