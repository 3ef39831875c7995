//! The `export` command: from cameras and times to verified files.

mod requests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use jiff::Timestamp;
use rhombus_clips::{
    Client, Clip, ClipUuid, Export, ExportCheckpoint, ExportUpdate, FootagePolicy, NewClip,
    WatchAll,
};

use super::download;
use super::file_session::{self, Events};
use crate::checkpoint_file::{CheckpointFile, Owner, SavedExport, Unfinished};
use crate::cli::ExportArgs;
use crate::client::{ClientLimits, ServiceClient};
use crate::config::Settings;
use crate::history::SavedHistory;
use crate::report;
use crate::report::failure::{ExitCode, Failure};
use crate::signals::Signals;
use crate::simulated_polling;
use crate::text::shell_quote;

/// Exports clips. `settings_args` are the arguments that select the same service and settings.
pub(crate) async fn run(
    args: ExportArgs,
    now: Timestamp,
    settings: &Settings,
    settings_args: &[String],
) -> Result<ExitCode, Failure> {
    let mut signals = Signals::listen();
    let mut resume_args = settings_args.to_vec();
    resume_args.extend(args.history.no_history.then(|| "--no-history".to_owned()));
    let opened = match &args.checkpoint {
        Some(path) => Some(open_checkpoint(path, &args, settings)?),
        None => None,
    };
    let (file, saved) = opened.unzip();
    let saved = saved.flatten();
    let limits = ClientLimits::default();
    let service = ServiceClient::from_settings(&args.simulation, settings, limits).await?;
    let client = &service.client;
    let history = SavedHistory::of_client(args.history, &args.simulation, settings, client);
    let mut directory = args.files.dir.clone();
    let (export, total) = match saved {
        Some(saved) => {
            let count = saved.checkpoint.len();
            directory = directory.or(Some(saved.directory));
            (client.resume_export(saved.checkpoint), count)
        }
        None => {
            let requests = tokio::select! {
                biased;
                signal = signals.recv() => Err(Ok(signal.exit_code())),
                requests = requests(client, &args, now, settings) => requests.map_err(Err),
            };
            match requests {
                Ok(requests) => {
                    let count = requests.len();
                    (client.export_all(requests), count)
                }
                Err(end) => {
                    // Nothing was requested, so the file is not kept.
                    if let Some(mut file) = file {
                        file.finish(Unfinished::Watches(&[]))?;
                    }
                    if end.is_ok() {
                        report::eprintln_unless_quiet("interrupted: nothing was requested");
                    }
                    return end;
                }
            }
        }
    };
    let directory = directory.unwrap_or_else(|| PathBuf::from("."));
    let file = file.map(|file| Arc::new(Mutex::new(file)));
    let export = configure(export, &args, &service, &directory);
    // For a run in another folder.
    let directory = std::path::absolute(&directory).unwrap_or(directory);
    let export = match &file {
        Some(file) => export.save_checkpoints(store(file.clone(), directory.clone())),
        None => export,
    };
    let mut left = None;
    let mut open = BTreeSet::new();
    let work = async |events: Events| {
        // Saved as soon as the work is over or a signal drops it.
        let mut history = history;
        let mut stream = export.stream();
        while let Some(update) = stream.next().await {
            track(&mut open, &update);
            if let (Some(history), Some(clip)) = (&mut history, clip_of(&update)) {
                history.observe(clip);
            }
            show(&events, update);
        }
        left = Some(stream.checkpoint());
    };
    let output = settings.output.value;
    let end = file_session::run(output, total > 1, total, signals, work).await?;
    if args.checkpoint.is_none() && !args.simulation.simulate {
        report_open(&open, &directory, settings_args);
    }
    if let (Some(file), Some(path)) = (file, &args.checkpoint) {
        let is_left = finish_checkpoint(
            &file,
            left.map(|checkpoint| SavedExport {
                directory,
                checkpoint,
            }),
        );
        match is_left {
            Ok(false) => {}
            Ok(true) => {
                let command = resume_command(path, &resume_args);
                let parts = [
                    end.signal.map(|signal| signal.name().to_owned()),
                    Some(format!("unfinished; continue with: {command}")),
                ];
                let parts: Vec<_> = parts.into_iter().flatten().collect();
                report::eprintln_unless_quiet(&parts.join(": "));
            }
            Err(failure) => {
                let text = failure.text().unwrap_or_default();
                report::eprintln_line(&report::error_line(None, &text));
                return Ok(end.code.max(ExitCode::Other));
            }
        }
    }
    Ok(end.code)
}

/// Returns the clips to request, once their files have a place.
async fn requests(
    client: &Client,
    args: &ExportArgs,
    now: Timestamp,
    settings: &Settings,
) -> Result<Vec<NewClip>, Failure> {
    let directory = args.files.dir.as_deref().unwrap_or(Path::new("."));
    prepare(directory).map_err(|error| {
        let directory = directory.display();
        Failure::Usage(format!("cannot write to --dir {directory}: {error}"))
    })?;
    requests::requests(client, args, now, settings).await
}

/// Makes a directory, and writes to it.
fn prepare(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let probe = directory.join(format!(".rhombus-clips-{}", std::process::id()));
    fs::File::create_new(&probe)?;
    fs::remove_file(&probe)
}

/// Opens the checkpoint file, and returns the export that it has.
fn open_checkpoint(
    path: &Path,
    args: &ExportArgs,
    settings: &Settings,
) -> Result<(CheckpointFile, Option<SavedExport>), Failure> {
    let (file, saved) = CheckpointFile::open(path, Owner::of(&args.simulation, settings))?;
    let failure = |reason: &str| Failure::CheckpointFile(path.to_owned(), reason.to_owned());
    if !saved.checkpoints.is_empty() {
        return Err(failure(
            "is that of a watch; continue it with `rhombus-clips watch --checkpoint`",
        ));
    }
    match (&saved.export, args.requests_clips()) {
        // It was complete when the program was killed.
        (Some(export), true) if export.checkpoint.is_empty() => Ok((file, None)),
        (Some(_), true) => Err(failure(
            "has an unfinished export; continue it without --camera and what is said of the clip, or choose another file",
        )),
        (None, false) => {
            // Nothing is in it, so nothing may be left of it.
            let mut file = file;
            file.finish(Unfinished::Watches(&[]))?;
            Err(Failure::Usage(format!(
                "nothing to export: the checkpoint file {} does not exist or is empty; give a --camera",
                path.display()
            )))
        }
        _ => Ok((file, saved.export)),
    }
}

/// Returns the function that stores checkpoints in the file.
fn store(
    file: Arc<Mutex<CheckpointFile>>,
    directory: PathBuf,
) -> impl Fn(&ExportCheckpoint) -> io::Result<()> + Send + Sync + 'static {
    move |checkpoint| {
        let saved = SavedExport {
            directory: directory.clone(),
            checkpoint: checkpoint.clone(),
        };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let result = file.save(Unfinished::Export(&saved));
        result.map_err(|failure| io::Error::other(failure.text().unwrap_or_default()))
    }
}

/// Ends the use of the checkpoint file. `left` is what the export left to be done; without it, the file has the last
/// checkpoint. Returns whether anything is left.
fn finish_checkpoint(
    file: &Mutex<CheckpointFile>,
    left: Option<SavedExport>,
) -> Result<bool, Failure> {
    let Some(left) = left else { return Ok(true) };
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.finish(Unfinished::Export(&left))?;
    Ok(!left.checkpoint.is_empty())
}

/// Tracks the clips that are requested, and have no file yet.
fn track(open: &mut BTreeSet<ClipUuid>, update: &ExportUpdate) {
    match update {
        ExportUpdate::Created { created, .. } => open.extend(created.uuids()),
        ExportUpdate::Rendering { uuid, .. } | ExportUpdate::Downloading { uuid, .. } => {
            open.insert(*uuid);
        }
        ExportUpdate::Exported(exported) => _ = open.remove(&exported.clip().uuid()),
        ExportUpdate::Failed {
            uuid: Some(uuid),
            error,
            ..
        } if error.is_clip_failed() || error.is_not_found() => _ = open.remove(uuid),
        _ => {}
    }
}

/// Names the commands that lead to the files of clips without a checkpoint: the same command again would request
/// them again.
fn report_open(open: &BTreeSet<ClipUuid>, directory: &Path, settings_args: &[String]) {
    if open.is_empty() {
        return;
    }
    let mut arguments: Vec<_> = settings_args.iter().map(|it| shell_quote(it)).collect();
    arguments.extend(open.iter().map(ToString::to_string));
    let arguments = arguments.join(" ");
    let directory = shell_quote(&directory.display().to_string());
    report::eprintln_unless_quiet(&format!(
        "requested already; continue with: rhombus-clips watch {arguments} && rhombus-clips download {arguments} \
         --dir {directory}"
    ));
}

fn resume_command(path: &Path, settings_args: &[String]) -> String {
    let mut command = "rhombus-clips export".to_owned();
    for argument in settings_args {
        command.push(' ');
        command.push_str(&shell_quote(argument));
    }
    format!(
        "{command} --checkpoint {}",
        shell_quote(&path.display().to_string())
    )
}

fn configure(
    export: Export,
    args: &ExportArgs,
    service: &ServiceClient,
    directory: &Path,
) -> Export {
    let footage = FootagePolicy::from(args.clip.footage);
    let grace_period = args.clip.not_found_grace_period;
    let (timeout, interval) = (args.timeout, args.interval);
    let polling = args
        .simulation
        .simulate
        .then(|| simulated_polling::policy(&service.client));
    let watch = move |watch: WatchAll| {
        let watch = match timeout {
            Some(timeout) => watch.timeout(timeout),
            None => watch,
        };
        match (interval, polling) {
            (Some(interval), _) => watch.interval(interval),
            (None, Some(polling)) => watch.polling(polling),
            (None, None) => watch,
        }
    };
    let files = args.files.clone();
    export
        .to_directory(directory)
        .create(move |create| {
            let create = create.footage(footage);
            match grace_period {
                Some(grace_period) => create.not_found_grace_period(grace_period),
                None => create,
            }
        })
        .watch(watch)
        .download(move |download| download::configure(download, &files))
}

/// Returns the record that an update has.
fn clip_of(update: &ExportUpdate) -> Option<&Clip> {
    match update {
        ExportUpdate::Rendering { update, .. } => update.clip(),
        ExportUpdate::Exported(exported) => Some(exported.clip()),
        ExportUpdate::Failed { error, .. } => error.clip(),
        _ => None,
    }
}

fn show(events: &Events, update: ExportUpdate) {
    match update {
        ExportUpdate::Created { created, .. } => events.requested(&created),
        ExportUpdate::Rendering { uuid, update } => match update.error() {
            Some(error) => {
                report::warn(&format!("{}; still watching", report::user_message(error)))
            }
            None => events.rendering(uuid, &update),
        },
        ExportUpdate::Downloading { uuid, progress } => events.downloading(uuid, &progress),
        ExportUpdate::NotStored { error } => report::warn(&report::user_message(&error)),
        ExportUpdate::Exported(exported) => events.saved(exported.clip(), exported.file()),
        ExportUpdate::Failed { uuid, error, .. } => events.failed(uuid, &error),
        // Stages may be added.
        _ => {}
    }
}
