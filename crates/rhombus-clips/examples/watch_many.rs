//! Watches many clips at once, and sends the results over a channel. Clips can be added while it
//! runs: one per line on standard input, until its end (Ctrl-D).
//!
//! ```sh
//! cargo run -p rhombus-clips --example watch_many -- CLIP_UUID...
//! ```

use std::io::BufRead as _;
use std::thread;

use rhombus_clips::{Client, Clip, ClipUpdate, ClipUuid, Error, WatchAllStream, WatchHandle};
use tokio::sync::mpsc;

/// A clip and its result.
type ClipResult = (ClipUuid, Result<Clip, Error>);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let uuids: Result<Vec<ClipUuid>, _> =
        std::env::args().skip(1).map(|text| text.parse()).collect();
    let client = Client::from_env()?; // RHOMBUS_API_KEY

    // One stream for all clips, with at most 8 requests in flight.
    let updates = client.watch_all(uuids?).concurrency(8).stream();

    // A handle adds and removes clips from any thread. The stream does not end while one exists.
    let handle = updates.handle();
    thread::spawn(move || add_from_stdin(&handle));

    // Backpressure: while the channel is full, the stream sends no new requests.
    let (sender, mut results) = mpsc::channel(16);
    tokio::spawn(forward(updates, sender));

    while let Some((uuid, result)) = results.recv().await {
        match result {
            Ok(clip) => println!("{uuid} {} bytes", clip.byte_count().unwrap_or_default()),
            Err(error) => println!("{uuid} {error}"),
        }
    }

    Ok(())
}

/// Sends the result of each clip, and prints changes.
async fn forward(mut updates: WatchAllStream, sender: mpsc::Sender<ClipResult>) {
    while let Some(update) = updates.next().await {
        match update {
            ClipUpdate::Changed { uuid, update, .. } => {
                if let Some(clip) = update.clip() {
                    eprintln!(
                        "{uuid} {} {} %",
                        clip.status(),
                        clip.percent().unwrap_or_default()
                    );
                }
            }
            ClipUpdate::Ended { uuid, result, .. } => {
                let sent = sender.send((uuid, result)).await;
                if sent.is_err() {
                    // The receiver was dropped. Dropping the stream ends all watches.
                    return;
                }
            }
            _ => {} // Later versions may add variants.
        }
    }
}

fn add_from_stdin(handle: &WatchHandle) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match line.trim().parse() {
            Ok(uuid) if handle.add(uuid) => eprintln!("{uuid} added"),
            Ok(uuid) => eprintln!("{uuid} is already watched"),
            Err(error) => eprintln!("{error}"),
        }
    }
}
