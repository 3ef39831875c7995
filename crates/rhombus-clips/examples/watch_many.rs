//! Watches many clips at once, and hands each result to the part of the program that wants it.
//! Clips can be added while it runs: one a line on standard input, until its end (Ctrl-D).
//!
//! ```sh
//! cargo run -p rhombus-clips --example watch_many -- CLIP_UUID...
//! ```

use std::io::BufRead as _;
use std::thread;

use rhombus_clips::{Client, Clip, ClipUpdate, ClipUuid, Error, WatchAllStream, WatchHandle};
use tokio::sync::mpsc;

/// A clip and what became of it.
type Ended = (ClipUuid, Result<Clip, Error>);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clips: Result<Vec<ClipUuid>, _> =
        std::env::args().skip(1).map(|text| text.parse()).collect();
    let client = Client::from_env()?; // RHOMBUS_API_KEY

    // One stream for all of them. Its requests share the client's connections, and at most 8 are
    // under way at any time, however many clips there are.
    let updates = client.watch_all(clips?).concurrency(8).stream();

    // A handle adds and removes clips from any thread. The stream goes on as long as there is one.
    let handle = updates.handle();
    thread::spawn(move || add_from_stdin(&handle));

    // The channel has room for 16 results. When it is full, the watch waits and asks for nothing.
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

/// Hands on how each clip ended, and tells people of changes.
async fn forward(mut updates: WatchAllStream, sender: mpsc::Sender<Ended>) {
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
                    // Nobody is interested any more: dropping the stream ends all watches.
                    return;
                }
            }
            _ => {} // Later versions may tell more.
        }
    }
}

fn add_from_stdin(handle: &WatchHandle) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match line.trim().parse() {
            Ok(uuid) if handle.add(uuid) => eprintln!("{uuid} added"),
            Ok(uuid) => eprintln!("{uuid} is watched already"),
            Err(error) => eprintln!("{error}"),
        }
    }
}
