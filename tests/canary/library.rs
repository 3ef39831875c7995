//! Everything that the library hands out, from a service that echoes the key wherever it can.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rhombus_clips::polling::{Adaptive, Exponential, Fixed, History, PollPolicy as _, PollState};
use rhombus_clips::retry::{Backoff, CallKind, FailedAttempt, NoRetry, RetryDecision, RetryPolicy};
use rhombus_clips::{
    Checkpoint, Client, ClientBuilder, Clip, ClipUpdate, ClipUuid, Error, RateLimit, Region,
    Update, WatchAllStream, WatchStream,
};
use rhombus_clips_sim::{Clip as Script, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::canary::{KEY, Search, decoded, echoes};
use rhombus_clips_tests::tls::Authority;
use rhombus_clips_tests::{add, causes, client_of, complete, failures, rendering};

pub(crate) async fn search(search: &mut Search) {
    settings(search);
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    for echo in echoes() {
        for (_, failure) in failures::all(&echo).await {
            error(search, &failure);
        }
        clips(search, &service, &echo).await;
        watch(search, &service, &echo).await;
        retries(search, &service, &echo).await;
    }
    asked(search, &service);
}

/// Builders in every state, and what is set in them.
fn settings(search: &mut Search) {
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
        // A mistake that `build` will refuse.
        builder().base_url(format!("https://me:{KEY}@gateway.example/?{KEY}")),
    ];
    for builder in builders {
        search.debug("rhombus_clips::ClientBuilder", &builder);
        match builder.build() {
            Ok(client) => search.debug("rhombus_clips::Client", &client),
            Err(refused) => error(search, &refused),
        }
    }
    let uuid: ClipUuid = "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
    search.debug("rhombus_clips::ClipUuid", &uuid);
    let mistaken = KEY.parse::<ClipUuid>().unwrap_err();
    search.debug("rhombus_clips::ParseClipUuidError", &mistaken);
    search.error("rhombus_clips::ParseClipUuidError", &mistaken);
    search.debug("rhombus_clips::RateLimit", &RateLimit::per_second(1));
    search.debug("rhombus_clips::Region", &Region::Us);
    search.debug("rhombus_clips::retry::Backoff", &Backoff::default());
    search.debug("rhombus_clips::retry::NoRetry", &NoRetry);
    policies(search);
}

fn policies(search: &mut Search) {
    let history = History::new();
    let mut adaptive = Adaptive::new(&history);
    let seen = PollState::new(Duration::from_secs(3))
        .with_percent(40)
        .with_operation("Processing video");
    adaptive.next_delay(&seen);
    search.debug("rhombus_clips::polling::PollState", &seen);
    search.debug("rhombus_clips::polling::Estimate", &adaptive.estimate());
    search.debug("rhombus_clips::polling::Adaptive", &adaptive);
    search.debug("rhombus_clips::polling::History", &history);
    let second = Duration::from_secs(1);
    search.debug("rhombus_clips::polling::Fixed", &Fixed::new(second));
    let exponential = Exponential::new(second, 2.0, second);
    search.debug("rhombus_clips::polling::Exponential", &exponential);
}

/// An error and all that comes with it.
fn error(search: &mut Search, error: &Error) {
    search.error("rhombus_clips::Error", error);
    search.debug("rhombus_clips::ErrorKind", &error.kind());
    for cause in causes(error) {
        search.error("Error: source chain", cause);
    }
    let answer = [
        error.body(),
        error.json_pointer(),
        error.request_id(),
        error.header("location"),
        error.header("www-authenticate"),
    ];
    for text in answer.into_iter().flatten() {
        search.text("Error: answer", text);
    }
    if let Some(seen) = error.clip() {
        clip(search, seen);
    }
    if let Some(kept) = error.checkpoint() {
        checkpoint(search, kept);
    }
}

fn clip(search: &mut Search, clip: &Clip) {
    search.debug("rhombus_clips::Clip", clip);
    let record = serde_json::to_string(clip.record()).unwrap();
    search.text("Clip: record as JSON", &record);
    let words = [
        clip.title(),
        clip.operation(),
        clip.warning(),
        clip.region(),
        clip.sha256_hex(),
    ];
    for text in words.into_iter().flatten().chain([clip.status().as_str()]) {
        search.text("Clip: its own words", text);
    }
    for decode_issues in clip.decode_issues() {
        search.debug("rhombus_clips_api::DecodeIssue", decode_issues);
        search.text("rhombus_clips_api::DecodeIssue", &decode_issues.to_string());
    }
}

fn checkpoint(search: &mut Search, checkpoint: &Checkpoint) {
    search.debug("rhombus_clips::Checkpoint", checkpoint);
    search.text("rhombus_clips::Checkpoint", &checkpoint.to_string());
    search.text(
        "Checkpoint as JSON",
        &serde_json::to_string(checkpoint).unwrap(),
    );
}

async fn clips(search: &mut Search, service: &Service, echo: &str) {
    let client = client_of(service);
    for body in [
        format!(r#"{{"clip": {{"title": "for {echo}", "clipLocation": {{"region": "{echo}"}}}}}}"#),
        format!(r#"{{"clip": {{"status": "{echo}", "sha256Hex": "{echo}"}}}}"#),
        format!(r#"{{"clip": {{"anything": {{"deep": ["{echo}"]}}}}, "{echo}": 1}}"#),
        format!(r#"{{"clip": {{"createdAtMs": "{echo}", "alterMap": {{"{echo}": {{}}}}}}}}"#),
        format!(r#"{{"clip": {{"title": {{"{echo}": 1}}}}, "warningMsg": "by {echo}"}}"#),
    ] {
        service.respond_next(Response::status(200).header(header(), echo).body(body));
        let uuid = add(service, Script::by_request([complete()]));
        let look_up = client.get_clip(uuid);
        search.debug("rhombus_clips::GetClip", &look_up);
        clip(search, &look_up.await.unwrap());
    }
}

fn header() -> &'static str {
    "x-request-id"
}

/// A watch with every kind of update, and on from its checkpoint.
async fn watch(search: &mut Search, service: &Service, echo: &str) {
    let said = decoded(echo);
    let word = |step: Step| {
        let step = step.with("title", said.as_str());
        step.operation(said.clone()).warning(said.as_str())
    };
    let steps = || {
        [
            Step::null(),
            Step::response(Response::close()),
            word(rendering(1)),
            word(Step::new(ClipStatus::from(said.as_str()))),
            word(complete()),
        ]
    };
    let uuid = add(service, Script::by_request(steps()));
    let client = client_of(service);
    let watch = || {
        client
            .watch(uuid)
            .interval(Duration::from_millis(1))
            .retry(AtOnce)
    };
    search.debug("rhombus_clips::Watch", &watch());
    let mut updates = watch().stream();
    updates.next().await;
    let resumed = client.resume(updates.stop()).retry(AtOnce);
    search.debug("rhombus_clips::Watch", &resumed);
    all(search, resumed.stream()).await;
    let uuid = add(service, Script::by_request(steps()));
    let watches = client.watch_all([uuid]).retry(AtOnce);
    let watches = watches.interval(Duration::from_millis(1));
    search.debug("rhombus_clips::WatchAll", &watches);
    many(search, watches.stream()).await;
}

async fn all(search: &mut Search, mut updates: WatchStream) {
    while let Some(update) = updates.next().await {
        search.debug("rhombus_clips::WatchStream", &updates);
        checkpoint(search, &updates.checkpoint());
        changed(search, &update.unwrap());
    }
}

fn changed(search: &mut Search, update: &Update) {
    search.debug("rhombus_clips::Update", update);
    if let Some(failed) = update.error() {
        error(search, failed);
    }
    if let Some(seen) = update.clip() {
        clip(search, seen);
    }
}

async fn many(search: &mut Search, mut updates: WatchAllStream) {
    search.debug("rhombus_clips::WatchHandle", &updates.handle());
    while let Some(update) = updates.next().await {
        search.debug("rhombus_clips::WatchAllStream", &updates);
        for kept in updates.checkpoints() {
            checkpoint(search, &kept);
        }
        search.debug("rhombus_clips::ClipUpdate", &update);
        match update {
            ClipUpdate::Changed { update, .. } => changed(search, &update),
            ClipUpdate::Ended { result, .. } => match result {
                Ok(finished) => clip(search, &finished),
                Err(failed) => error(search, &failed),
            },
            _ => unreachable!("there is no other"),
        }
    }
}

#[derive(Debug)]
struct AtOnce;

impl RetryPolicy for AtOnce {
    fn decide(&self, _: &FailedAttempt<'_>) -> RetryDecision {
        RetryDecision::After(Duration::ZERO)
    }
}

/// Keeps what a policy is shown.
#[derive(Clone, Debug, Default)]
struct Spy(Arc<Mutex<Vec<String>>>);

impl RetryPolicy for Spy {
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
        let mut seen = self.0.lock().unwrap();
        seen.extend([format!("{failed:?}"), format!("{failed:#?}")]);
        RetryDecision::GiveUp
    }
}

async fn retries(search: &mut Search, service: &Service, echo: &str) {
    let spy = Spy::default();
    let uuid = add(service, Script::by_request([complete()]));
    for status in [403, 429, 503] {
        let answer = Response::status(status).header(header(), echo).body(echo);
        service.respond_next(answer);
        let look_up = client_of(service).get_clip(uuid).retry(spy.clone());
        error(search, &look_up.await.unwrap_err());
    }
    for shown in spy.0.lock().unwrap().iter() {
        search.text("rhombus_clips::retry::FailedAttempt", shown);
    }
    search.debug("rhombus_clips::retry::CallKind", &CallKind::GetClip);
    let decision = RetryDecision::After(Duration::from_secs(1));
    search.debug("rhombus_clips::retry::RetryDecision", &decision);
}

/// What the simulated service remembers of its requests, which were answered: it takes no other
/// key than this one.
fn asked(search: &mut Search, service: &Service) {
    let requests = service.requests();
    assert!(
        requests
            .iter()
            .any(|request| !request.faulty && request.status == Some(200))
    );
    search.debug("simulated service", service);
    search.debug(
        "simulated service: set up",
        &Service::builder().api_key(KEY),
    );
    search.debug("simulated service: asked", &service.verify(KEY));
    for request in requests {
        search.text("simulated service: request lines", &request.to_string());
        search.debug("simulated service: requests", &request);
    }
}
