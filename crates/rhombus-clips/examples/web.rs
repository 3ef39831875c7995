//! A web service that shows browsers how a clip is coming along, by server-sent events.
//!
//! ```sh
//! cargo run -p rhombus-clips --example web -- [ADDRESS]
//! ```
//!
//! It listens on 127.0.0.1:8000 unless told otherwise. The browsers ask this service and this
//! service asks Rhombus, so the API key stays here. However many of them look at a clip, it is
//! watched once; when the last one goes, its watch ends.

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

    let service = Router::new()
        .route("/", get(page))
        .route("/clips/{uuid}", get(page))
        .route("/clips/{uuid}/events", get(events))
        .with_state(watches);
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, service).await?;

    Ok(())
}

/// The page reads from its own address which clip it shows.
async fn page() -> Html<&'static str> {
    Html(include_str!("web.html"))
}

/// The state of the clip at once, and then each time that it changes.
///
/// Every event says the whole state. A browser that lost the connection comes back by itself
/// (`EventSource` does), gets the state as it is then, and has missed nothing that matters: there
/// is no need to remember events and to send what came after a `Last-Event-ID`.
async fn events(State(watches): State<Watches>, Path(uuid): Path<String>) -> Response {
    match uuid.parse() {
        Ok(uuid) => Sse::new(states(watches.look_on(uuid)))
            // A comment every 15 seconds, so that nobody on the way takes silence for an end.
            .keep_alive(KeepAlive::default())
            .into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    }
}

fn states(mut onlooker: Onlooker) -> impl Stream<Item = Result<Event, Infallible>> {
    // The state that the channel has already is the first event.
    onlooker.mark_changed();
    unfold(onlooker, |mut onlooker| async move {
        // Fails when the watch has ended and its last state was sent: the stream ends too.
        onlooker.changed().await.ok()?;
        let event = onlooker.borrow_and_update().event();
        Some((Ok(event), onlooker))
    })
}

/// One browser's view of a watch. A slow one skips states; it holds nobody up.
type Onlooker = watch::Receiver<Seen>;

/// The watches that somebody looks on at.
#[derive(Clone)]
struct Watches {
    client: Client,
    running: Arc<Mutex<HashMap<ClipUuid, watch::Sender<Seen>>>>,
}

impl Watches {
    fn new(client: Client) -> Self {
        let running = Arc::default();
        Self { client, running }
    }

    /// Looks on at the watch of the clip, which begins if there is none.
    fn look_on(&self, uuid: ClipUuid) -> Onlooker {
        let mut running = self.running();
        if let Some(sender) = running.get(&uuid) {
            return sender.subscribe();
        }
        let (sender, onlooker) = watch::channel(Seen::nothing());
        running.insert(uuid, sender.clone());
        let updates = self.client.watch(uuid).stream();
        tokio::spawn(self.clone().run(uuid, updates, sender));
        onlooker
    }

    async fn run(self, uuid: ClipUuid, mut updates: WatchStream, sender: watch::Sender<Seen>) {
        loop {
            tokio::select! {
                update = updates.next() => match update {
                    Some(Ok(update)) => {
                        sender.send_replace(Seen::update(&update));
                    }
                    Some(Err(error)) => {
                        sender.send_replace(Seen::end(&error));
                    }
                    None => break,
                },
                // All browsers have gone. Another may have come since, before the lock was taken.
                () = sender.closed() => {
                    let mut running = self.running();
                    if sender.receiver_count() == 0 {
                        running.remove(&uuid);
                        return;
                    }
                }
            }
        }
        // With the last sender the channel closes, and the browsers' streams end.
        self.running().remove(&uuid);
    }

    fn running(&self) -> MutexGuard<'_, HashMap<ClipUuid, watch::Sender<Seen>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was seen of a clip, and when.
struct Seen {
    at: Instant,
    state: Value,
    elapsed: Duration,
    estimate: Option<Estimate>,
}

impl Seen {
    fn nothing() -> Self {
        Self {
            at: Instant::now(),
            state: json!({ "phase": "asking" }),
            elapsed: Duration::ZERO,
            estimate: None,
        }
    }

    fn update(update: &Update) -> Self {
        let phase = if update.is_complete() {
            "complete"
        } else {
            "running"
        };
        Self {
            state: json!({
                "phase": phase,
                "clip": update.clip().map(clip),
                // It may pass, and is tried again.
                "trouble": update.error().map(ToString::to_string),
            }),
            elapsed: update.elapsed(),
            estimate: update.estimate().filter(|_| !update.is_complete()),
            ..Self::nothing()
        }
    }

    fn end(error: &Error) -> Self {
        // Only after the clip's own end there is nothing to wait for any more.
        let phase = if error.is_clip_failed() {
            "failed"
        } else {
            "stopped"
        };
        Self {
            state: json!({
                "phase": phase,
                "clip": error.clip().map(clip),
                "error": error.to_string(),
            }),
            elapsed: error.elapsed().unwrap_or_default(),
            ..Self::nothing()
        }
    }

    /// As it is now: a browser may come long after it was seen.
    fn event(&self) -> Event {
        let age = self.at.elapsed();
        let left = |time: Duration| time.saturating_sub(age).as_secs_f64();
        let mut state = self.state.clone();
        state["elapsed"] = json!((self.elapsed + age).as_secs_f64());
        state["left"] = json!(self.estimate.map(|estimate| json!({
            "likely": left(estimate.remaining),
            "least": left(estimate.lower),
            "most": left(estimate.upper),
        })));
        Event::default().data(state.to_string())
    }
}

/// What the page shows of a clip.
fn clip(clip: &Clip) -> Value {
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
