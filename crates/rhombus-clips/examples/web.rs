//! A web server that streams the progress of clips to browsers, as server-sent events.
//!
//! ```sh
//! cargo run -p rhombus-clips --example web -- [ADDRESS]
//! ```
//!
//! It listens on 127.0.0.1:8000 by default. Browsers connect to this server only, so the API key
//! stays on the server. All browsers that show the same clip share one watch, which ends when the
//! last of them disconnects.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures_core::Stream;
use futures_util::stream::unfold;
use rhombus_clips::polling::Estimate;
use rhombus_clips::{Client, Clip, ClipUuid, Error, Update, WatchStream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8000")).await?;
    let watches = Watches::new(Client::from_env()?); // RHOMBUS_API_KEY

    let router = Router::new()
        .route("/", get(page))
        .route("/clips/{uuid}", get(page))
        .route("/clips/{uuid}/events", get(events))
        .with_state(watches);
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, router).await?;

    Ok(())
}

/// Serves the page, which takes the clip from its own URL.
async fn page() -> Html<&'static str> {
    Html(include_str!("web.html"))
}

/// Streams the current state of the clip, and each change.
///
/// Every event contains the complete state. After a connection loss `EventSource` reconnects and
/// receives the current state, so events need not be stored for `Last-Event-ID`.
async fn events(State(watches): State<Watches>, Path(uuid): Path<String>) -> Response {
    match uuid.parse() {
        Ok(uuid) => Sse::new(states(watches.subscribe(uuid)))
            // Comments, so that proxies do not close an idle connection.
            .keep_alive(KeepAlive::default())
            .into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    }
}

fn states(mut snapshots: Subscription) -> impl Stream<Item = Result<Event, Infallible>> {
    // The first event is the state that the channel already contains.
    snapshots.mark_changed();
    unfold(snapshots, |mut snapshots| async move {
        // Fails after the last state of a watch that has ended, which ends the stream.
        snapshots.changed().await.ok()?;
        let event = snapshots.borrow_and_update().to_event();
        Some((Ok(event), snapshots))
    })
}

/// A browser's subscription to a watch. Slow subscribers skip states and do not block others.
type Subscription = watch::Receiver<Snapshot>;

/// The watches that have subscribers.
#[derive(Clone)]
struct Watches {
    client: Client,
    running: Arc<Mutex<HashMap<ClipUuid, watch::Sender<Snapshot>>>>,
}

impl Watches {
    fn new(client: Client) -> Self {
        let running = Arc::default();
        Self { client, running }
    }

    /// Subscribes to the watch of the clip, and starts it if there is none.
    fn subscribe(&self, uuid: ClipUuid) -> Subscription {
        let mut running = self.running();
        if let Some(sender) = running.get(&uuid) {
            return sender.subscribe();
        }
        let (sender, subscription) = watch::channel(Snapshot::new());
        running.insert(uuid, sender.clone());
        let updates = self.client.watch(uuid).stream();
        tokio::spawn(self.clone().run(uuid, updates, sender));
        subscription
    }

    async fn run(self, uuid: ClipUuid, mut updates: WatchStream, sender: watch::Sender<Snapshot>) {
        loop {
            tokio::select! {
                update = updates.next() => match update {
                    Some(Ok(update)) => {
                        sender.send_replace(Snapshot::from_update(&update));
                    }
                    Some(Err(error)) => {
                        sender.send_replace(Snapshot::from_error(&error));
                    }
                    None => break,
                },
                // No subscribers are left, unless one was added before the lock was acquired.
                () = sender.closed() => {
                    let mut running = self.running();
                    if sender.receiver_count() == 0 {
                        running.remove(&uuid);
                        return;
                    }
                }
            }
        }
        // Dropping the last sender closes the channel, which ends the streams of all browsers.
        self.running().remove(&uuid);
    }

    fn running(&self) -> MutexGuard<'_, HashMap<ClipUuid, watch::Sender<Snapshot>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// State of a watch at a point in time.
struct Snapshot {
    taken_at: Instant,
    state: Value,
    elapsed: Duration,
    estimate: Option<Estimate>,
}

impl Snapshot {
    fn new() -> Self {
        Self {
            taken_at: Instant::now(),
            state: json!({ "phase": "connecting" }),
            elapsed: Duration::ZERO,
            estimate: None,
        }
    }

    fn from_update(update: &Update) -> Self {
        let phase = if update.is_complete() {
            "complete"
        } else {
            "running"
        };
        Self {
            state: json!({
                "phase": phase,
                "clip": update.clip().map(clip_properties),
                // A transient error, which the watch retries.
                "transientError": update.error().map(ToString::to_string),
            }),
            elapsed: update.elapsed(),
            estimate: update.estimate().filter(|_| !update.is_complete()),
            ..Self::new()
        }
    }

    fn from_error(error: &Error) -> Self {
        // A watch that stopped for another reason than the clip can be started again.
        let phase = if error.is_clip_failed() {
            "failed"
        } else {
            "stopped"
        };
        Self {
            state: json!({
                "phase": phase,
                "clip": error.clip().map(clip_properties),
                "error": error.to_string(),
            }),
            elapsed: error.elapsed().unwrap_or_default(),
            ..Self::new()
        }
    }

    /// Returns the event for a browser, which may subscribe long after the snapshot was taken.
    fn to_event(&self) -> Event {
        let age = self.taken_at.elapsed();
        let seconds = |time: Duration| time.saturating_sub(age).as_secs_f64();
        let mut state = self.state.clone();
        state["elapsed"] = json!((self.elapsed + age).as_secs_f64());
        state["remaining"] = json!(self.estimate.map(|estimate| json!({
            "estimate": seconds(estimate.remaining),
            "lower": seconds(estimate.lower),
            "upper": seconds(estimate.upper),
        })));
        Event::default().data(state.to_string())
    }
}

/// Returns the properties of a clip that the page shows.
fn clip_properties(clip: &Clip) -> Value {
    json!({
        "title": clip.title(),
        "status": clip.status(),
        "percent": clip.percent(),
        "operation": clip.operation(),
        "seconds": clip.duration().map(|length| length.as_secs()),
        "bytes": clip.byte_count(),
        "sha256": clip.sha256_hex(),
    })
}
