//! Exports a camera's footage into a directory, stage by stage. Interrupt it with Ctrl-C, or kill it, and run it again
//! with the same directory: it continues what is unfinished, and requests no clip twice.
//!
//! Times are seconds since 1970-01-01 00:00 UTC, or relative to now if negative.
//!
//! ```sh
//! cargo run -p rhombus-clips --example export -- DIRECTORY "Loading dock" -900 -600
//! ```

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{env, fs, io};

use rhombus_clips::{Client, Export, ExportUpdate, NewClip};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let directory = PathBuf::from(env::args().nth(1).ok_or("missing argument DIRECTORY")?);
    fs::create_dir_all(&directory)?;
    let checkpoint_file = directory.join("export.checkpoint");
    let client = Client::from_env()?; // RHOMBUS_API_KEY

    // Stored before each request, so that a crash at any point requests no clip twice.
    let export = start_or_resume(&client, &checkpoint_file).await?;
    let export = export.checkpoint_file(&checkpoint_file);
    let mut updates = export.to_directory(&directory).stream();
    let mut failed = 0;
    while let Some(update) = updates.next().await {
        match update {
            ExportUpdate::Created { created, .. } => {
                for report in created.footage() {
                    println!("footage      {report}");
                }
                for uuid in created.uuids() {
                    println!("requested    {uuid}");
                }
            }
            ExportUpdate::Rendering { update, .. } => {
                if let Some(clip) = update.clip() {
                    println!("rendering    {} %", clip.percent().unwrap_or_default());
                }
            }
            ExportUpdate::Downloading { progress, .. } => {
                println!("downloading  {} %", progress.percent().unwrap_or_default());
            }
            // A crash would now repeat a part of the work. The next change stores it again.
            ExportUpdate::NotStored { error } => println!("not stored   {error}"),
            ExportUpdate::Exported(exported) => {
                let file = exported.file();
                println!("saved        {}", file.path().display());
                println!("verified     {}", file.verification());
            }
            ExportUpdate::Failed { error, .. } => {
                println!("failed       {error}");
                failed += 1;
            }
            _ => {} // Stages may be added.
        }
    }
    // What failed for good is not in the checkpoint; what can be tried again is.
    if updates.checkpoint().is_empty() {
        fs::remove_file(&checkpoint_file)?;
    }
    match failed {
        0 => Ok(()),
        _ => Err(format!("{failed} failed").into()),
    }
}

/// Continues the export of the checkpoint file if it exists, and starts a new one otherwise.
async fn start_or_resume(client: &Client, checkpoint_file: &Path) -> Result<Export> {
    match fs::read_to_string(checkpoint_file) {
        Ok(text) => {
            println!("resuming     {}", checkpoint_file.display());
            return Ok(client.resume_export(text.parse()?));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let mut arguments = env::args().skip(2);
    let mut argument = |name: &str| arguments.next().ok_or(format!("missing argument {name}"));
    let name = argument("CAMERA")?;
    let (start, end) = (time(&argument("START")?)?, time(&argument("END")?)?);

    // By UUID, name, or a unique part of the name. An error lists the cameras.
    let cameras = client.cameras().await?;
    let camera = cameras.find(&name)?;
    let new_clips = NewClip::builder(camera, start..end)
        .title(&name)
        .max_duration(client.max_clip_duration().await?) // A longer range makes several clips.
        .split()?;
    Ok(client.export_all(new_clips))
}

/// Reads a time.
fn time(text: &str) -> Result<SystemTime> {
    let seconds: i64 = text.parse()?;
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let time = match seconds {
        ..0 => SystemTime::now().checked_sub(distance),
        0.. => SystemTime::UNIX_EPOCH.checked_add(distance),
    };
    Ok(time.ok_or("time out of range")?)
}
