//! Support code shared by the fuzz targets: it runs the library on an input and checks invariants
//! that hold for every error and every clip.

mod echo;

use std::error::Error as _;

use reqwest::Response;
use rhombus_clips::{Clip, ClipUuid, Error};
use rhombus_clips_api::{Client as ApiClient, Credentials};
use tokio::runtime::{Builder, Runtime};

pub use echo::{EchoSpelling, Key};

thread_local! {
    /// A paused clock advances as soon as all tasks wait, so that delays take no time.
    static RUNTIME: Runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    static HTTP_CLIENT: reqwest::Client = reqwest::Client::builder().no_proxy().build().unwrap();
}

/// Runs a future to completion.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// Maps a response to the result of a get, with this API key.
pub fn map_response(
    api_key: &str,
    response: http::Response<Vec<u8>>,
) -> Result<Option<Clip>, Error> {
    let credentials = Credentials::api_token(api_key).unwrap();
    let api = HTTP_CLIENT.with(|http| {
        let base_url = "https://service.test";
        ApiClient::new_with_client(base_url, http.clone(), credentials.into())
    });
    let response = Response::from(response);
    block_on(rhombus_clips::fuzzing::interpret(
        &api,
        ClipUuid::from_bytes([7; 16]),
        response,
    ))
}

/// Returns everything that an error exposes as text.
pub fn error_texts(error: &Error) -> Vec<String> {
    let mut error_texts = vec![error.to_string(), format!("{error:?} {error:#?}")];
    let parts = [error.body(), error.json_pointer(), error.request_id()];
    error_texts.extend(parts.into_iter().flatten().map(str::to_owned));
    let mut cause = error.source();
    while let Some(error) = cause {
        error_texts.push(format!("{error} {error:?}"));
        cause = error.source();
    }
    error_texts
}

/// Checks the invariants of every error.
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

/// Calls all accessors of a clip and checks its invariants.
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
    for issue in clip.decode_issues() {
        assert!(issue.pointer.is_empty() || issue.pointer.starts_with('/'));
        assert!(!issue.to_string().is_empty());
    }
    assert_eq!(clip, &clip.clone());
}
