//! Compares spans and events with the tables in the tracing guide.
//!
//! Names, levels and fields are a public interface: users filter and aggregate by them.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{ClipUpdate, WatchHandle};
use rhombus_clips_sim::{Clip, ClipStatus, Fault, Response, Service, Step};
use rhombus_clips_tests::operations::Subject;
use rhombus_clips_tests::telemetry::{Record, Recorder};
use rhombus_clips_tests::{add, client_for, complete, rendering};
use tokio::time::{advance, pause, resume};
use tracing::{Event, Instrument as _, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use xtask::workspace;

/// Kind, name, level and fields of spans and events, as documented or as recorded.
type Descriptions = BTreeSet<(String, String, String, BTreeSet<String>)>;

/// Returns the rows of a table in the tracing guide, found by its header.
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

/// Returns the texts between backticks.
fn names(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn documented() -> Descriptions {
    let row = |cells: &Vec<String>| {
        let (kind, _) = cells[0].split_once(' ').unwrap();
        let [name, level] = [&cells[0], &cells[1]].map(|cell| names(cell).remove(0));
        let fields = names(&cells[2]).into_iter().collect();
        (kind.to_owned(), name, level, fields)
    };
    table("| | level | fields |").iter().map(row).collect()
}

/// Returns the records that the library emitted.
fn library_records(recorder: &Recorder) -> Vec<Record> {
    let mut records = recorder.records();
    records.retain(|record| record.target.starts_with("rhombus_clips"));
    records
}

fn describe(records: &[Record]) -> Descriptions {
    let record = |record: &Record| {
        assert_eq!(record.target, "rhombus_clips");
        let Record {
            kind,
            name,
            level,
            declared,
            ..
        } = record.clone();
        (kind.to_owned(), name, level, declared)
    };
    records.iter().map(record).collect()
}

/// Returns the records of this name, in order.
fn named<'a>(records: &'a [Record], name: &str) -> Vec<&'a Record> {
    records
        .iter()
        .filter(|record| record.name == name)
        .collect()
}

/// Returns the values of these fields.
fn values<const N: usize>(record: &Record, fields: [&str; N]) -> [Option<String>; N] {
    fields.map(|field| record.value(field).map(str::to_owned))
}

fn some_text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Runs a call and advances the clock through its retry delay.
async fn skip_retry_delay<T>(recorder: &Recorder, call: impl Future<Output = T>) -> T {
    let skip = async {
        recorder.wait_for("retrying").await;
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
async fn spans_and_events_match_their_documentation() {
    let (recorder, _guard) = Recorder::for_current_thread();
    let service = Service::start().await.unwrap();
    let client = client_for(&service);
    let uuid = add(&service, Clip::by_request([complete()]));
    service.respond_next(Response::too_many_requests(Duration::from_secs(1)));
    skip_retry_delay(&recorder, client.get_clip(uuid).into_future())
        .await
        .unwrap();
    let failed = add(&service, Clip::by_request([Step::new(ClipStatus::Failed)]));
    client.watch(failed).await.unwrap_err();
    let mut subject = Subject::add_to(&service);
    subject.grace_period = Duration::ZERO;
    for lost in [Response::status(504), Response::close()] {
        service.inject(Fault::respond(lost).for_operation("spliceV3").times(1));
        let create = client.create_clip(subject.new_clip());
        let create = create.not_found_grace_period(Duration::ZERO);
        create.await.unwrap_err();
    }
    let clip = client.get_clip(uuid).await.unwrap();
    service.inject(Fault::respond(Response::status(503)).for_operation("media"));
    let download = client.download(&clip).retry(NoRetry);
    download.to_writer(tokio::io::sink()).await.unwrap_err();

    let records = library_records(&recorder);
    assert_eq!(describe(&records), documented());

    let explained: BTreeSet<String> = table("| field | meaning |")
        .iter()
        .flat_map(|cells| names(&cells[0]))
        .collect();
    let declared = documented().into_iter().flat_map(|(.., fields)| fields);
    assert_eq!(declared.collect::<BTreeSet<_>>(), explained);

    // Every declared field has a value at least once.
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
async fn a_successful_get_is_one_attempt() {
    let (recorder, _guard) = Recorder::for_current_thread();
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    client_for(&service).get_clip(uuid).await.unwrap();
    let records = library_records(&recorder);
    let [span, event] = &records[..] else {
        panic!("{records:?}");
    };
    assert_eq!(
        (&*span.name, &*event.name),
        ("attempt", "attempt succeeded")
    );
    let fields = ["operation", "clip_uuid", "attempt", "status", "error_kind"];
    let expected = [
        some_text("getClipWithProgress"),
        some_text(&uuid.to_string()),
        some_text("1"),
        some_text("200"),
        None,
    ];
    assert_eq!(values(span, fields), expected);
    let fields = ["status", "elapsed_ms"];
    assert_eq!(values(span, fields), values(event, fields));
    assert!(event.value("elapsed_ms").unwrap().parse::<u64>().is_ok());
}

#[tokio::test]
async fn a_retry_logs_its_cause_and_delay() {
    let (recorder, _guard) = Recorder::for_current_thread();
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    service.respond_next(Response::too_many_requests(Duration::from_secs(1)));
    let get_clip = client_for(&service).get_clip(uuid).into_future();
    skip_retry_delay(&recorder, get_clip).await.unwrap();
    let records = library_records(&recorder);
    let names: Vec<&str> = records.iter().map(|record| &*record.name).collect();
    let failed = ["attempt", "attempt failed", "retrying"];
    assert_eq!(
        names,
        [&failed[..], &["attempt", "attempt succeeded"]].concat()
    );

    let spans = named(&records, "attempt");
    let fields = ["attempt", "status", "retry_after_ms", "error_kind"];
    let first = [
        some_text("1"),
        some_text("429"),
        some_text("1000"),
        some_text("RateLimited"),
    ];
    assert_eq!(values(spans[0], fields), first);
    assert_eq!(
        values(spans[1], fields),
        [some_text("2"), some_text("200"), None, None]
    );
    let [_, failure_fields @ ..] = fields;
    let event = named(&records, "attempt failed")[0];
    assert_eq!(event.parent, Some("attempt"));
    assert_eq!(
        values(event, failure_fields),
        values(spans[0], failure_fields)
    );
    let retrying = named(&records, "retrying")[0];
    assert_eq!(retrying.parent, None);
    let fields = ["clip_uuid", "attempt", "delay_ms"];
    let expected = [
        some_text(&uuid.to_string()),
        some_text("1"),
        some_text("1000"),
    ];
    assert_eq!(values(retrying, fields), expected);
}

#[tokio::test]
async fn a_watch_logs_its_end() {
    let (recorder, _guard) = Recorder::for_current_thread();
    let service = Service::start().await.unwrap();
    let watch = |last: Step| {
        let uuid = add(&service, Clip::by_request([rendering(40), last]));
        let interval = Duration::from_millis(1);
        client_for(&service).watch(uuid).interval(interval)
    };
    watch(complete()).await.unwrap();
    watch(Step::response(Response::access_denied(0)))
        .await
        .unwrap_err();
    let records = library_records(&recorder);
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
    let (operation, attempts) = (some_text("getClipWithProgress"), some_text("2"));
    let complete = [operation.clone(), attempts.clone(), None];
    assert_eq!(
        ends,
        [complete, [operation, attempts, some_text("Authentication")]]
    );
}

#[tokio::test]
async fn without_a_response_there_is_no_status() {
    let (recorder, _guard) = Recorder::for_current_thread();
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    service.respond_next(Response::close());
    let get_clip = client_for(&service).get_clip(uuid).into_future();
    skip_retry_delay(&recorder, get_clip).await.unwrap();
    let records = library_records(&recorder);
    let fields = ["status", "error_kind"];
    for name in ["attempt", "attempt failed"] {
        let actual = values(named(&records, name)[0], fields);
        assert_eq!(actual, [None, some_text("Connection")], "{name}");
    }
}

#[tokio::test]
async fn watch_all_events_belong_to_the_span_of_the_reader() {
    let (recorder, _guard) = Recorder::for_current_thread();
    let service = Service::start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    let mut updates = client_for(&service).watch_all([uuid]).stream();
    let read = async { while updates.next().await.is_some() {} };
    read.instrument(info_span!("import")).await;
    let records = library_records(&recorder);
    let attempt = named(&records, "attempt")[0];
    assert_eq!(attempt.parent, Some("import"));
}

/// Takes the checkpoints of a stream with every event.
struct TakesCheckpoints(Arc<OnceLock<WatchHandle>>);

impl<S: Subscriber> Layer<S> for TakesCheckpoints {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let handle = self.0.get();
        if let Some(handle) = handle.filter(|_| event.metadata().target() == "rhombus_clips") {
            handle.checkpoints();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_may_use_a_handle() {
    let handle = Arc::new(OnceLock::new());
    let layer = TakesCheckpoints(handle.clone());
    let _guard = tracing_subscriber::registry().with(layer).set_default();
    let service = Service::start().await.unwrap();
    let unavailable = Step::response(Response::status(503));
    let uuid = add(
        &service,
        Clip::by_request([unavailable, rendering(50), complete()]),
    );
    let mut updates = client_for(&service).watch_all([uuid]).stream();
    handle.set(updates.handle()).unwrap();
    let mut last = None;
    while !matches!(last, Some(ClipUpdate::Ended { .. })) {
        last = updates.next().await;
    }
    assert!(handle.get().is_some_and(WatchHandle::is_empty));
}
