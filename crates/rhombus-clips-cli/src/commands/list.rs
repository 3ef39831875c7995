//! The `list` command.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use rhombus_clips::{ClipStatus, ListClips};

use super::camera_lookup::find_cameras;
use crate::cli::{ListArgs, Output, Recorded, known_statuses};
use crate::client::{ClientLimits, ServiceClient, short_retry};
use crate::config::Settings;
use crate::outlet::Outlet;
use crate::output::clip_rows::{format_header, format_row};
use crate::output::clip_view::Details;
use crate::output::json_text::to_json_line;
use crate::output::terminal_width;
use crate::report;
use crate::report::failure::{ExitCode, Failure};
use crate::text::sanitize_line;

/// Clips on a page: the most that the service takes.
const PAGE_SIZE: u8 = 200;

pub(crate) async fn run(
    args: ListArgs,
    recorded: Recorded,
    settings: &Settings,
) -> Result<ExitCode, Failure> {
    let output = settings.output.value;
    let of_request = |error| Failure::of_request(error, output);
    let limits = ClientLimits::default();
    let service = ServiceClient::from_settings(&args.simulation, settings, limits).await?;
    warn_of_unknown(&args.statuses);
    let cameras = find_cameras(&service.client, &args.cameras).await;
    let mut list = filtered(service.client.list_clips(), &args, recorded);
    for camera in cameras.map_err(of_request)? {
        list = list.device(camera.device);
    }
    let mut rows = Rows::new(output);
    rows.write_header().await?;
    let mut clips = list.retry(short_retry()).stream();
    let limit = args.limit.map_or(u64::MAX, Into::into);
    let mut count = 0;
    while count < limit
        && let Some(clip) = clips.next().await
    {
        let clip = clip.map_err(of_request)?;
        let is_listed = args.statuses.is_empty() || args.statuses.contains(clip.status());
        if is_listed {
            count += 1;
            rows.write(&Details::from_clip(&clip)).await?;
        }
    }
    match clips.unidentified() {
        0 => {}
        1 => report::warn("1 clip has no valid UUID, and is left out"),
        omitted => report::warn(&format!(
            "{omitted} clips have no valid UUID, and are left out"
        )),
    }
    if count == 0 && io::stderr().is_terminal() {
        report::eprintln_unless_quiet("no clips found");
    }
    Ok(ExitCode::Complete)
}

/// Returns the list with all filters but the cameras.
fn filtered(mut list: ListClips, args: &ListArgs, recorded: Recorded) -> ListClips {
    if let Some(time) = recorded.after {
        list = list.recorded_after(time);
    }
    if let Some(time) = recorded.before {
        list = list.recorded_before(time);
    }
    if let Some(text) = &args.search {
        list = list.search(text);
    }
    match args.limit {
        // A page that has no more clips than are shown.
        Some(limit) if args.statuses.is_empty() => {
            list.page_size(u8::try_from(limit.get()).map_or(PAGE_SIZE, |it| it.min(PAGE_SIZE)))
        }
        _ => list.page_size(PAGE_SIZE),
    }
}

/// Warns of a misspelled status, which would list nothing.
fn warn_of_unknown(statuses: &[ClipStatus]) {
    for status in statuses {
        if let ClipStatus::Unrecognized(text) = status {
            report::warn(&format!(
                "the status {} is unknown; known ones are {}",
                sanitize_line(text),
                known_statuses()
            ));
        }
    }
}

/// Writes clips to standard output as they arrive. Each is waited for, so that a reader that is slow
/// slows the list down, and one that has left ends it.
struct Rows {
    outlet: Outlet,
    output: Output,
    width: Option<usize>,
}

impl Rows {
    fn new(output: Output) -> Self {
        Self {
            outlet: Outlet::stdout(),
            output,
            width: terminal_width().filter(|_| output == Output::Table),
        }
    }

    async fn write_header(&self) -> Result<(), Failure> {
        match self.output {
            Output::Table => self.send(format_header(self.width)).await,
            Output::Text | Output::Json => Ok(()),
        }
    }

    async fn write(&mut self, details: &Details) -> Result<(), Failure> {
        let line = match self.output {
            Output::Text | Output::Table => format_row(details, self.width),
            Output::Json => to_json_line(details).map_err(Failure::Output)?,
        };
        self.send(line).await
    }

    async fn send(&self, line: String) -> Result<(), Failure> {
        self.outlet.send(line.into_bytes());
        let drained = self.outlet.drain(Duration::MAX).await;
        drained.map(drop).map_err(Failure::Output)
    }
}
