//! Requests a clip of a camera, from ten minutes ago until five minutes ago, and waits for it.
//!
//! ```sh
//! cargo run -p rhombus-clips --example create -- "Loading dock"
//! ```

use std::time::{Duration, SystemTime};

use rhombus_clips::{Client, NewClip};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let client = Client::from_env()?; // RHOMBUS_API_KEY

    // By UUID, name, or a unique part of the name. An error lists the cameras.
    let cameras = client.cameras().await?;
    let camera = cameras.find(&name)?;

    let ago = |minutes: u64| SystemTime::now() - Duration::from_secs(60 * minutes);
    let new_clip = NewClip::builder(camera, ago(10)..ago(5))
        .title("Five minutes")
        .build()?;

    let create = client.create_clip(new_clip);
    // A program that may end at any time stores the intent first, and looks for the clip after its restart.
    println!("intent     {}", create.intent());
    let created = match create.await {
        Ok(created) => created,
        Err(error) if error.is_outcome_unknown() => {
            // The clip may exist. It is looked for, and never requested a second time.
            return Err(format!("{error}; candidates: {:?}", error.candidates()).into());
        }
        Err(error) => return Err(error.into()),
    };
    for report in created.footage() {
        println!("footage    {report}");
    }
    for uuid in created.uuids() {
        println!("requested  {uuid}");
        let clip = client.watch(*uuid).await?;
        println!("complete   {} bytes", clip.byte_count().unwrap_or_default());
    }
    Ok(())
}
