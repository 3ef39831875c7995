//! Recorders of everything that is emitted to `tracing` and `log`.
//!
//! They record all crates at all levels: a test filters what it is about, and the search for leaked
//! keys needs everything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record as Values};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// A recorded span or event.
#[derive(Clone, Debug)]
pub struct Record {
    /// `span` or `event`.
    pub kind: &'static str,
    /// The name of a span, the message of an event.
    pub name: String,
    pub level: String,
    pub target: String,
    /// Name of the innermost enclosing span.
    pub parent: Option<&'static str>,
    /// Names of all declared fields, with and without a value.
    pub declared: BTreeSet<String>,
    pub values: BTreeMap<String, String>,
}

impl Record {
    fn new(kind: &'static str, name: &str, metadata: &Metadata<'_>) -> Self {
        let fields = metadata
            .fields()
            .iter()
            .map(|field| field.name().to_owned());
        Self {
            kind,
            name: name.to_owned(),
            level: metadata.level().to_string(),
            target: metadata.target().to_owned(),
            parent: None,
            declared: fields.filter(|name| name != "message").collect(),
            values: BTreeMap::new(),
        }
    }

    /// Returns the value of a field, if it was recorded.
    pub fn value(&self, field: &str) -> Option<&str> {
        self.values.get(field).map(String::as_str)
    }
}

impl Visit for Record {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "message" => self.name = text,
            name => drop(self.values.insert(name.to_owned(), text)),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

/// Records every span and event of all crates at all levels.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Inner>);

#[derive(Default)]
struct Inner {
    records: Mutex<Vec<Record>>,
    changed: Notify,
}

/// Index of a span's record, stored in the extensions of the span.
struct RecordIndex(usize);

impl Recorder {
    /// Records the current thread until the guard is dropped.
    pub fn for_current_thread() -> (Self, tracing::subscriber::DefaultGuard) {
        // Threads without a subscriber would have the process's callsites cached as disabled, at times
        // while another thread records. It fails if there is one already.
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
        let recorder = Self::default();
        let subscriber = tracing_subscriber::registry().with(recorder.clone());
        (recorder, tracing::subscriber::set_default(subscriber))
    }

    /// Records the entire process from now on.
    pub fn install_global() -> Self {
        let recorder = Self::default();
        let subscriber = tracing_subscriber::registry().with(recorder.clone());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        recorder
    }

    /// Returns the records so far.
    pub fn records(&self) -> Vec<Record> {
        self.lock().clone()
    }

    /// Waits for an event or span of this name.
    pub async fn wait_for(&self, name: &str) {
        loop {
            let changed = self.0.changed.notified();
            if self.lock().iter().any(|record| record.name == name) {
                return;
            }
            changed.await;
        }
    }

    fn push(&self, record: Record) -> RecordIndex {
        let mut records = self.lock();
        records.push(record);
        self.0.changed.notify_waiters();
        RecordIndex(records.len() - 1)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Record>> {
        self.0.records.lock().unwrap()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        let mut record = Record::new("span", metadata.name(), metadata);
        attributes.record(&mut record);
        let span = context.span(id).unwrap();
        record.parent = span.parent().map(|parent| parent.name());
        let index = self.push(record);
        span.extensions_mut().insert(index);
    }

    fn on_record(&self, id: &Id, values: &Values<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        if let Some(index) = span.extensions().get::<RecordIndex>() {
            values.record(&mut self.lock()[index.0]);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut record = Record::new("event", metadata.name(), metadata);
        event.record(&mut record);
        record.parent = context.event_span(event).map(|span| span.name());
        self.push(record);
    }
}

/// Records every `log` record at all levels.
#[derive(Default)]
pub struct LogRecords(Mutex<Vec<(String, String)>>);

impl LogRecords {
    /// Records the entire process from now on.
    pub fn install_global() -> &'static Self {
        let records: &'static Self = Box::leak(Box::default());
        log::set_logger(records).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        records
    }

    /// Returns the target and the text of each record so far.
    pub fn entries(&self) -> Vec<(String, String)> {
        self.0.lock().unwrap().clone()
    }
}

impl log::Log for LogRecords {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let (target, text) = (record.target().to_owned(), record.args().to_string());
        self.0.lock().unwrap().push((target, text));
    }

    fn flush(&self) {}
}
