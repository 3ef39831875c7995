//! `rhombus-clips watch`.

use futures_util::StreamExt as _;
use futures_util::stream::select_all;
use rhombus_clips::ClipUuid;
use std::time::Duration;

use crate::args::WatchArgs;
use crate::changes::Changes;
use crate::config::Settings;
use crate::connection::Connection;
use crate::event::{Event, Happened};
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output;

/// Quick enough for the bar of a simulated clip to move smoothly.
const SIMULATED_INTERVAL: Duration = Duration::from_millis(250);

pub(crate) async fn run(args: WatchArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let connection = Connection::open(&args.simulation, settings).await?;
    let simulated = args.simulation.simulate.then_some(SIMULATED_INTERVAL);
    let interval = args.interval.or(simulated);
    let mut clips = once_each(args.clips);
    if clips.is_empty() {
        clips.extend(connection.simulated_clip(|cast| cast.completes));
    }

    let mut display = output::display(settings.output.value, &clips);
    let mut events = select_all(clips.iter().map(|&clip| {
        let mut watch = connection
            .client
            .watch(clip)
            .deadline(args.deadline)
            .grace(args.grace);
        if let Some(interval) = interval {
            watch = watch.interval(interval);
        }
        watch.stream().map(move |update| Event::of(clip, update))
    }));
    let mut changes = Changes::default();
    let mut worst = ExitCode::Complete;
    let mut finished = Vec::new();
    while let Some(event) = events.next().await {
        worst = worst.max(event.exit_code());
        for event in event.unread_status().iter().chain([&event]) {
            if changes.is_news(event) {
                display.show(event).map_err(Failure::Output)?;
            }
        }
        if let Happened::Complete(details) = event.happened {
            finished.push(*details);
        }
    }
    finished.sort_by_key(|details| clips.iter().position(|clip| *clip == details.clip_uuid));
    display.close(&finished).map_err(Failure::Output)?;
    Ok(worst)
}

/// Asking twice for the same clip would be two requests for one answer.
fn once_each(clips: Vec<ClipUuid>) -> Vec<ClipUuid> {
    let mut once = Vec::new();
    for clip in clips {
        if !once.contains(&clip) {
            once.push(clip);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_is_watched_once_in_the_order_given() {
        let clips = [2, 1, 2, 1].map(|byte| ClipUuid::from_bytes([byte; 16]));
        assert_eq!(once_each(clips.to_vec()), clips[..2]);
    }
}
