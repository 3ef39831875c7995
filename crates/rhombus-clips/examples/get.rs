//! Looks up the clip that is named on the command line, as it is now.
//!
//! ```sh
//! cargo run -p rhombus-clips --example get -- CLIP_UUID
//! ```

use rhombus_clips::{Client, ClipUuid};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let uuid: ClipUuid = std::env::args().nth(1).unwrap_or_default().parse()?;

    // A client is set up once and kept: its clones share connections and limits.
    let client = Client::from_env()?; // RHOMBUS_API_KEY
    let clip = match client.get_clip(uuid).await {
        Ok(clip) => clip,
        // What passes by itself was tried again already. What is left is for people to decide.
        Err(error) if error.is_authentication() => {
            return Err(format!("the key is at fault: {error}").into());
        }
        Err(error) => return Err(error.into()),
    };

    // The service leaves out what it likes, so all but the status may be `None`.
    println!("title      {}", clip.title().unwrap_or("-"));
    println!("status     {}", clip.status());
    if let Some(percent) = clip.percent() {
        // Of this operation, not of the whole clip: it starts again at 0 with the next one.
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
    // What has no accessor is in the service's own record.
    println!("mounted    {:?}", clip.record().mounting_direction);

    Ok(())
}
