//! The meaning of a media host's response, without I/O: which bytes follow, and whether they continue what is
//! there.
//!
//! Whether the media host honors ranges is undocumented, and so are its validators. Bytes are appended only if
//! the response says that they begin where the file ends, and nothing says that they are of another version.

use std::num::NonZeroU64;

use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_RANGE, RANGE,
};

use super::location::FileKind;
use super::verification::Expected;
use crate::error::{Error, ErrorKind, Hint, Result};
use crate::text::sanitize_line;

/// Bytes of a file that are there, and their version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Version {
    /// Length of the file.
    pub(crate) total: Option<u64>,
    /// Strong entity tag.
    pub(crate) etag: Option<String>,
}

impl Version {
    /// Returns the headers that ask for the rest of the file; `None` if what is there cannot be continued with
    /// certainty. Without a strong validator, only a SHA-256 of the whole file can tell that the parts belong
    /// together.
    pub(crate) fn range_headers(
        &self,
        offset: u64,
        expected: &Expected,
    ) -> Option<Vec<(HeaderName, HeaderValue)>> {
        let offset = NonZeroU64::new(offset)?;
        let range = HeaderValue::from_str(&format!("bytes={offset}-")).ok()?;
        let etag = self
            .etag
            .as_deref()
            .and_then(|etag| HeaderValue::from_str(etag).ok());
        match etag {
            Some(etag) => Some(vec![(RANGE, range), (IF_RANGE, etag)]),
            None if expected.sha256.is_some() => Some(vec![(RANGE, range)]),
            None => None,
        }
    }
}

/// Meaning of a response.
#[derive(Debug)]
pub(crate) enum Meaning {
    /// The file follows from its beginning.
    Whole(Version),
    /// The rest of the file follows, whose length is this in all, if it is known.
    Rest { total: Option<u64> },
    /// There is nothing after the bytes that are there.
    Complete,
    /// The range cannot be used. The file is to be requested from its beginning.
    NoRange,
    /// The file is not here.
    Absent,
    /// The credentials are refused here.
    Refused,
    /// The status is one that nothing is known about.
    Status,
}

/// Interprets the head of a response to a request for a file, of which `offset` bytes are there if the rest was
/// requested.
pub(crate) fn interpret(
    status: u16,
    headers: &HeaderMap,
    kind: FileKind,
    expected: &Expected,
    requested: Option<(u64, &Version)>,
) -> Result<Meaning> {
    let is_checked =
        |version: &Version| expected.sha256.is_some() || has_same_tag(headers, version);
    match (status, requested) {
        (200, _) => {
            check_content(headers, kind)?;
            let total = content_length(headers);
            if let Some(total) = total {
                expected.check_announced_length(total)?;
            }
            Ok(Meaning::Whole(Version {
                total: total.or(expected.length),
                etag: strong_etag(headers),
            }))
        }
        (206, Some((offset, version))) => {
            let is_same = is_same_version(headers, version);
            match content_range(headers) {
                Some(ContentRange {
                    first: Some(first),
                    total,
                }) if first == offset && is_same(total) && is_checked(version) => {
                    check_content(headers, kind)?;
                    let total = total.or(version.total);
                    Ok(Meaning::Rest { total })
                }
                _ => Ok(Meaning::NoRange),
            }
        }
        (416, Some((offset, version))) => match content_range(headers) {
            Some(ContentRange {
                first: None,
                total: Some(total),
            }) if total == offset
                && is_same_version(headers, version)(Some(total))
                && is_checked(version) =>
            {
                Ok(Meaning::Complete)
            }
            _ => Ok(Meaning::NoRange),
        },
        (404 | 410, _) => Ok(Meaning::Absent),
        (403, _) => Ok(Meaning::Refused),
        (412, Some(_)) => Ok(Meaning::NoRange),
        _ => Ok(Meaning::Status),
    }
}

/// Returns whether a response has the entity tag of this version. One that honors `If-Range` has it; without it, the
/// condition may have been ignored.
fn has_same_tag(headers: &HeaderMap, version: &Version) -> bool {
    version.etag.is_some() && strong_etag(headers) == version.etag
}

/// Returns whether a response with this total length can be of this version.
fn is_same_version(headers: &HeaderMap, version: &Version) -> impl Fn(Option<u64>) -> bool {
    let etag = headers.get(ETAG).map(HeaderValue::as_bytes);
    let is_same_tag = match (etag, &version.etag) {
        (Some(etag), Some(known)) => etag == known.as_bytes(),
        _ => true,
    };
    let known_total = version.total;
    move |total| is_same_tag && (total.is_none() || known_total.is_none() || total == known_total)
}

/// Fails if a body is not the file, but what a proxy or a gateway has in its place.
fn check_content(headers: &HeaderMap, kind: FileKind) -> Result<()> {
    if let Some(coding) = headers.get(CONTENT_ENCODING)
        && !coding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        let coding = sanitize_line(&String::from_utf8_lossy(coding.as_bytes()));
        let message = format!("the file is compressed with {coding}, which was not requested");
        return Err(unexpected_content(message));
    }
    let Some(content_type) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let content_type = String::from_utf8_lossy(content_type.as_bytes()).to_ascii_lowercase();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let is_file = match kind {
        FileKind::Video => essence.starts_with("video/") || essence == "application/mp4",
        FileKind::Thumbnail => essence.starts_with("image/"),
    };
    // What object stores send that know no type.
    let is_unspecific = matches!(
        essence,
        "" | "application/octet-stream" | "binary/octet-stream"
    );
    match is_file || is_unspecific {
        true => Ok(()),
        false => Err(unexpected_content(format!(
            "the response is not the file, but of the type {}; possibly from a proxy or another service",
            sanitize_line(essence)
        ))),
    }
}

/// Fails if the beginning of a file is that of a page or of JSON, whatever type the response declares. No video
/// or picture begins like that.
pub(crate) fn check_beginning(bytes: &[u8]) -> Result<()> {
    match bytes.trim_ascii_start().first() {
        Some(b'<' | b'{') => Err(unexpected_content(
            "the response is not the file, but text; possibly from a proxy or another service"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

fn unexpected_content(message: String) -> Error {
    Error::new(ErrorKind::Decode, message)
        .with_status(200)
        .with_hint(Hint::CheckMediaUrl)
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// Returns the entity tag if it identifies the bytes.
fn strong_etag(headers: &HeaderMap) -> Option<String> {
    let etag = headers.get(ETAG)?.to_str().ok()?.trim();
    let is_strong = etag.len() >= 2 && etag.starts_with('"') && etag.ends_with('"');
    is_strong.then(|| etag.to_owned())
}

/// A `Content-Range` in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ContentRange {
    /// First byte; `None` for a range that cannot be satisfied.
    first: Option<u64>,
    total: Option<u64>,
}

/// Reads `Content-Range`; `None` for one that is not in bytes, or contradicts itself.
fn content_range(headers: &HeaderMap) -> Option<ContentRange> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (unit, text) = text.trim().split_once(' ')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (range, total) = text.trim().split_once('/')?;
    let total = match total.trim() {
        "*" => None,
        total => Some(total.parse::<u64>().ok()?),
    };
    if range.trim() == "*" {
        return Some(ContentRange { first: None, total });
    }
    let (first, last) = range.trim().split_once('-')?;
    let (first, last) = (
        first.trim().parse::<u64>().ok()?,
        last.trim().parse::<u64>().ok()?,
    );
    let is_valid = first <= last && total.is_none_or(|total| last < total);
    is_valid.then_some(ContentRange {
        first: Some(first),
        total,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: u64 = 40;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        };
        pairs.iter().map(pair).collect()
    }

    fn version() -> Version {
        Version {
            total: Some(100),
            etag: Some("\"a\"".to_owned()),
        }
    }

    fn meaning(status: u16, pairs: &[(&'static str, &str)]) -> String {
        let version = version();
        let requested = Some((PART, &version));
        let expected = Expected::default();
        match interpret(
            status,
            &headers(pairs),
            FileKind::Video,
            &expected,
            requested,
        ) {
            Ok(meaning) => format!("{meaning:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn only_the_rest_of_the_same_version_is_appended() {
        for (pairs, expected) in [
            // Nothing says that `If-Range` was honored.
            (&[("content-range", "bytes 40-99/100")][..], "NoRange"),
            (
                &[("content-range", "Bytes 40-99/*"), ("etag", "\"a\"")],
                "Rest { total: Some(100) }",
            ),
            (
                &[("content-range", "bytes 40-59/100"), ("etag", "\"a\"")],
                "Rest { total: Some(100) }",
            ),
            (
                &[("content-range", "bytes 40-99/100"), ("etag", "\"a\"")],
                "Rest { total: Some(100) }",
            ),
            (
                &[("content-range", "bytes 40-99/100"), ("etag", "\"b\"")],
                "NoRange",
            ),
            (
                &[("content-range", "bytes 40-99/100"), ("etag", "W/\"a\"")],
                "NoRange",
            ),
            (&[("content-range", "bytes 39-99/100")], "NoRange"),
            (&[("content-range", "bytes 40-100/101")], "NoRange"),
            (&[("content-range", "bytes 40-100/100")], "NoRange"),
            (&[("content-range", "bytes 40-39/100")], "NoRange"),
            (&[("content-range", "items 40-99/100")], "NoRange"),
            (&[("content-range", "bytes */100")], "NoRange"),
            (
                &[("content-type", "multipart/byteranges; boundary=x")],
                "NoRange",
            ),
            (&[], "NoRange"),
        ] {
            assert_eq!(meaning(206, pairs), expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_hash_checks_a_rest_without_a_tag() {
        let version = version();
        let hashed = Expected {
            sha256: Some([0; 32]),
            ..Expected::default()
        };
        let headers = headers(&[("content-range", "bytes 40-99/100")]);
        let requested = Some((PART, &version));
        let meaning = interpret(206, &headers, FileKind::Video, &hashed, requested).unwrap();
        assert!(matches!(meaning, Meaning::Rest { .. }));
    }

    #[test]
    fn an_unsatisfiable_range_means_complete_only_at_the_end() {
        let version = Version {
            total: Some(PART),
            etag: Some("\"a\"".to_owned()),
        };
        let at_end = |total: &str| {
            let range = format!("bytes */{total}");
            let headers = headers(&[("content-range", &range), ("etag", "\"a\"")]);
            let requested = Some((PART, &version));
            interpret(
                416,
                &headers,
                FileKind::Video,
                &Expected::default(),
                requested,
            )
            .unwrap()
        };
        assert!(matches!(at_end("40"), Meaning::Complete));
        assert!(matches!(at_end("39"), Meaning::NoRange));
        assert!(matches!(at_end("*"), Meaning::NoRange));
    }

    #[test]
    fn the_rest_says_how_long_a_file_of_unknown_length_is() {
        let version = Version {
            total: None,
            ..version()
        };
        let meaning = |range: &str| {
            let headers = headers(&[("content-range", range), ("etag", "\"a\"")]);
            let requested = Some((PART, &version));
            let expected = Expected::default();
            interpret(206, &headers, FileKind::Video, &expected, requested).unwrap()
        };
        let is_long = |meaning| matches!(meaning, Meaning::Rest { total: Some(100) });
        assert!(is_long(meaning("bytes 40-59/100")));
        assert!(matches!(
            meaning("bytes 40-59/*"),
            Meaning::Rest { total: None }
        ));
    }

    #[test]
    fn other_statuses() {
        assert_eq!(meaning(404, &[]), "Absent");
        assert_eq!(meaning(403, &[]), "Refused");
        assert_eq!(meaning(412, &[]), "NoRange");
        assert_eq!(meaning(503, &[]), "Status");
        assert!(meaning(200, &[("content-length", "100"), ("etag", "\"b\"")]).starts_with("Whole"));
        let unasked = interpret(
            206,
            &headers(&[]),
            FileKind::Video,
            &Expected::default(),
            None,
        );
        assert!(matches!(unasked.unwrap(), Meaning::Status));
    }

    #[test]
    fn only_a_strong_tag_or_a_hash_allows_to_continue() {
        let none = Version::default();
        let hashed = Expected {
            sha256: Some([0; 32]),
            ..Expected::default()
        };
        let names = |version: &Version, offset, expected: &Expected| {
            let headers = version.range_headers(offset, expected)?;
            Some(
                headers
                    .into_iter()
                    .map(|(name, _)| name)
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(names(&version(), 0, &hashed), None);
        assert_eq!(
            names(&version(), 1, &Expected::default()),
            Some(vec![RANGE, IF_RANGE])
        );
        assert_eq!(names(&none, 1, &hashed), Some(vec![RANGE]));
        assert_eq!(names(&none, 1, &Expected::default()), None);
        assert_eq!(strong_etag(&headers(&[("etag", "W/\"a\"")])), None);
        assert_eq!(strong_etag(&headers(&[("etag", "a")])), None);
    }

    #[test]
    fn what_is_not_the_file_is_refused() {
        let check = |content_type: &str, kind| {
            check_content(&headers(&[("content-type", content_type)]), kind).is_ok()
        };
        for file in [
            "video/mp4",
            "Video/MP4; codecs=\"avc1\"",
            "binary/octet-stream",
            "",
        ] {
            assert!(check(file, FileKind::Video), "{file}");
        }
        for other in ["text/html; charset=utf-8", "application/json", "image/jpeg"] {
            assert!(!check(other, FileKind::Video), "{other}");
        }
        assert!(check("image/jpeg", FileKind::Thumbnail));
        assert!(check_content(&headers(&[("content-encoding", "gzip")]), FileKind::Video).is_err());
        assert!(check_beginning(b"\n <!doctype html>").is_err());
        assert!(check_beginning(b"\0\0\0\x18ftypisom").is_ok());
        assert!(check_beginning(b"").is_ok());
    }

    #[test]
    fn a_length_other_than_the_record_states_is_an_error() {
        let expected = Expected {
            length: Some(7),
            ..Expected::default()
        };
        let headers = headers(&[("content-length", "8")]);
        let error = interpret(200, &headers, FileKind::Video, &expected, None).unwrap_err();
        assert!(error.is_verification_failed());
    }
}
