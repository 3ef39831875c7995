//! `rhombus-clips watch`.
//!
//! [`roster`] knows how far each clip has come, and [`session`] drives all of them.

mod checkpoint_file;
mod going_on;
mod keeping;
pub(crate) mod roster;
mod session;
mod standard_input;

use rhombus_clips::pacing::Adaptive;
use rhombus_clips::{Checkpoint, ClipUuid, WatchAll};
use std::collections::HashSet;
use std::time::Duration;

use crate::args::{Output, Target, WatchArgs};
use crate::connection::Connection;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::interrupt::Signals;
use crate::output;
use checkpoint_file::CheckpointFile;
use session::Session;

/// Quick enough for the bar of a simulated clip to move smoothly.
const SIMULATED_LONGEST: Duration = Duration::from_millis(500);

pub(crate) async fn run(args: WatchArgs, output: Output) -> Result<ExitCode, Failure> {
    let signals = Signals::listen();
    let file = args.checkpoint.clone().map(CheckpointFile::new);
    let kept = match &file {
        Some(file) => file.read()?,
        None => None,
    };
    if let (Some(file), None, []) = (&file, &kept, args.clips.as_slice())
        && !args.simulation.simulate
    {
        return Err(Failure::Usage(format!(
            "nothing to watch: no clip is named, and the checkpoint file {} is not there",
            file.path().display()
        )));
    }
    let connection = Connection::open(&args.simulation, args.rate).await?;
    let (mut clips, from_input) = named(&args.clips, &connection)?;
    let kept = kept.unwrap_or_default();
    if args.clips.is_empty() && kept.is_empty() {
        clips.extend(connection.simulated_clip(|cast| cast.completes));
    }
    let of_kept = kept.iter().map(Checkpoint::clip_uuid);
    let different: HashSet<_> = of_kept.chain(clips.iter().copied()).collect();
    let several = from_input || different.len() > 1;

    let watch = connection.client.resume_all(kept.clone());
    let mut session = Session::new(
        paced(watch, &args, &connection).stream(),
        output::display(output, several),
        file,
        args.simulation.simulate,
    );
    session.add(&kept, &clips);
    session.run(signals, from_input).await
}

/// The clips that are named, and whether standard input names more.
fn named(targets: &[Target], connection: &Connection) -> Result<(Vec<ClipUuid>, bool), Failure> {
    let mut clips = Vec::new();
    let mut from_input = false;
    for target in targets {
        match target {
            Target::Clip(clip) => clips.push(*clip),
            Target::StandardInput => from_input = true,
            Target::Simulated(role) => {
                let simulated = connection.simulated_clips(*role).ok_or_else(|| {
                    Failure::Usage(
                        "a clip of the simulated service is named: give --simulate too".to_owned(),
                    )
                })?;
                clips.extend(simulated?);
            }
        }
    }
    Ok((clips, from_input))
}

/// How the watches go about it.
fn paced(mut watch: WatchAll, args: &WatchArgs, connection: &Connection) -> WatchAll {
    if let Some(deadline) = args.deadline {
        watch = watch.deadline(deadline);
    }
    if let Some(grace) = args.grace {
        watch = watch.grace(grace);
    }
    match args.interval {
        Some(interval) => watch.interval(interval),
        None if args.simulation.simulate => {
            watch.pacing(Adaptive::new(connection.client.history()).longest(SIMULATED_LONGEST))
        }
        None => watch,
    }
}
