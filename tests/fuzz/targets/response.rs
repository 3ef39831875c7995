//! Decodes arbitrary bodies of successful responses. A decoded response survives a round trip
//! through JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rhombus_clips_api::decode;
use rhombus_clips_api::types::GetClipWithProgressResponse;
use rhombus_clips_fuzz::{check_clip, check_error, map_response};

fuzz_target!(|body: &[u8]| {
    if let Ok(response) = decode::<GetClipWithProgressResponse>(body) {
        check_round_trip(response);
    }
    let response = http::Response::new(body.to_vec());
    match map_response("canary-of-the-key", response) {
        Ok(Some(clip)) => check_clip(&clip),
        Ok(None) => {}
        Err(error) => {
            check_error(&error);
            if let Some(clip) = error.clip() {
                check_clip(clip);
            }
        }
    }
});

fn check_round_trip(mut decoded: GetClipWithProgressResponse) {
    let _ = format!("{decoded:?} {decoded:#?}");
    let mut reencoded = round_trip(&decoded);
    // An invalid item or map value is encoded as null, and its issue does not occur again.
    let reported = std::mem::take(&mut decoded.decode_issues);
    for issue in &std::mem::take(&mut reencoded.decode_issues) {
        let is_listed = reported.contains(issue);
        assert!(is_listed || reported.omitted() > 0, "{issue}");
    }
    assert_eq!(reencoded, decoded);
    if let Some(clip) = &decoded.clip {
        let value = serde_json::to_value(clip).unwrap();
        assert_eq!(value, serde_json::to_value(&reencoded.clip).unwrap());
    }
}

fn round_trip(response: &GetClipWithProgressResponse) -> GetClipWithProgressResponse {
    decode(&serde_json::to_vec(response).unwrap()).unwrap()
}
