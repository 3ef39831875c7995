//! The spans and events are those that the documentation lists.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::Duration;

use rhombus_clips_sim::{Clip, ClipStatus, Response, Service, Step};
use rhombus_clips_tests::telemetry::{Record, Recorder};
use rhombus_clips_tests::{add, client_of, complete, rendering};
use tokio::time::{advance, pause, resume};
use tracing::{Instrument as _, info_span};
use xtask::workspace;

/// What a span or an event is documented as, or was: what it is, its name, level and fields.
type Described = BTreeSet<(String, String, String, BTreeSet<String>)>;

/// The guide of the crate: the rows of a table under this heading.
fn table(heading: &str) -> Vec<Vec<String>> {
    let path = workspace::root().join("crates/rhombus-clips/src/guide/tracing.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, table) = text.split_once(heading).unwrap();
    let rows = table
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix('|'));
    let cells = |row: &str| row.split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.map(cells).collect()
}

/// The names between backticks.
fn names(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn documented() -> Described {
    let row = |cells: &Vec<String>| {
        let (what, _) = cells[0].split_once(' ').unwrap();
        let [name, level] = [&cells[0], &cells[1]].map(|cell| names(cell).remove(0));
        let fields = names(&cells[2]).into_iter().collect();
        (what.to_owned(), name, level, fields)
    };
    table("| | level | fields |").iter().map(row).collect()
}

/// What the crate told `tracing`.
fn own(recorder: &Recorder) -> Vec<Record> {
    let mut records = recorder.records();
    records.retain(|record| record.target.starts_with("rhombus_clips"));
    records
}

fn described(records: &[Record]) -> Described {
    let record = |record: &Record| {
        assert_eq!(record.target, "rhombus_clips");
        let Record {
            what,
            name,
            level,
            declared,
            ..
        } = record.clone();
        (what.to_owned(), name, level, declared)
    };
    records.iter().map(record).collect()
}

/// The records of this name, in order.
fn named<'a>(records: &'a [Record], name: &str) -> Vec<&'a Record> {
    records
        .iter()
        .filter(|record| record.name == name)
        .collect()
}

/// The values of these fields.
fn values<const N: usize>(record: &Record, fields: [&str; N]) -> [Option<String>; N] {
    fields.map(|field| record.value(field).map(str::to_owned))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Lets the wait pass that the call makes between two attempts.
async fn without_waiting<T>(recorder: &Recorder, call: impl Future<Output = T>) -> T {
    let skip = async {
        recorder.event("retrying").await;
        pause();
        advance(Duration::from_secs(3)).await;
        resume();
    };
    let mut call = pin!(call);
    tokio::select! {
        result = &mut call => result,
        () = skip => call.await,
    }
}

#[tokio::test]
async fn what_is_told_is_what_is_documented() {
    let (recorder, _guard) = Recorder::of_this_thread();
    let service = Service::start().await.unwrap();
    let client = client_of(&service);
    let clip = add(&service, Clip::by_request([complete()]));
    service.respond_next(Response::too_many_requests(Duration::from_secs(1)));
    without_waiting(&recorder, client.get_clip(clip).into_future())
        .await
        .unwrap();
    let failed = add(&service, Clip::by_request([Step::new(ClipStatus::Failed)]));
    client.watch(failed).await.unwrap_err();

    let records = own(&recorder);
    assert_eq!(described(&records), documented());

    let explained: BTreeSet<String> = table("| field | meaning |")
        .iter()
        .flat_map(|cells| names(&cells[0]))
        .collect();
    let declared = documented().into_iter().flat_map(|(.., fields)| fields);
    assert_eq!(declared.collect::<BTreeSet<_>>(), explained);

    // No field is declared in vain.
    let mut valued: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
    for record in &records {
        valued
            .entry(&record.name)
            .or_default()
            .extend(record.values.keys());
    }
    for (_, name, _, fields) in &documented() {
        assert_eq!(valued[name.as_str()], fields.iter().collect(), "{name}");
    }
}

#[tokio::test]
async fn a_look_up_that_succeeds_is_one_attempt() {
    let (recorder, _guard) = Recorder::of_this_thread();
    let service = Service::start().await.unwrap();
    let clip = add(&service, Clip::by_request([complete()]));
    client_of(&service).get_clip(clip).await.unwrap();
    let records = own(&recorder);
    let [span, event] = &records[..] else {
        panic!("{records:?}");
    };
    assert_eq!(
        (&*span.name, &*event.name),
        ("attempt", "attempt succeeded")
    );
    let fields = ["operation", "clip_uuid", "attempt", "status", "error_kind"];
    let said = [
        some("getClipWithProgress"),
        some(&clip.to_string()),
        some("1"),
        some("200"),
        None,
    ];
    assert_eq!(values(span, fields), said);
    let fields = ["status", "elapsed_ms"];
    assert_eq!(values(span, fields), values(event, fields));
    assert!(event.value("elapsed_ms").unwrap().parse::<u64>().is_ok());
}

#[tokio::test]
async fn a_look_up_that_is_tried_again_says_why_and_when() {
    let (recorder, _guard) = Recorder::of_this_thread();
    let service = Service::start().await.unwrap();
    let clip = add(&service, Clip::by_request([complete()]));
    service.respond_next(Response::too_many_requests(Duration::from_secs(1)));
    let look_up = client_of(&service).get_clip(clip).into_future();
    without_waiting(&recorder, look_up).await.unwrap();
    let records = own(&recorder);
    let names: Vec<&str> = records.iter().map(|record| &*record.name).collect();
    let failed = ["attempt", "attempt failed", "retrying"];
    assert_eq!(
        names,
        [&failed[..], &["attempt", "attempt succeeded"]].concat()
    );

    let spans = named(&records, "attempt");
    let fields = ["attempt", "status", "retry_after_ms", "error_kind"];
    let first = [some("1"), some("429"), some("1000"), some("RateLimited")];
    assert_eq!(values(spans[0], fields), first);
    assert_eq!(
        values(spans[1], fields),
        [some("2"), some("200"), None, None]
    );
    let [_, why @ ..] = fields;
    let event = named(&records, "attempt failed")[0];
    assert_eq!(event.inside, Some("attempt"));
    assert_eq!(values(event, why), values(spans[0], why));
    let again = named(&records, "retrying")[0];
    assert_eq!(again.inside, None);
    let fields = ["clip_uuid", "attempt", "wait_ms"];
    let said = [some(&clip.to_string()), some("1"), some("1000")];
    assert_eq!(values(again, fields), said);
}

#[tokio::test]
async fn a_watch_tells_its_end() {
    let (recorder, _guard) = Recorder::of_this_thread();
    let service = Service::start().await.unwrap();
    let watch = |last: Step| {
        let clip = add(&service, Clip::by_request([rendering(40), last]));
        let soon = Duration::from_millis(1);
        client_of(&service).watch(clip).interval(soon)
    };
    watch(complete()).await.unwrap();
    watch(Step::response(Response::access_denied(0)))
        .await
        .unwrap_err();
    let records = own(&recorder);
    let numbers: Vec<_> = named(&records, "attempt")
        .iter()
        .map(|span| span.value("attempt").unwrap())
        .collect();
    assert_eq!(numbers, ["1", "2", "1", "2"]);
    let fields = ["operation", "polls", "error_kind"];
    let ends: Vec<_> = named(&records, "watch ended")
        .iter()
        .map(|event| values(event, fields))
        .collect();
    let (operation, attempts) = (some("getClipWithProgress"), some("2"));
    let complete = [operation.clone(), attempts.clone(), None];
    assert_eq!(
        ends,
        [complete, [operation, attempts, some("Authentication")]]
    );
}

#[tokio::test]
async fn without_an_answer_there_is_no_status() {
    let (recorder, _guard) = Recorder::of_this_thread();
    let service = Service::start().await.unwrap();
    let clip = add(&service, Clip::by_request([complete()]));
    service.respond_next(Response::close());
    let look_up = client_of(&service).get_clip(clip).into_future();
    without_waiting(&recorder, look_up).await.unwrap();
    let records = own(&recorder);
    let fields = ["status", "error_kind"];
    for name in ["attempt", "attempt failed"] {
        let said = values(named(&records, name)[0], fields);
        assert_eq!(said, [None, some("Connection")], "{name}");
    }
}

#[tokio::test]
async fn what_many_watches_tell_is_inside_of_the_span_that_reads_them() {
    let (recorder, _guard) = Recorder::of_this_thread();
    let service = Service::start().await.unwrap();
    let clip = add(&service, Clip::by_request([complete()]));
    let mut updates = client_of(&service).watch_all([clip]).stream();
    let read = async { while updates.next().await.is_some() {} };
    read.instrument(info_span!("import")).await;
    let records = own(&recorder);
    let attempt = named(&records, "attempt")[0];
    assert_eq!(attempt.inside, Some("import"));
}
