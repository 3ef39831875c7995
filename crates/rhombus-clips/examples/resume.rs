//! Watches a clip across restarts, with a checkpoint in a file. Interrupt it with Ctrl-C, or kill it,
//! and run it again.
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
    let file = PathBuf::from(env::args().nth(1).ok_or("missing argument FILE")?);
    let client = Client::from_env()?; // RHOMBUS_API_KEY

    let watch = start_or_resume(&client, &file)?;
    // Saved before the first request, so that a crash does not restart the timeout.
    save(&file, &watch.checkpoint())?;

    let mut updates = watch.stream();
    // Created once: a new future per iteration could miss a Ctrl-C in between.
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    loop {
        let update = tokio::select! {
            // Polled first, because the signal handler is installed by the first poll.
            biased;
            _ = &mut interrupted => {
                save(&file, &updates.stop())?;
                println!("stopped; run again to resume");
                return Ok(());
            }
            update = updates.next() => update,
        };
        match update {
            Some(Ok(update)) => {
                save(&file, &updates.checkpoint())?;
                if let Some(clip) = update.clip() {
                    println!("{} {} %", clip.status(), clip.percent().unwrap_or_default());
                }
            }
            Some(Err(error)) => {
                // With a checkpoint the watch can be resumed, for instance with another API key.
                // Without one the clip failed or was never found.
                match error.checkpoint() {
                    Some(checkpoint) => save(&file, checkpoint)?,
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

/// Resumes from the file if it exists, and starts a new watch otherwise.
fn start_or_resume(client: &Client, file: &Path) -> Result<Watch, Box<dyn std::error::Error>> {
    match fs::read_to_string(file) {
        Ok(text) => {
            let checkpoint: Checkpoint = text.parse()?;
            println!("resuming after {} polls", checkpoint.polls());
            Ok(client.resume(checkpoint))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let uuid = env::args().nth(2).unwrap_or_default().parse()?;
            Ok(client.watch(uuid))
        }
        Err(error) => Err(error.into()),
    }
}

/// Replaces the file atomically: writes a temporary file and renames it.
fn save(file: &Path, checkpoint: &Checkpoint) -> io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, checkpoint.to_string())?;
    fs::rename(new, file)
}
