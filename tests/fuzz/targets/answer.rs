//! Any body as an answer: what was decoded is the same after it was written and decoded again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rhombus_clips_api::decode;
use rhombus_clips_api::types::GetClipWithProgressResponse;
use rhombus_clips_fuzz::{check_clip, check_error, look};

fuzz_target!(|body: &[u8]| {
    if let Ok(answer) = decode::<GetClipWithProgressResponse>(body) {
        check_journey(answer);
    }
    let answer = http::Response::new(body.to_vec());
    match look("canary-of-the-key", answer) {
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

fn check_journey(mut sent: GetClipWithProgressResponse) {
    let _ = format!("{sent:?} {sent:#?}");
    let mut written = again(&sent);
    // What was odd in an array or a map is null from there on.
    let reported = std::mem::take(&mut sent.decode_issues);
    for decode_issues in std::mem::take(&mut written.decode_issues) {
        assert!(reported.contains(&decode_issues), "{decode_issues}");
    }
    assert_eq!(written, sent);
    if let Some(clip) = &sent.clip {
        let value = serde_json::to_value(clip).unwrap();
        assert_eq!(value, serde_json::to_value(&written.clip).unwrap());
    }
}

fn again(answer: &GetClipWithProgressResponse) -> GetClipWithProgressResponse {
    decode(&serde_json::to_vec(answer).unwrap()).unwrap()
}
