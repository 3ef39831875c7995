//! Lost requests and responses of `create_clip`, at every place: never two clips for one wish.

use std::collections::BTreeMap;
use std::time::Duration;

use rhombus_clips::retry::{FailedAttempt, RetryDecision, RetryPolicy};
use rhombus_clips::{CameraUuid, Client, FootagePolicy, NewClip};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, ListOrder, SeveralClips};

const RUNS: u64 = 1_000;

/// The place at which a request or its response is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Nowhere,
    /// No connection, for a while.
    NotSent,
    /// Sent, and lost before the service.
    NotReceived,
    /// Refused before it was processed.
    Refused,
    /// Processed, and no response follows.
    NotAnswered,
    /// Processed, and the connection is lost within the response.
    AnswerLost,
    /// Processed, and a gateway responds in its place.
    AnswerReplaced,
}

const PLACES: [Place; 7] = [
    Place::Nowhere,
    Place::NotSent,
    Place::NotReceived,
    Place::Refused,
    Place::NotAnswered,
    Place::AnswerLost,
    Place::AnswerReplaced,
];

/// A sequence of choices that a number determines.
struct Choices(u64);

impl Choices {
    fn choose(&mut self, count: u64) -> u64 {
        let choice = self.0 % count;
        self.0 /= count;
        choice
    }

    fn flip(&mut self) -> bool {
        self.choose(2) == 1
    }
}

/// Retries whatever it is asked about.
#[derive(Debug)]
struct Stubborn;

impl RetryPolicy for Stubborn {
    fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
        match failed.attempt() {
            0..5 => RetryDecision::After(Duration::from_secs(1)),
            _ => RetryDecision::GiveUp,
        }
    }
}

/// Spreads the runs over the combinations of choices.
fn scatter(run: u64) -> u64 {
    let mixed = (run + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29)
}

async fn run(seed: u64) -> (Place, &'static str) {
    let mut choices = Choices(scatter(seed));
    let place = PLACES[choices.choose(PLACES.len() as u64) as usize];
    let mut behavior = Behavior::default();
    behavior.several_cameras = match choices.choose(3) {
        0 => SeveralClips::Joined,
        1 => SeveralClips::Each,
        _ => SeveralClips::Parent,
    };
    behavior.list_order = [
        ListOrder::NewestFirst,
        ListOrder::OldestFirst,
        ListOrder::Random,
    ][choices.choose(3) as usize];
    behavior.record_delay = choices.choose(3).s();
    behavior.list_delay = (5 * choices.choose(4)).s();
    behavior.leaves_after_upload = choices.flip();
    behavior.filters_by_footage = choices.flip();
    behavior.last_page_is_empty = choices.flip();
    let (several, has_token) = (choices.flip(), choices.flip());
    let has_older = choices.flip();
    let has_concurrent = choices.choose(8) == 0;
    let is_stubborn = choices.flip();

    let service = Service::builder()
        .seed(seed)
        .behavior(behavior)
        .start()
        .await
        .unwrap();
    let [dock, gate]: [CameraUuid; 2] =
        ["Dock", "Gate"].map(|name| service.add_camera(camera(name)).parse().unwrap());
    let client = Client::builder()
        .base_url(service.base_url())
        .api_key(service.api_key());
    let client = client.build().unwrap();
    let start = std::time::UNIX_EPOCH + Duration::from_secs(1_767_000_000);
    let mut builder = NewClip::builder(dock, start..start + 60.s()).title("Delivery");
    if several {
        builder = builder.device(gate);
    }
    let new_clip = builder.build().unwrap();
    let same = serde_json::to_value(new_clip.to_request()).unwrap();
    if has_older {
        // A clip of the same footage, some time before.
        service.splice_elsewhere(&same);
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let older = service.created_clips().len();
    // So that a connection exists, or none.
    if choices.flip() {
        client.cameras().await.unwrap();
    }
    let lose = |loss: fn(Response) -> Response| {
        service.inject(Fault::map_response(loss).for_operation("spliceV3").times(1));
    };
    match place {
        Place::Nowhere => {}
        Place::NotSent => service.pause_listening().await,
        Place::NotReceived => {
            service.inject(fault(Response::reset()).for_operation("spliceV3").times(1));
        }
        Place::Refused => {
            let refusal = Response::too_many_requests(1.s());
            service.inject(fault(refusal).for_operation("spliceV3").times(1));
        }
        Place::NotAnswered => lose(|_| Response::hang()),
        Place::AnswerLost => lose(|response| response.reset_after(10)),
        Place::AnswerReplaced => lose(|_| Response::status(504)),
    }
    let mut create = client.create_clip(new_clip).footage(FootagePolicy::Off);
    if has_token {
        create = create.token();
    }
    if is_stubborn {
        create = create.retry(Stubborn);
    }
    let others = async {
        if place == Place::NotSent {
            // Before the retries are over, whatever the jitter is.
            tokio::time::sleep(Duration::from_millis(100)).await;
            service.resume_listening().await.unwrap();
        }
        if has_concurrent {
            service.splice_elsewhere(&same);
        }
    };
    let (result, ()) = tokio::join!(create.into_future(), others);

    let made = service.created_clips();
    let own: Vec<_> = made[older..]
        .iter()
        .filter(|clip| !has_concurrent || clip.description.is_some() == has_token)
        .collect();
    let mut requests: Vec<u64> = made[older..].iter().map(|clip| clip.request).collect();
    requests.dedup();
    let context = format!(
        "seed {seed}: {place:?} several {several} token {has_token} older {has_older} \
         concurrent {has_concurrent}: {result:?}, made {made:?}"
    );
    let is_received = !matches!(place, Place::NotReceived);
    assert_eq!(
        requests.len(),
        usize::from(is_received) + usize::from(has_concurrent),
        "{context}"
    );
    // Whose clip is whose can be told by the token, and otherwise if there is one.
    let is_certain = has_token || !has_concurrent;
    match result {
        Ok(created) => {
            assert!(is_received || !is_certain, "{context}");
            if is_certain {
                let uuids: Vec<String> = created.uuids().iter().map(ToString::to_string).collect();
                let own: Vec<_> = own.iter().map(|clip| clip.uuid.clone()).collect();
                assert_eq!(uuids, own, "{context}");
            }
            let is_lost = matches!(
                place,
                Place::NotAnswered | Place::AnswerLost | Place::AnswerReplaced | Place::NotReceived
            );
            assert_eq!(created.is_recovered(), is_lost, "{context}");
            (place, if is_lost { "found" } else { "created" })
        }
        Err(error) => {
            assert!(error.is_outcome_unknown(), "{context}");
            assert!(!is_received || !is_certain, "{context}");
            assert!(
                error.intent().is_some() && error.to_string().contains("lost"),
                "{context}"
            );
            (place, "outcome unknown")
        }
    }
}

#[tokio::test(start_paused = true)]
async fn there_is_never_a_second_clip() {
    let mut counts: BTreeMap<(Place, &str), u64> = BTreeMap::new();
    for seed in 0..RUNS {
        *counts.entry(run(seed).await).or_default() += 1;
    }
    println!("{RUNS} runs, by where request or response was lost:");
    for ((place, outcome), count) in &counts {
        println!("{:16} {outcome:16} {count:5}", format!("{place:?}"));
    }
    let count = |place, outcome| counts.get(&(place, outcome)).copied().unwrap_or(0);
    for place in [Place::NotAnswered, Place::AnswerLost, Place::AnswerReplaced] {
        assert!(count(place, "found") > 50, "{place:?}");
    }
    assert!(count(Place::NotReceived, "outcome unknown") > 50);
    for place in [Place::Nowhere, Place::NotSent, Place::Refused] {
        assert_eq!(count(place, "outcome unknown"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn lists_that_cannot_be_read_leave_the_outcome_open() {
    for (denied, is_found) in [
        (&["getClipsWithProgress"][..], true),
        (&["getSplicedClipsInProgress"], true),
        (
            &["getClipsWithProgress", "getSplicedClipsInProgress"],
            false,
        ),
    ] {
        let service = Service::start().await.unwrap();
        let camera: CameraUuid = service.add_camera(camera("Dock")).parse().unwrap();
        let client = Client::builder()
            .base_url(service.base_url())
            .api_key(service.api_key());
        let client = client.build().unwrap();
        for operation in denied {
            service.inject(fault(Response::access_denied(0)).for_operation(*operation));
        }
        service.inject(Fault::map_response(|_| Response::reset()).for_operation("spliceV3"));
        let start = std::time::UNIX_EPOCH + Duration::from_secs(1_767_000_000);
        let new_clip = NewClip::builder(camera, start..start + 60.s())
            .build()
            .unwrap();
        let started = tokio::time::Instant::now();
        let result = client.create_clip(new_clip).await;
        assert_eq!(result.is_ok(), is_found, "{denied:?}: {result:?}");
        if let Err(error) = result {
            assert!(error.is_outcome_unknown());
            assert!(
                error
                    .to_string()
                    .contains("not all lists could be read (access denied"),
                "{error}"
            );
            // A list that the credentials may not read is asked for once.
            assert!(started.elapsed() < Duration::from_secs(1));
            service.verify_operation("getClipsWithProgress").count(1);
            service
                .verify_operation("getSplicedClipsInProgress")
                .count(1);
        }
        service.verify_operation("spliceV3").count(1);
    }
}

/// A service without the header `Date`: creation times are compared by the local clock.
#[tokio::test(start_paused = true)]
async fn without_a_date_the_local_clock_decides() {
    for (offset_sec, is_found) in [(0_i64, true), (-50, true), (-7200, false)] {
        let mut behavior = Behavior::default();
        behavior.omits_date = true;
        let now = std::time::SystemTime::now();
        let offset = Duration::from_secs(offset_sec.unsigned_abs());
        let service = Service::builder()
            .start_time(now - offset)
            .behavior(behavior);
        let service = service.start().await.unwrap();
        let camera: CameraUuid = service.add_camera(camera("Dock")).parse().unwrap();
        let client = Client::builder()
            .base_url(service.base_url())
            .api_key(service.api_key());
        let client = client.build().unwrap();
        service.inject(Fault::map_response(|_| Response::reset()).for_operation("spliceV3"));
        let start = std::time::UNIX_EPOCH + Duration::from_secs(1_767_000_000);
        let new_clip = NewClip::builder(camera, start..start + 60.s())
            .build()
            .unwrap();
        let result = client.create_clip(new_clip).await;
        assert_eq!(result.is_ok(), is_found, "{offset_sec}: {result:?}");
        service.verify_operation("spliceV3").count(1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_lasts_for_the_grace_period_with_few_requests() {
    let service = Service::start().await.unwrap();
    let camera: CameraUuid = service.add_camera(camera("Dock")).parse().unwrap();
    let client = Client::builder()
        .base_url(service.base_url())
        .api_key(service.api_key());
    let client = client.build().unwrap();
    service.inject(fault(Response::reset()).for_operation("spliceV3"));
    let start = std::time::UNIX_EPOCH + Duration::from_secs(1_767_000_000);
    let new_clip = || {
        NewClip::builder(camera, start..start + 60.s())
            .build()
            .unwrap()
    };
    for (grace_period, rounds) in [(0, 1), (10, 5), (60, 8)] {
        let before = service
            .verify_operation("getClipsWithProgress")
            .requests()
            .len();
        let started = tokio::time::Instant::now();
        let create = client.create_clip(new_clip());
        let error = create
            .not_found_grace_period(grace_period.s())
            .await
            .unwrap_err();
        assert!(error.is_outcome_unknown());
        let elapsed = started.elapsed();
        assert!(
            elapsed >= grace_period.s() && elapsed < grace_period.s() + 1.s(),
            "{elapsed:?}"
        );
        let requests = service
            .verify_operation("getClipsWithProgress")
            .requests()
            .len();
        assert_eq!(requests - before, rounds, "{grace_period}");
    }
}
