//! What is told to `tracing` and to `log`.

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

/// A span, or an event.
#[derive(Clone, Debug)]
pub struct Record {
    /// `span` or `event`.
    pub what: &'static str,
    /// The name of a span, the message of an event.
    pub name: String,
    pub level: String,
    pub target: String,
    /// The name of the innermost span around it.
    pub inside: Option<&'static str>,
    /// The names of all its fields, also of those without a value.
    pub declared: BTreeSet<String>,
    pub values: BTreeMap<String, String>,
}

impl Record {
    fn new(what: &'static str, name: &str, metadata: &Metadata<'_>) -> Self {
        let fields = metadata
            .fields()
            .iter()
            .map(|field| field.name().to_owned());
        Self {
            what,
            name: name.to_owned(),
            level: metadata.level().to_string(),
            target: metadata.target().to_owned(),
            inside: None,
            declared: fields.filter(|name| name != "message").collect(),
            values: BTreeMap::new(),
        }
    }

    /// The value of a field, if it has one.
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

/// Keeps every span and event of all crates, from TRACE on.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Inner>);

#[derive(Default)]
struct Inner {
    records: Mutex<Vec<Record>>,
    changed: Notify,
}

/// Which of the records a span is.
struct Place(usize);

impl Recorder {
    /// Listens to this thread until the guard is dropped.
    pub fn of_this_thread() -> (Self, tracing::subscriber::DefaultGuard) {
        let recorder = Self::default();
        let subscriber = tracing_subscriber::registry().with(recorder.clone());
        (recorder, tracing::subscriber::set_default(subscriber))
    }

    /// Listens to the whole process from now on.
    pub fn of_the_process() -> Self {
        let recorder = Self::default();
        let subscriber = tracing_subscriber::registry().with(recorder.clone());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        recorder
    }

    /// What there is by now.
    pub fn records(&self) -> Vec<Record> {
        self.lock().clone()
    }

    /// Waits for an event.
    pub async fn event(&self, name: &str) {
        loop {
            let changed = self.0.changed.notified();
            if self.lock().iter().any(|record| record.name == name) {
                return;
            }
            changed.await;
        }
    }

    fn push(&self, record: Record) -> Place {
        let mut records = self.lock();
        records.push(record);
        self.0.changed.notify_waiters();
        Place(records.len() - 1)
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
        record.inside = span.parent().map(|around| around.name());
        let place = self.push(record);
        span.extensions_mut().insert(place);
    }

    fn on_record(&self, id: &Id, values: &Values<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        if let Some(place) = span.extensions().get::<Place>() {
            values.record(&mut self.lock()[place.0]);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut record = Record::new("event", metadata.name(), metadata);
        event.record(&mut record);
        record.inside = context.event_span(event).map(|span| span.name());
        self.push(record);
    }
}

/// Keeps every record of `log`, from trace on.
#[derive(Default)]
pub struct LogRecords(Mutex<Vec<(String, String)>>);

impl LogRecords {
    /// Listens to the whole process from now on.
    pub fn of_the_process() -> &'static Self {
        let records: &'static Self = Box::leak(Box::default());
        log::set_logger(records).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        records
    }

    /// The target and the text of each record by now.
    pub fn texts(&self) -> Vec<(String, String)> {
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
