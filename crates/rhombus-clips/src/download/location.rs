//! Possible locations of a clip's file: the candidates in its record, in order.
//!
//! It is undocumented which property holds the region of the file, and whether `clipLocationV2` is a region, a
//! path or a URL, so all are candidates. Nothing is guessed beyond the record: a region that no property names
//! is no candidate.

use reqwest::Url;
use rhombus_clips_api::types::{MetaDataLocation, SavedClip};

use crate::ClipUuid;
use crate::text::{present, sanitize_line};

/// Length in bytes of a region. Chosen, not tuned: several times that of the known ones, such as `us-west-2`.
const MAX_REGION_BYTES: usize = 64;

/// Kind of file that a clip has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    Video,
    Thumbnail,
}

impl FileKind {
    /// Extension of the file, without the dot.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Video => "mp4",
            Self::Thumbnail => "jpeg",
        }
    }
}

/// A place where a file may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// A region of the media host.
    Region(String),
    /// A URL, or a path of the media host.
    Reference(String),
}

/// The candidates for the place of a file, in order, each once, and the texts that are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Locations {
    pub(crate) candidates: Vec<Location>,
    pub(crate) invalid: Vec<String>,
}

impl Locations {
    /// Reads the candidates from a record.
    ///
    /// A file is looked for where its own location is, then where the other one is, and then in the regions
    /// that the record names for its devices.
    pub(crate) fn of(record: &SavedClip, kind: FileKind) -> Self {
        let region = |location: &Option<MetaDataLocation>| location.as_ref()?.region.clone();
        let clip = [
            region(&record.clip_location),
            record.clip_location_v2.clone(),
        ];
        let thumbnail = [
            region(&record.thumbnail_location),
            record.thumbnail_location_v2.clone(),
        ];
        let own_and_other = match kind {
            FileKind::Video => [clip, [thumbnail[0].clone(), None]],
            FileKind::Thumbnail => [thumbnail, [clip[0].clone(), None]],
        };
        let devices = record.device_uuid_map.iter().flatten();
        let devices = devices.map(|(_, location)| region(location));
        let mut locations = Self::default();
        let texts = own_and_other.into_iter().flatten().chain(devices).flatten();
        texts.for_each(|text| locations.add(&text));
        locations
    }

    fn add(&mut self, text: &str) {
        let Some(text) = present(text).map(str::trim) else {
            return;
        };
        let location = match text {
            region if is_region(region) => Location::Region(region.to_owned()),
            reference if reference.contains('/') => Location::Reference(reference.to_owned()),
            invalid => {
                self.invalid.push(sanitize_line(invalid));
                return;
            }
        };
        if !self.candidates.contains(&location) {
            self.candidates.push(location);
        }
    }
}

/// Returns whether a text can be a region: one segment of a path that means nothing else.
fn is_region(text: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=MAX_REGION_BYTES).contains(&text.len()) && text.bytes().all(is_known)
}

impl Location {
    /// Returns the URL of a clip's file here, on this media host; `None` for a text that is no URL with a host, or one
    /// that is not requested: of another scheme than https and the media host's.
    pub(crate) fn url(&self, media: &Url, uuid: ClipUuid, kind: FileKind) -> Option<Url> {
        match self {
            Self::Region(region) => {
                let mut url = media.clone();
                let file = format!("{uuid}.{}", kind.extension());
                url.path_segments_mut()
                    .ok()?
                    .pop_if_empty()
                    .extend(["media", "metadata", region, &file]);
                Some(url)
            }
            Self::Reference(text) => {
                let url = match Url::parse(text) {
                    Ok(url) => url,
                    Err(_) => media
                        .join(&format!("/{}", text.trim_start_matches('/')))
                        .ok()?,
                };
                let is_plain = url.username().is_empty() && url.password().is_none();
                let is_allowed = url.scheme() == "https" || url.scheme() == media.scheme();
                (url.has_host() && is_plain && is_allowed).then_some(url)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(json: &str) -> SavedClip {
        serde_json::from_str(json).unwrap()
    }

    fn region(text: &str) -> Location {
        Location::Region(text.to_owned())
    }

    #[test]
    fn candidates_are_in_order_and_each_is_there_once() {
        let record = record(
            r#"{
                "clipLocation": {"region": "us-west-2"},
                "clipLocationV2": "us-east-2",
                "thumbnailLocation": {"region": "us-west-1"},
                "thumbnailLocationV2": "eu-west-1",
                "deviceUuidMap": {"a": {"region": "us-west-2"}, "b": null, "c": {"region": "ap-south-1"}}
            }"#,
        );
        let candidates = |kind| Locations::of(&record, kind).candidates;
        let regions = |names: &[&str]| names.iter().map(|name| region(name)).collect::<Vec<_>>();
        assert_eq!(
            candidates(FileKind::Video),
            regions(&["us-west-2", "us-east-2", "us-west-1", "ap-south-1"])
        );
        assert_eq!(
            candidates(FileKind::Thumbnail),
            regions(&["us-west-1", "eu-west-1", "us-west-2", "ap-south-1"])
        );
    }

    #[test]
    fn nothing_is_guessed() {
        let record = record(r#"{"clipLocation": {"region": "  "}, "clipLocationV2": ".."}"#);
        let locations = Locations::of(&record, FileKind::Video);
        assert_eq!(locations.candidates, []);
        assert_eq!(locations.invalid, [".."]);
    }

    #[test]
    fn urls() {
        let media = Url::parse("https://media.example/base/").unwrap();
        let uuid = ClipUuid::from_bytes([0; 16]);
        let url = |location: Location| {
            let url = location.url(&media, uuid, FileKind::Video);
            url.map(|url| url.to_string())
        };
        let reference = |text: &str| url(Location::Reference(text.to_owned()));
        assert_eq!(
            url(region("us-west-2")).unwrap(),
            "https://media.example/base/media/metadata/us-west-2/AAAAAAAAAAAAAAAAAAAAAA.mp4"
        );
        assert_eq!(
            reference("https://files.example/a.mp4?sig=1").unwrap(),
            "https://files.example/a.mp4?sig=1"
        );
        for path in ["/x/a.mp4", "x/a.mp4", "//x/a.mp4"] {
            assert_eq!(reference(path).unwrap(), "https://media.example/x/a.mp4");
        }
        assert_eq!(reference("https://me:pw@files.example/a"), None);
        assert_eq!(reference("file:///etc/passwd"), None);
        assert_eq!(reference("s3://bucket/a.mp4"), None);
        assert_eq!(reference("http://media.example/a.mp4"), None);
    }
}
