//! `rhombus-clips watch`.
//!
//! [`roster`] knows how far each clip has come, and [`session`] drives all of them.

mod checkpoint_file;
mod going_on;
mod keeping;
pub(crate) mod roster;
mod session;
mod standard_input;

use rhombus_clips::polling::Adaptive;
use rhombus_clips::{Checkpoint, ClipUuid, WatchAll};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::args::{Output, Target, WatchArgs};
use crate::config::Settings;
use crate::connection::Connection;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::interrupt::Signals;
use crate::output;
use checkpoint_file::CheckpointFile;
use going_on::Again;
use session::Session;

/// Quick enough for the bar of a simulated clip to move smoothly.
const SIMULATED_LONGEST: Duration = Duration::from_millis(500);

/// Watches. `words` are the options that `settings` come of.
pub(crate) async fn run(
    args: WatchArgs,
    settings: &Settings,
    words: Vec<String>,
) -> Result<ExitCode, Failure> {
    let signals = Signals::listen();
    let file = args.checkpoint.clone();
    let file = file.map(|path| CheckpointFile::new(path, service(&args, settings)));
    let kept = match &file {
        Some(file) => file.read()?,
        None => None,
    };
    check(&args, kept.is_some())?;
    let connection = Connection::open(&args.simulation, settings, args.rate).await?;
    let (mut clips, from_input) = named(&args.clips, &connection)?;
    let kept = kept.unwrap_or_default();
    if let Some(file) = &file {
        file.check(&kept)?;
    }
    let kept = in_order(kept.checkpoints, &clips);
    if args.clips.is_empty() && kept.is_empty() {
        clips.extend(connection.simulated_clip(|cast| cast.completes));
    }
    let of_kept = kept.iter().map(Checkpoint::clip_uuid);
    let different: HashSet<_> = of_kept.chain(clips.iter().copied()).collect();
    let several = from_input || different.len() > 1;

    let watch = connection.client.resume_all(kept.clone());
    let mut session = Session::new(
        paced(watch, &args, &connection).stream(),
        output::display(settings.output.value, several),
        file,
        again(&args, words),
        settings.output.value != Output::Json,
    );
    session.add(&kept, &clips);
    session.run(signals, from_input).await
}

/// There must be something to watch.
fn check(args: &WatchArgs, is_kept: bool) -> Result<(), Failure> {
    match &args.checkpoint {
        Some(path) if args.clips.is_empty() && !args.simulation.simulate && !is_kept => {
            Err(Failure::Usage(format!(
                "nothing to watch: no clip is named, and the checkpoint file {} is not there",
                path.display()
            )))
        }
        _ => Ok(()),
    }
}

/// The service that has the clips. A simulated one of the same seed has the same.
fn service(args: &WatchArgs, settings: &Settings) -> String {
    match args.simulation.simulate {
        true => format!(
            "the simulated service of seed {}",
            args.simulation.seed.unwrap_or_default()
        ),
        false => settings.endpoint_url.value.trim_end_matches('/').to_owned(),
    }
}

/// Those that are named first, as they are named.
fn in_order(mut kept: Vec<Checkpoint>, clips: &[ClipUuid]) -> Vec<Checkpoint> {
    let places: HashMap<_, _> = clips.iter().rev().zip((0..clips.len()).rev()).collect();
    let place = |kept: &Checkpoint| places.get(&kept.clip_uuid()).copied();
    kept.sort_by_key(|kept| place(kept).unwrap_or(usize::MAX));
    kept
}

/// The clips that are named, and whether standard input names more.
fn named(targets: &[Target], connection: &Connection) -> Result<(Vec<ClipUuid>, bool), Failure> {
    let mut clips = Vec::new();
    let mut from_input = false;
    for target in targets {
        match target {
            Target::Clip(clip) => clips.push(*clip),
            Target::StandardInput => from_input = true,
            Target::Simulated(role) => clips.extend(connection.simulated_clips(*role)?),
        }
    }
    Ok((clips, from_input))
}

/// What asks the same service again, and has the same clips if it is a simulated one.
fn again(args: &WatchArgs, settings: Vec<String>) -> Again {
    let simulation = &args.simulation;
    if !simulation.simulate {
        return Again {
            words: settings,
            is_simulated: false,
        };
    }
    let mut words = vec!["--simulate".to_owned()];
    if let Some(seed) = simulation.seed {
        words.extend(["--seed".to_owned(), seed.to_string()]);
    }
    words.extend(args.clips.iter().map(ToString::to_string));
    Again {
        words,
        is_simulated: true,
    }
}

/// How the watches go about it.
fn paced(mut watch: WatchAll, args: &WatchArgs, connection: &Connection) -> WatchAll {
    if let Some(timeout) = args.timeout {
        watch = watch.timeout(timeout);
    }
    if let Some(grace_period) = args.not_found_grace_period {
        watch = watch.not_found_grace_period(grace_period);
    }
    match args.interval {
        Some(interval) => watch.interval(interval),
        None if args.simulation.simulate => watch
            .polling(Adaptive::new(connection.client.history()).max_interval(SIMULATED_LONGEST)),
        None => watch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips::Client;

    #[test]
    fn those_that_are_named_come_first_as_they_are_named() {
        let client = Client::builder().api_key("0123456789").build().unwrap();
        let uuid = |byte| ClipUuid::from_bytes([byte; 16]);
        let kept = [1, 2, 3].map(|clip| client.watch(uuid(clip)).checkpoint());
        let sorted = in_order(kept.to_vec(), &[3, 9, 1, 3].map(uuid));
        let clips: Vec<_> = sorted.iter().map(Checkpoint::clip_uuid).collect();
        assert_eq!(clips, [3, 1, 2].map(uuid));
    }
}
