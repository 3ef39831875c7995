//! Watches the clip given on the command line.

use rhombus_clips::{Client, ClipUuid};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let uuid: ClipUuid = std::env::args().nth(1).unwrap_or_default().parse()?;

    let client = Client::from_env()?; // RHOMBUS_API_KEY
    let clip = client.watch(uuid).await?; // the finished clip, or a typed error
    println!("{} bytes", clip.byte_count().unwrap_or_default());

    Ok(())
}
