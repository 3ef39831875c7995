//! Ranges of a file, and the conditions that they depend on.

use reqwest::Method;
use rhombus_clips_sim::MediaValidator;

use super::{LENGTH, Setup, header};

#[tokio::test]
async fn ranges_joined_are_the_whole() {
    let setup = Setup::new().await;
    let mut joined = Vec::new();
    // Neither at the bounds of a chunk nor at those of the generator's numbers.
    for start in (0..LENGTH).step_by(40_003) {
        let end = LENGTH.min(start + 40_003) - 1;
        let range = format!("bytes={start}-{end}");
        let request = setup.get().header("range", &range);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 206);
        let content_range = format!("bytes {start}-{end}/{LENGTH}");
        assert_eq!(header(&response, "content-range"), Some(&*content_range));
        joined.extend(response.bytes().await.unwrap());
        let logged = setup.service.requests().pop().unwrap();
        assert_eq!(logged.range, Some(range));
    }
    assert!(joined == setup.bytes().await);
}

#[tokio::test]
async fn ranges_are_open_suffixes_or_ignored() {
    let setup = Setup::new().await;
    let all = setup.bytes().await;
    for (range, status, expected) in [
        ("bytes=0-", 206, &all[..]),
        ("bytes=150000-", 206, &all[150_000..]),
        ("bytes=-9", 206, &all[149_992..]),
        ("bytes=-999999", 206, &all[..]),
        ("bytes=7-999999", 206, &all[7..]),
        ("bytes=7-7", 206, &all[7..=7]),
        // Invalid, or more than one.
        ("bytes=7-6", 200, &all[..]),
        ("bytes=0-1,4-5", 200, &all[..]),
        ("bytes=-", 200, &all[..]),
        ("bytes=a-", 200, &all[..]),
        ("items=0-1", 200, &all[..]),
    ] {
        let request = setup.get().header("range", range);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{range}");
        assert_eq!(
            header(&response, "content-range").is_some(),
            status == 206,
            "{range}"
        );
        assert!(response.bytes().await.unwrap() == expected, "{range}");
    }
}

#[tokio::test]
async fn a_range_beyond_the_file_is_refused_with_its_length() {
    let setup = Setup::new().await;
    for range in ["bytes=150001-", "bytes=200000-300000", "bytes=-0"] {
        let request = setup.get().header("range", range);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 416, "{range}");
        assert_eq!(header(&response, "content-range"), Some("bytes */150001"));
        assert!(response.bytes().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_head_has_no_ranges() {
    let setup = Setup::new().await;
    let head = setup.authorized(Method::HEAD, setup.url());
    let head = head.header("range", "bytes=7-").send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(header(&head, "content-length"), Some("150001"));
}

/// A range is sent only of the version that the condition names; a weak validator names none.
#[tokio::test]
async fn a_condition_that_fails_gives_the_whole() {
    const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
    for (validator, by_tag, by_date) in [
        (MediaValidator::Strong, 206, 206),
        (MediaValidator::Weak, 200, 200),
        (MediaValidator::LastModified, 200, 206),
        (MediaValidator::None, 200, 200),
    ] {
        let setup = Setup::with(|it| it.media_validator = validator).await;
        let first = setup.get().send().await.unwrap();
        let tag = header(&first, "etag").unwrap_or("\"none\"");
        for (condition, expected) in [
            (tag, by_tag),
            (DATE, by_date),
            ("\"other\"", 200),
            ("Fri, 02 Jan 2026 00:00:00 GMT", 200),
        ] {
            let request = setup.get().header("range", "bytes=7-");
            let response = request.header("if-range", condition).send().await.unwrap();
            let context = format!("{validator:?} {condition}");
            assert_eq!(response.status().as_u16(), expected, "{context}");
            let length = response.bytes().await.unwrap().len();
            let skipped = if expected == 206 { 7 } else { 0 };
            assert_eq!(length, LENGTH - skipped, "{context}");
        }
        // Without a range the condition is about nothing.
        let request = setup.get().header("if-range", "\"other\"");
        assert_eq!(request.send().await.unwrap().status(), 200);
        // Of another version it fails.
        setup.service.replace_file(&setup.uuid);
        for condition in [tag, DATE] {
            let request = setup.get().header("range", "bytes=7-");
            let response = request.header("if-range", condition).send().await.unwrap();
            assert_eq!(response.status(), 200, "{validator:?} {condition}");
        }
    }
}
