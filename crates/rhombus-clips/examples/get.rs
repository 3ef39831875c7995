//! Prints the current state of the clip given on the command line.
//!
//! ```sh
//! cargo run -p rhombus-clips --example get -- CLIP_UUID
//! ```

use rhombus_clips::{Client, ClipUuid};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let uuid: ClipUuid = std::env::args().nth(1).unwrap_or_default().parse()?;

    // Create one client and share it: clones share connections and limits.
    let client = Client::from_env()?; // RHOMBUS_API_KEY
    let clip = match client.get_clip(uuid).await {
        Ok(clip) => clip,
        // Transient failures were retried already. This one requires a change of the settings.
        Err(error) if error.is_authentication() => {
            return Err(format!("API key rejected: {error}").into());
        }
        Err(error) => return Err(error.into()),
    };

    // The service may omit any property, so all accessors but the status return an `Option`.
    println!("title      {}", clip.title().unwrap_or("-"));
    println!("status     {}", clip.status());
    if let Some(percent) = clip.percent() {
        // The percentage refers to the current operation, and restarts at 0 with the next one.
        println!("operation  {} {percent} %", clip.operation().unwrap_or("-"));
    }
    if let Some(length) = clip.duration() {
        println!("length     {} s", length.as_secs());
    }
    if let Some(bytes) = clip.byte_count() {
        println!("size       {bytes} bytes");
    }
    if let Some(sha256) = clip.sha256_hex() {
        println!("sha256     {sha256}");
    }
    // The record contains the properties that have no accessor.
    println!("mounted    {:?}", clip.record().mounting_direction);

    Ok(())
}
