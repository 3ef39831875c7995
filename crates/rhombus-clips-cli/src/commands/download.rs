//! The `download` command.

use std::path::Path;

use rhombus_clips::{Client, ClipUuid, Error};

use super::file_session::{self, Events};
use crate::cli::{DownloadArgs, FileArgs};
use crate::client::{ClientLimits, ServiceClient};
use crate::config::Settings;
use crate::report::failure::{ExitCode, Failure};
use crate::signals::Signals;

/// Downloads the files of the clips, one after the other.
pub(crate) async fn run(args: DownloadArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let signals = Signals::listen();
    let limits = ClientLimits::default();
    let service = ServiceClient::from_settings(&args.simulation, settings, limits).await?;
    let uuids = service.clips(&args.targets, |clips| clips.done)?;
    let output = settings.output.value;
    let work = async |events: Events| {
        for uuid in &uuids {
            if let Err(error) = download(&service.client, *uuid, &args, &events).await {
                events.failed(Some(*uuid), &error);
            }
        }
    };
    let multiple = uuids.len() > 1;
    let end = file_session::run(output, multiple, uuids.len(), signals, work).await?;
    Ok(end.code)
}

async fn download(
    client: &Client,
    uuid: ClipUuid,
    args: &DownloadArgs,
    events: &Events,
) -> Result<(), Error> {
    let clip = client.get_clip(uuid).await?;
    let download = match args.thumbnail {
        false => client.download(&clip),
        true => client.download_thumbnail(&clip),
    };
    let download = match args.timeout {
        Some(timeout) => download.timeout(timeout),
        None => download,
    };
    let progress = events.clone();
    let file = configure(download, &args.files)
        .on_progress(move |value| progress.downloading(uuid, value))
        .to_directory(args.files.dir.as_deref().unwrap_or(Path::new(".")))
        .await?;
    events.saved(&clip, &file);
    Ok(())
}

/// Applies the settings of the files.
pub(super) fn configure(
    download: rhombus_clips::Download,
    args: &FileArgs,
) -> rhombus_clips::Download {
    let download = download.overwrite(args.force);
    match args.stall_timeout {
        Some(timeout) => download.stall_timeout(timeout),
        None => download,
    }
}
