//! The media host, and the storage service that it may redirect to.

use super::clips::Current;
use super::file_path::{FilePath, MEDIA_PREFIX, STORAGE_PREFIX};
use super::routing::IncomingRequest;
use super::simulation::{Outcome, Simulation};
use crate::auth::{self, AuthError};
use crate::behavior::{MediaValidator, WrongRegion};
use crate::body::Body;
use crate::media_file::{FileKind, MediaFile};
use crate::response::Response;
use crate::rng::combine_index;
use rhombus_clips_api::types::ClipStatus;
use std::ops::Range;
use std::time::{Duration, UNIX_EPOCH};

/// Length of a thumbnail in bytes. Chosen.
const THUMBNAIL_BYTES: u64 = 2048;

impl Simulation {
    /// Responds as the media host does.
    pub(super) fn get_media(&mut self, now: Duration, request: &IncomingRequest<'_>) -> Outcome {
        match auth::authenticate(&request.credentials, &self.settings.api_key) {
            Ok(()) => {}
            Err(AuthError::Unauthenticated) => return Response::unauthenticated().into(),
            Err(AuthError::AccessDenied) => {
                return Response::access_denied(self.unix_ms(now)).into();
            }
        }
        let Some(path) = FilePath::parse(request.path, MEDIA_PREFIX) else {
            return Response::not_found().into();
        };
        let Some(regions) = self.regions_with_file(now, path.uuid) else {
            return Response::not_found().into();
        };
        if !regions.iter().any(|region| region == path.region) {
            return match self.settings.behavior.wrong_region {
                WrongRegion::NotFound => Response::not_found().into(),
                WrongRegion::Forbidden => Response::access_denied(self.unix_ms(now)).into(),
            };
        }
        if self.settings.behavior.media_redirects {
            let (region, file) = (
                path.region,
                request.path.rsplit('/').next().unwrap_or_default(),
            );
            let signature = self.signature(path.uuid);
            let url = format!(
                "{}{STORAGE_PREFIX}{region}/{file}?signature={signature}",
                self.urls.storage
            );
            return Response::redirect(302, url).into();
        }
        self.send_file(path, request).into()
    }

    /// Responds as a storage service does to a presigned URL.
    pub(super) fn get_storage(&mut self, now: Duration, request: &IncomingRequest<'_>) -> Outcome {
        if request.credentials.api_key.is_some() {
            return Response::status(400)
                .body("only one way to authenticate is allowed")
                .into();
        }
        let Some(path) = FilePath::parse(request.path, STORAGE_PREFIX) else {
            return Response::not_found().into();
        };
        let signature = format!("signature={}", self.signature(path.uuid));
        if request.query != Some(signature.as_str()) {
            return Response::status(403)
                .body("the signature does not match")
                .into();
        }
        match self.regions_with_file(now, path.uuid) {
            Some(_) => self.send_file(path, request).into(),
            None => Response::not_found().into(),
        }
    }

    /// Returns the regions that have a clip's file; `None` if there is none, or not yet.
    fn regions_with_file(&mut self, now: Duration, uuid: &str) -> Option<Vec<String>> {
        let Some(Current::Record {
            fields,
            since,
            regions,
            ..
        }) = self.current(now, uuid)
        else {
            return None;
        };
        let is_there = now >= since.saturating_add(self.settings.behavior.file_delay);
        (fields.status == ClipStatus::Complete && is_there).then_some(regions)
    }

    fn send_file(&mut self, path: FilePath<'_>, request: &IncomingRequest<'_>) -> Response {
        let seed = self.settings.seed;
        let Some(registered) = self.clips.get_mut(path.uuid) else {
            return Response::not_found();
        };
        let (file, hash) = match path.kind {
            FileKind::Video => {
                let facts = registered.file_facts(seed, path.uuid);
                (registered.file(seed, path.uuid), facts.sha256_hex)
            }
            FileKind::Thumbnail => {
                let version = registered.file_version;
                let file = MediaFile::new(seed, path.uuid, version, path.kind, THUMBNAIL_BYTES);
                let hash = file.sha256_hex();
                (file, hash)
            }
        };
        // One day apart, because dates have seconds.
        let day = Duration::from_secs(24 * 60 * 60);
        let age = day.saturating_mul(u32::try_from(registered.file_version).unwrap_or(u32::MAX));
        let modified = self
            .time_at(Duration::ZERO)
            .checked_add(age)
            .unwrap_or(UNIX_EPOCH);
        let modified = httpdate::fmt_http_date(modified);
        let etag = format!("\"{}\"", hash.get(..32).unwrap_or_default());
        let behavior = &self.settings.behavior;
        let validators = match behavior.media_validator {
            MediaValidator::Strong => vec![("ETag", etag), ("Last-Modified", modified)],
            MediaValidator::Weak => vec![("ETag", format!("W/{etag}"))],
            MediaValidator::LastModified => vec![("Last-Modified", modified)],
            MediaValidator::None => Vec::new(),
        };
        let is_same = request.if_range.is_none_or(|condition| {
            let mut strong = validators.iter().filter(|(_, it)| !it.starts_with("W/"));
            strong.any(|(_, it)| it == condition)
        });
        // As RFC 9110 has it, only a GET has ranges.
        let takes_range = request.method == "GET" && behavior.honors_ranges && is_same;
        let range = request.range.filter(|_| takes_range);
        let length = file.len();
        let response = match range.map(|range| parse_range(range, length)) {
            Some(Some(range)) if range.is_empty() => {
                Response::status(416).header("Content-Range", format!("bytes */{length}"))
            }
            Some(Some(range)) => Response::status(206)
                .header(
                    "Content-Range",
                    format!("bytes {}-{}/{length}", range.start, range.end - 1),
                )
                .media_body(Body::file(file, range)),
            // A range that is not understood is ignored.
            Some(None) | None => Response::status(200).media_body(Body::file(file, 0..length)),
        };
        let response = match path.kind {
            FileKind::Video => response.header("Content-Type", "video/mp4"),
            FileKind::Thumbnail => response.header("Content-Type", "image/jpeg"),
        };
        let response = match behavior.honors_ranges {
            true => response.header("Accept-Ranges", "bytes"),
            false => response,
        };
        let response = validators
            .into_iter()
            .fold(response, |response, (name, value)| {
                response.header(name, value)
            });
        match self.settings.media_rate {
            Some(bytes_per_sec) => response.at_rate(bytes_per_sec),
            None => response,
        }
    }

    fn signature(&self, uuid: &str) -> String {
        format!("{:016x}", combine_index(self.settings.seed, uuid, u64::MAX))
    }
}

/// Parses a range in bytes, which is empty if it cannot be satisfied; `None` for one that is not understood.
fn parse_range(text: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first, last) {
        ("", suffix) => length.saturating_sub(suffix.parse().ok()?)..length,
        (first, "") => first.parse().ok()?..length,
        (first, last) => {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            if last < first {
                return None;
            }
            first..length.min(last.saturating_add(1))
        }
    };
    Some(if range.is_empty() { 0..0 } else { range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, expected) in [
            ("bytes=0-", Some(0..10)),
            ("bytes=4-", Some(4..10)),
            ("bytes=4-5", Some(4..6)),
            ("bytes=4-99", Some(4..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=10-", Some(0..0)),
            ("bytes=10-12", Some(0..0)),
            ("bytes=5-4", None),
            ("bytes=0-1,4-5", None),
            ("items=0-1", None),
        ] {
            assert_eq!(parse_range(text, 10), expected, "{text}");
        }
    }
}
