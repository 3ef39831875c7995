//! The `rhombus-clips watch` command.
//!
//! This module turns arguments, checkpoint file and settings into a stream of updates; [`session`]
//! drives that stream to its end, with [`tracker`] as its view of all clips. Clips come from
//! arguments, from the checkpoint file, and one by one from standard input.

mod deduplicator;
mod resume_hint;
mod session;
mod standard_input;
use std::collections::{HashMap, HashSet};

use resume_hint::ResumeCommand;
use rhombus_clips::{Checkpoint, ClipUuid, WatchAll};
use session::Session;

use crate::checkpoint_file::{CheckpointFile, Owner, is_missing_or_empty};
use crate::cli::{Target, WatchArgs};
use crate::client::{ClientLimits, ServiceClient};
use crate::config::Settings;
use crate::history::SavedHistory;
use crate::outlet::Outlet;
use crate::output;
use crate::report::failure::{ExitCode, Failure};
use crate::signals::Signals;
use crate::simulated_polling;

/// Runs the command. `setting_arguments` are the options from which `settings` were resolved; they
/// become part of the resume hint.
pub(crate) async fn run(
    args: WatchArgs,
    settings: &Settings,
    setting_arguments: Vec<String>,
) -> Result<ExitCode, Failure> {
    let signals = Signals::listen();
    check_not_empty(&args)?;
    let opened = match &args.checkpoint {
        Some(path) => Some(CheckpointFile::open(
            path,
            Owner::of(&args.simulation, settings),
        )?),
        None => None,
    };
    let (file, saved) = opened.unzip();
    let saved = saved.unwrap_or_default();
    if let (Some(path), Some(_)) = (&args.checkpoint, &saved.export) {
        let reason = "is that of an export; continue it with `rhombus-clips export --checkpoint`";
        return Err(Failure::CheckpointFile(path.clone(), reason.to_owned()));
    }
    let limits = ClientLimits {
        rate: args.rate,
        unreachable_grace_period: args.unreachable_grace_period,
    };
    let service = ServiceClient::from_settings(&args.simulation, settings, limits).await?;
    let history =
        SavedHistory::of_client(args.history, &args.simulation, settings, &service.client);
    let (mut uuids, reads_stdin) = resolve_targets(&args.targets, &service)?;
    let checkpoints = sort_like_arguments(saved.checkpoints, &uuids);
    if args.targets.is_empty() && checkpoints.is_empty() {
        uuids.extend(service.simulated_clip(|clips| clips.completes));
    }
    let resumed = checkpoints.iter().map(Checkpoint::clip_uuid);
    let distinct: HashSet<_> = resumed.chain(uuids.iter().copied()).collect();
    let multiple = reads_stdin || distinct.len() > 1;

    let watch = service.client.resume_all(checkpoints.clone());
    let stdout = Outlet::stdout();
    let display = output::create_display(settings.output.value, multiple, &stdout);
    let mut session = Session::new(
        configure(watch, &args, &service).stream(),
        (display, stdout),
        file,
        history,
        resume_command(&args, setting_arguments),
        settings.output.value,
    );
    session.add(&checkpoints, &uuids);
    session.run(signals, reads_stdin).await
}

/// Checks that there is something to watch.
fn check_not_empty(args: &WatchArgs) -> Result<(), Failure> {
    match &args.checkpoint {
        Some(path)
            if args.targets.is_empty()
                && !args.simulation.simulate
                && is_missing_or_empty(path) =>
        {
            Err(Failure::Usage(format!(
                "nothing to watch: the checkpoint file {} does not exist or is empty; specify at least one clip",
                path.display()
            )))
        }
        _ => Ok(()),
    }
}

/// Sorts checkpoints into the order of the arguments; clips that are not among these come last.
fn sort_like_arguments(mut checkpoints: Vec<Checkpoint>, uuids: &[ClipUuid]) -> Vec<Checkpoint> {
    // Reversed, so that the first of repeated arguments determines the position.
    let positions: HashMap<_, _> = uuids.iter().rev().zip((0..uuids.len()).rev()).collect();
    checkpoints.sort_by_key(|checkpoint| {
        let position = positions.get(&checkpoint.clip_uuid()).copied();
        position.unwrap_or(usize::MAX)
    });
    checkpoints
}

/// Returns the clips in the arguments, and whether more are to be read from standard input.
fn resolve_targets(
    targets: &[Target],
    service: &ServiceClient,
) -> Result<(Vec<ClipUuid>, bool), Failure> {
    let mut uuids = Vec::new();
    let mut reads_stdin = false;
    for target in targets {
        match target {
            Target::Clip(uuid) => uuids.push(*uuid),
            Target::StandardInput => reads_stdin = true,
            Target::Simulated(role) => uuids.extend(service.simulated_clips(*role)?),
        }
    }
    Ok((uuids, reads_stdin))
}

/// Returns the command that selects the same service again; a simulated one with the same clips.
fn resume_command(args: &WatchArgs, setting_arguments: Vec<String>) -> ResumeCommand {
    let simulation = &args.simulation;
    if !simulation.simulate {
        let mut arguments = setting_arguments;
        arguments.extend(args.history.no_history.then(|| "--no-history".to_owned()));
        return ResumeCommand {
            arguments,
            is_simulated: false,
        };
    }
    let mut arguments = vec!["--simulate".to_owned()];
    if let Some(seed) = simulation.seed {
        arguments.extend(["--seed".to_owned(), seed.to_string()]);
    }
    arguments.extend(args.targets.iter().map(ToString::to_string));
    ResumeCommand {
        arguments,
        is_simulated: true,
    }
}

/// Applies timeout, grace period and poll policy.
fn configure(mut watch: WatchAll, args: &WatchArgs, service: &ServiceClient) -> WatchAll {
    if let Some(timeout) = args.timeout {
        watch = watch.timeout(timeout);
    }
    if let Some(grace_period) = args.not_found_grace_period {
        watch = watch.not_found_grace_period(grace_period);
    }
    match args.interval {
        Some(interval) => watch.interval(interval),
        None if args.simulation.simulate => {
            watch.polling(simulated_polling::policy(&service.client))
        }
        None => watch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips::Client;

    #[test]
    fn checkpoints_are_sorted_like_the_arguments() {
        let client = Client::builder().api_key("0123456789").build().unwrap();
        let uuid = |byte| ClipUuid::from_bytes([byte; 16]);
        let checkpoints = [1, 2, 3].map(|byte| client.watch(uuid(byte)).checkpoint());
        let sorted = sort_like_arguments(checkpoints.to_vec(), &[3, 9, 1, 3].map(uuid));
        let uuids: Vec<_> = sorted.iter().map(Checkpoint::clip_uuid).collect();
        assert_eq!(uuids, [3, 1, 2].map(uuid));
    }
}
