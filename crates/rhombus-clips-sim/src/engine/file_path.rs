//! Paths of files on the media host and at the storage service, and the regions in a record.

use crate::media_file::FileKind;
use serde_json::{Map, Value};

/// A file in the path of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FilePath<'a> {
    pub(super) region: &'a str,
    pub(super) uuid: &'a str,
    pub(super) kind: FileKind,
}

impl<'a> FilePath<'a> {
    /// Parses a path below `prefix`, such as `us-west-2/Vu0s9xQbQ1OsHk3tLw6rWg.mp4`.
    pub(super) fn parse(path: &'a str, prefix: &str) -> Option<Self> {
        let (region, file) = path.strip_prefix(prefix)?.split_once('/')?;
        let (uuid, extension) = file.rsplit_once('.')?;
        let kind = match extension {
            "mp4" => FileKind::Video,
            "jpeg" => FileKind::Thumbnail,
            _ => return None,
        };
        Some(Self { region, uuid, kind })
    }
}

/// Paths of files on the media host.
pub(super) const MEDIA_PREFIX: &str = "/media/metadata/";
/// Paths of files at the storage service.
pub(super) const STORAGE_PREFIX: &str = "/storage/";

/// Returns the regions that a record names.
pub(super) fn regions_of(record: &Map<String, Value>) -> Vec<String> {
    let region = |property: &str| {
        record
            .get(property)?
            .get("region")?
            .as_str()
            .map(str::to_owned)
    };
    ["clipLocation", "thumbnailLocation"]
        .into_iter()
        .filter_map(region)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let path = FilePath::parse("/media/metadata/us-west-2/abc.mp4", MEDIA_PREFIX).unwrap();
        assert_eq!(
            (path.region, path.uuid, path.kind),
            ("us-west-2", "abc", FileKind::Video)
        );
        for other in [
            "/media/metadata/abc.mp4",
            "/media/metadata/r/abc.mov",
            "/storage/r/a.mp4",
        ] {
            assert_eq!(FilePath::parse(other, MEDIA_PREFIX), None, "{other}");
        }
    }
}
