//! Searches everything that the library returns, with a service that echoes the key in every part
//! of its responses.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::{downloads, operations};
use rhombus_clips::polling::{
    Adaptive, BatchRequest, BatchScheduler, Exponential, Fixed, History, HistorySnapshot,
    PollPolicy as _, PollState, Term,
};
use rhombus_clips::retry::{Backoff, CallKind, FailedAttempt, NoRetry, RetryDecision, RetryPolicy};
use rhombus_clips::{
    Checkpoint, Client, ClientBuilder, Clip, ClipUpdate, ClipUuid, Error, PollResult, RateLimit,
    Region, Update, WatchAllStream, WatchPolicies, WatchStream,
};
use rhombus_clips_sim::{Clip as ScriptedClip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::canary::{KEY, KeySearch, echoes, unescape_json};
use rhombus_clips_tests::tls::Authority;
use rhombus_clips_tests::{add, causes, client_for, complete, failures, rendering};

pub(crate) async fn search(search: &mut KeySearch) {
    check_settings(search);
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    for echo in echoes() {
        for (_, failure) in failures::all(&echo).await {
            check_error(search, &failure);
        }
        check_clips(search, &service, &echo).await;
        check_watch(search, &service, &echo).await;
        check_retries(search, &service, &echo).await;
        check_step(search, &service, &echo).await;
        operations::check_outputs(search, &echo).await;
        downloads::check_echo(search, &echo).await;
    }
    operations::check_requests(search).await;
    operations::check_values(search).await;
    downloads::check_other_hosts(search).await;
    downloads::check_values(search).await;
    check_service(search, &service);
}

/// Searches builders in every state, and the values that configure them.
fn check_settings(search: &mut KeySearch) {
    let builder = || Client::builder().api_key(KEY);
    let certificate = Authority::new().client().pem();
    let builders: [ClientBuilder; 9] = [
        Client::builder(),
        builder(),
        builder().partner(),
        builder().partner_for("AAAAAAAAAAAAAAAAAAAAAA"),
        builder()
            .region(Region::Eu)
            .rate_limit(RateLimit::per_minute(5)),
        builder().client_certificate(certificate),
        builder().http_client_builder(reqwest::Client::builder),
        builder().retry(NoRetry),
        // Rejected by `build`.
        builder().base_url(format!("https://me:{KEY}@gateway.example/?{KEY}")),
    ];
    for builder in builders {
        search.check_debug("rhombus_clips::ClientBuilder", &builder);
        match builder.build() {
            Ok(client) => search.check_debug("rhombus_clips::Client", &client),
            Err(failure) => check_error(search, &failure),
        }
    }
    let uuid: ClipUuid = "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
    search.check_debug("rhombus_clips::ClipUuid", &uuid);
    let invalid = KEY.parse::<ClipUuid>().unwrap_err();
    search.check_debug("rhombus_clips::ParseClipUuidError", &invalid);
    search.check_error("rhombus_clips::ParseClipUuidError", &invalid);
    search.check_debug("rhombus_clips::RateLimit", &RateLimit::per_second(1));
    search.check_debug("rhombus_clips::Region", &Region::Us);
    search.check_debug("rhombus_clips::retry::Backoff", &Backoff::default());
    search.check_debug("rhombus_clips::retry::NoRetry", &NoRetry);
    check_policies(search);
}

fn check_policies(search: &mut KeySearch) {
    let history = History::new();
    let mut adaptive = Adaptive::new(&history);
    let state = PollState::new(Duration::from_secs(3))
        .with_percent(40)
        .with_operation("Processing video");
    adaptive.next_delay(&state);
    search.check_debug("rhombus_clips::polling::PollState", &state);
    search.check_debug("rhombus_clips::polling::Estimate", &adaptive.estimate());
    search.check_debug(
        "rhombus_clips::polling::BatchRequest",
        &BatchRequest::FirstPage,
    );
    search.check_debug(
        "rhombus_clips::polling::BatchScheduler",
        &BatchScheduler::new(),
    );
    search.check_debug("rhombus_clips::polling::Adaptive", &adaptive);
    search.check_debug("rhombus_clips::polling::Forecast", &adaptive.forecast());
    search.check_debug("rhombus_clips::polling::Term", &Term::ALL);
    search.check_debug("rhombus_clips::polling::History", &history);
    let snapshot = history.snapshot(SystemTime::now());
    search.check_debug("rhombus_clips::polling::HistorySnapshot", &snapshot);
    search.check_text("HistorySnapshot: text", &snapshot.to_string());
    let error = KEY.parse::<HistorySnapshot>().unwrap_err();
    search.check_debug("rhombus_clips::polling::HistorySnapshotError", &error);
    search.check_text("HistorySnapshotError: text", &error.to_string());
    let second = Duration::from_secs(1);
    search.check_debug("rhombus_clips::polling::Fixed", &Fixed::new(second));
    let exponential = Exponential::new(second, 2.0, second);
    search.check_debug("rhombus_clips::polling::Exponential", &exponential);
}

/// Searches an error and everything that it carries.
fn check_error(search: &mut KeySearch, error: &Error) {
    search.check_error("rhombus_clips::Error", error);
    search.check_debug("rhombus_clips::ErrorKind", &error.kind());
    for hint in error.hints() {
        search.check_debug("rhombus_clips::Hint", hint);
        search.check_text("Hint: text", &hint.to_string());
    }
    search.check_debug("rhombus_clips::Setting", &error.setting());
    for cause in causes(error) {
        search.check_error("Error: source chain", cause);
    }
    let response = [
        error.body(),
        error.json_pointer(),
        error.request_id(),
        error.header("location"),
        error.header("www-authenticate"),
    ];
    for text in response.into_iter().flatten() {
        search.check_text("Error: response", text);
    }
    if let Some(clip) = error.clip() {
        check_clip(search, clip);
    }
    if let Some(checkpoint) = error.checkpoint() {
        check_checkpoint(search, checkpoint);
    }
    if let Some(intent) = error.intent() {
        search.check_debug("rhombus_clips::CreateIntent", intent);
        search.check_text("CreateIntent as JSON", &intent.to_string());
    }
}

fn check_clip(search: &mut KeySearch, clip: &Clip) {
    search.check_debug("rhombus_clips::Clip", clip);
    let record = serde_json::to_string(clip.record()).unwrap();
    search.check_text("Clip: record as JSON", &record);
    let texts = [
        clip.title(),
        clip.operation(),
        clip.warning(),
        clip.region(),
        clip.sha256_hex(),
    ];
    for text in texts.into_iter().flatten().chain([clip.status().as_str()]) {
        search.check_text("Clip: texts", text);
    }
    search.check_debug("rhombus_clips_api::DecodeIssues", clip.decode_issues());
    for issue in clip.decode_issues() {
        search.check_debug("rhombus_clips_api::DecodeIssue", issue);
        search.check_text("rhombus_clips_api::DecodeIssue", &issue.to_string());
    }
}

fn check_checkpoint(search: &mut KeySearch, checkpoint: &Checkpoint) {
    search.check_debug("rhombus_clips::Checkpoint", checkpoint);
    search.check_text("rhombus_clips::Checkpoint", &checkpoint.to_string());
    search.check_text(
        "Checkpoint as JSON",
        &serde_json::to_string(checkpoint).unwrap(),
    );
}

async fn check_clips(search: &mut KeySearch, service: &Service, echo: &str) {
    let client = client_for(service);
    for body in [
        format!(r#"{{"clip": {{"title": "for {echo}", "clipLocation": {{"region": "{echo}"}}}}}}"#),
        format!(r#"{{"clip": {{"status": "{echo}", "sha256Hex": "{echo}"}}}}"#),
        format!(r#"{{"clip": {{"anything": {{"deep": ["{echo}"]}}}}, "{echo}": 1}}"#),
        format!(r#"{{"clip": {{"createdAtMs": "{echo}", "alterMap": {{"{echo}": {{}}}}}}}}"#),
        format!(r#"{{"clip": {{"title": {{"{echo}": 1}}}}, "warningMsg": "by {echo}"}}"#),
    ] {
        service.respond_next(Response::status(200).header(echo_header(), echo).body(body));
        let uuid = add(service, ScriptedClip::by_request([complete()]));
        let get_clip = client.get_clip(uuid);
        search.check_debug("rhombus_clips::GetClip", &get_clip);
        check_clip(search, &get_clip.await.unwrap());
    }
}

fn echo_header() -> &'static str {
    "x-request-id"
}

/// Searches the steps of a watch that is advanced without a stream.
async fn check_step(search: &mut KeySearch, service: &Service, echo: &str) {
    let text = unescape_json(echo);
    let rendering = rendering(1).with("title", text.as_str()).operation(text);
    let failed = Step::response(Response::status(503).body(echo));
    let uuid = add(
        service,
        ScriptedClip::by_request([rendering, failed, complete()]),
    );
    let policies = WatchPolicies::default();
    search.check_debug("rhombus_clips::WatchPolicies", &policies);
    let now = SystemTime::now();
    let mut checkpoint = Checkpoint::new(uuid, now);
    for _ in 0..3 {
        let result = client_for(service).get_clip(uuid).retry(NoRetry).await;
        let poll = PollResult::new(result, now, now);
        search.check_debug("rhombus_clips::PollResult", &poll);
        let step = checkpoint.step(poll, &policies);
        search.check_debug("rhombus_clips::Step", &step);
        if let rhombus_clips::Step::PollAgain {
            checkpoint: next, ..
        } = step
        {
            check_checkpoint(search, &next);
            checkpoint = next;
        }
    }
}

/// Searches a watch with every kind of update, and its resumption from a checkpoint.
async fn check_watch(search: &mut KeySearch, service: &Service, echo: &str) {
    let text = unescape_json(echo);
    let with_text = |step: Step| {
        let step = step.with("title", text.as_str());
        step.operation(text.clone()).warning(text.as_str())
    };
    let steps = || {
        [
            Step::null(),
            Step::response(Response::close()),
            with_text(rendering(1)),
            with_text(Step::new(ClipStatus::from(text.as_str()))),
            with_text(complete()),
        ]
    };
    let uuid = add(service, ScriptedClip::by_request(steps()));
    let client = client_for(service);
    let watch = || {
        client
            .watch(uuid)
            .interval(Duration::from_millis(1))
            .retry(RetryImmediately)
    };
    search.check_debug("rhombus_clips::Watch", &watch());
    let mut updates = watch().stream();
    updates.next().await;
    let resumed = client.resume(updates.stop()).retry(RetryImmediately);
    search.check_debug("rhombus_clips::Watch", &resumed);
    check_stream(search, resumed.stream()).await;
    let uuid = add(service, ScriptedClip::by_request(steps()));
    let watches = client.watch_all([uuid]).retry(RetryImmediately);
    let watches = watches.interval(Duration::from_millis(1));
    search.check_debug("rhombus_clips::WatchAll", &watches);
    check_watch_all(search, watches.stream()).await;
}

async fn check_stream(search: &mut KeySearch, mut updates: WatchStream) {
    while let Some(update) = updates.next().await {
        search.check_debug("rhombus_clips::WatchStream", &updates);
        check_checkpoint(search, &updates.checkpoint());
        check_update(search, &update.unwrap());
    }
}

fn check_update(search: &mut KeySearch, update: &Update) {
    search.check_debug("rhombus_clips::Update", update);
    if let Some(failed) = update.error() {
        check_error(search, failed);
    }
    if let Some(clip) = update.clip() {
        check_clip(search, clip);
    }
}

async fn check_watch_all(search: &mut KeySearch, mut updates: WatchAllStream) {
    search.check_debug("rhombus_clips::WatchHandle", &updates.handle());
    while let Some(update) = updates.next().await {
        search.check_debug("rhombus_clips::WatchAllStream", &updates);
        for checkpoint in updates.checkpoints() {
            check_checkpoint(search, &checkpoint);
        }
        search.check_debug("rhombus_clips::ClipUpdate", &update);
        match update {
            ClipUpdate::Changed { update, .. } => check_update(search, &update),
            ClipUpdate::Ended { result, .. } => match result {
                Ok(finished) => check_clip(search, &finished),
                Err(failed) => check_error(search, &failed),
            },
            _ => unreachable!("no other variant"),
        }
    }
}

#[derive(Debug)]
struct RetryImmediately;

impl RetryPolicy for RetryImmediately {
    fn decide(&self, _: &FailedAttempt<'_>) -> RetryDecision {
        RetryDecision::After(Duration::ZERO)
    }
}

/// A retry policy that records the debug output of its input.
#[derive(Clone, Debug, Default)]
struct DebugRecorder(Arc<Mutex<Vec<String>>>);

impl RetryPolicy for DebugRecorder {
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
        let mut recorded = self.0.lock().unwrap();
        recorded.extend([format!("{failed:?}"), format!("{failed:#?}")]);
        RetryDecision::GiveUp
    }
}

async fn check_retries(search: &mut KeySearch, service: &Service, echo: &str) {
    let recorder = DebugRecorder::default();
    let uuid = add(service, ScriptedClip::by_request([complete()]));
    for status in [403, 429, 503] {
        let response = Response::status(status)
            .header(echo_header(), echo)
            .body(echo);
        service.respond_next(response);
        let get_clip = client_for(service).get_clip(uuid).retry(recorder.clone());
        check_error(search, &get_clip.await.unwrap_err());
    }
    for text in recorder.0.lock().unwrap().iter() {
        search.check_text("rhombus_clips::retry::FailedAttempt", text);
    }
    search.check_debug("rhombus_clips::retry::CallKind", &CallKind::Call);
    let decision = RetryDecision::After(Duration::from_secs(1));
    search.check_debug("rhombus_clips::retry::RetryDecision", &decision);
}

/// Searches the simulated service's record of its requests. They were successful, although the
/// service accepts no other key.
fn check_service(search: &mut KeySearch, service: &Service) {
    let requests = service.requests();
    assert!(
        requests
            .iter()
            .any(|request| !request.fault_injected && request.status == Some(200))
    );
    search.check_debug("simulated service", service);
    search.check_debug(
        "simulated service: builder",
        &Service::builder().api_key(KEY),
    );
    search.check_debug("simulated service: assertions", &service.verify(KEY));
    for request in requests {
        search.check_text("simulated service: request lines", &request.to_string());
        search.check_debug("simulated service: requests", &request);
    }
}
