//! Exports five minutes of a camera's footage into the current directory.

use std::time::{Duration, SystemTime};

use rhombus_clips::{Client, NewClip};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let end = SystemTime::now() - Duration::from_secs(600); // ten minutes ago
    let start = end - Duration::from_secs(300);

    let client = Client::from_env()?; // RHOMBUS_API_KEY
    let cameras = client.cameras().await?;
    let new_clip = NewClip::builder(cameras.find("loading dock")?, start..end).build()?;
    for exported in client.export(new_clip).await? {
        let file = exported.file();
        println!("{}: {}", file.path().display(), file.verification());
    }
    Ok(())
}
