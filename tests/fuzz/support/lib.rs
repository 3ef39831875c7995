//! What the fuzz targets share.

mod echo;

use std::error::Error as _;

use reqwest::Response;
use rhombus_clips::{Clip, ClipUuid, Error};
use rhombus_clips_api::{Client as ApiClient, Credentials};
use tokio::runtime::{Builder, Runtime};

pub use echo::{Key, Spelling};

thread_local! {
    /// Its time passes when it has nothing else to do.
    static RUNTIME: Runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    static HTTP_CLIENT: reqwest::Client = reqwest::Client::builder().no_proxy().build().unwrap();
}

/// Runs a future to its end.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// What a look at a clip makes of an answer, with this API key.
pub fn look(api_key: &str, answer: http::Response<Vec<u8>>) -> Result<Option<Clip>, Error> {
    let credentials = Credentials::api_token(api_key).unwrap();
    let api = HTTP_CLIENT.with(|http| {
        let base_url = "https://service.test";
        ApiClient::new_with_client(base_url, http.clone(), credentials.into())
    });
    let answer = Response::from(answer);
    block_on(rhombus_clips::fuzzing::answered(
        &api,
        ClipUuid::from_bytes([7; 16]),
        answer,
    ))
}

/// Everything that an error shows: itself, what came with it, and its causes.
pub fn shown(error: &Error) -> Vec<String> {
    let mut shown = vec![error.to_string(), format!("{error:?} {error:#?}")];
    let parts = [error.body(), error.json_pointer(), error.request_id()];
    shown.extend(parts.into_iter().flatten().map(str::to_owned));
    let mut cause = error.source();
    while let Some(error) = cause {
        shown.push(format!("{error} {error:?}"));
        cause = error.source();
    }
    shown
}

/// Checks what holds for every error.
pub fn check_error(error: &Error) {
    let message = error.to_string();
    assert!(!message.is_empty());
    assert!(
        !message.contains(|c: char| c.is_control() || "\u{2028}\u{2029}".contains(c)),
        "not one line: {message:?}"
    );
    assert!(message.len() <= 8192, "{} bytes", message.len());
    assert!(error.body().is_none_or(|body| body.len() <= 1024));
}

/// Asks a clip for all that it has to say.
pub fn check_clip(clip: &Clip) {
    assert!(clip.percent().is_none_or(|percent| percent <= 100));
    assert_eq!(clip.is_terminal(), clip.is_complete() || clip.is_failed());
    assert!(!(clip.is_complete() && clip.is_failed()));
    clip.recorded_at();
    clip.created_at();
    clip.updated_at();
    clip.duration();
    clip.byte_count();
    let _ = format!(
        "{clip:?} {clip:#?} {} {:?} {:?} {:?} {:?} {:?}",
        clip.status(),
        clip.operation(),
        clip.title(),
        clip.region(),
        clip.sha256_hex(),
        clip.warning(),
    );
    for decode_issues in clip.decode_issues() {
        assert!(decode_issues.pointer.is_empty() || decode_issues.pointer.starts_with('/'));
        assert!(!decode_issues.to_string().is_empty());
    }
    assert_eq!(clip, &clip.clone());
}
