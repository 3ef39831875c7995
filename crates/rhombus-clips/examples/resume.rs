//! Watches a clip across restarts: where the watch stands is kept in a file. Interrupt it with
//! Ctrl-C, or kill it, and start it again.
//!
//! ```sh
//! cargo run -p rhombus-clips --example resume -- FILE CLIP_UUID
//! ```

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::{env, fs, io};

use rhombus_clips::{Checkpoint, Client, Watch};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = PathBuf::from(env::args().nth(1).ok_or("which file?")?);
    let client = Client::from_env()?; // RHOMBUS_API_KEY

    let watch = begin(&client, &file)?;
    // Kept before the first request, so that the deadline counts from the first start on.
    keep(&file, &watch.checkpoint())?;

    let mut updates = watch.stream();
    // One for the whole loop: of a new one each time, a Ctrl-C between two would be missed.
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    loop {
        let update = tokio::select! {
            // First, for Ctrl-C is heard from when this is polled on.
            biased;
            _ = &mut interrupted => {
                keep(&file, &updates.stop())?;
                println!("stopped: start again to go on");
                return Ok(());
            }
            update = updates.next() => update,
        };
        match update {
            Some(Ok(update)) => {
                keep(&file, &updates.checkpoint())?;
                if let Some(clip) = update.clip() {
                    println!("{} {} %", clip.status(), clip.percent().unwrap_or_default());
                }
            }
            Some(Err(error)) => {
                // With a checkpoint it can be tried again, for instance with another key. Without
                // one the clip failed, or there is no such clip: there is nothing to go on with.
                match error.checkpoint() {
                    Some(checkpoint) => keep(&file, checkpoint)?,
                    None => fs::remove_file(&file)?,
                }
                return Err(error.into());
            }
            None => {
                fs::remove_file(&file)?;
                return Ok(());
            }
        }
    }
}

/// Goes on from the file if there is one, and begins with the clip's UUID otherwise.
fn begin(client: &Client, file: &Path) -> Result<Watch, Box<dyn std::error::Error>> {
    match fs::read_to_string(file) {
        Ok(kept) => {
            let checkpoint: Checkpoint = kept.parse()?;
            println!("going on after {} requests", checkpoint.polls());
            Ok(client.resume(checkpoint))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let uuid = env::args().nth(2).unwrap_or_default().parse()?;
            Ok(client.watch(uuid))
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes the checkpoint beside the file and moves it there: a reader never finds half of it.
fn keep(file: &Path, checkpoint: &Checkpoint) -> io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, checkpoint.to_string())?;
    fs::rename(new, file)
}
