//! The `simulate` command.

use std::future;
use std::io::{self, IsTerminal as _};
use std::time::SystemTime;

use rhombus_clips_sim::Service;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{Output, SimulateArgs};
use crate::output::json_text::to_json;
use crate::report::failure::{ExitCode, Failure};
use crate::simulated_clips::SimulatedClips;
use crate::{outlet, report, signals, simulated_cameras, simulated_clips};

const HINT: &str = "Serving until Ctrl-C. To use it, prefix a command with the first three assignments: \
                    RHOMBUS_ENDPOINT_URL=... RHOMBUS_MEDIA_URL=... RHOMBUS_API_KEY=... rhombus-clips watch <CLIP_UUID>";

pub(crate) async fn run(args: SimulateArgs, output: Output) -> Result<ExitCode, Failure> {
    let service = Service::builder()
        .port(args.port)
        .seed(args.seed)
        .speed(args.speed)
        .media_port(args.media_port)
        .created_clips(simulated_clips::created_clip())
        // So that there is footage of the last minutes.
        .start_time(SystemTime::now())
        .start()
        .await
        .map_err(Failure::Simulation)?;
    let clips = SimulatedClips::register(&service)?;
    simulated_cameras::register(&service);
    let announcement = Announcement {
        base_url: service.base_url(),
        media_url: service.media_url(),
        api_key: service.api_key(),
        clips: &clips,
    };
    // The reader of the line may interrupt right after it, so the signal handlers come first.
    signals::run_until_signal(async {
        outlet::print(announcement.format(output)?)
            .await
            .map_err(Failure::Output)?;
        if io::stderr().is_terminal() {
            report::eprintln_unless_quiet(HINT);
        }
        future::pending().await
    })
    .await?;
    if io::stderr().is_terminal() {
        // Ends the line of the terminal's `^C`.
        report::eprintln_unless_quiet("");
    }
    service.shutdown().await;
    Ok(ExitCode::Complete)
}

/// Address and contents of the service. Its API key is valid for itself only, so it may be shown.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "rhombus-clips simulate")]
pub(crate) struct Announcement<'a> {
    /// Base URL of the service.
    base_url: &'a str,
    /// URL of the media host.
    media_url: &'a str,
    /// API key of the service.
    api_key: &'a str,
    /// Clips of the service.
    clips: &'a SimulatedClips,
}

impl Announcement<'_> {
    fn format(&self, output: Output) -> Result<String, Failure> {
        let line = match output {
            Output::Text | Output::Table => self.text(),
            Output::Json => {
                let json = to_json(self);
                json.map_err(|error| Failure::Output(error.into()))?
            }
        };
        Ok(line + "\n")
    }

    /// Formats the announcement as assignments of the program's own environment variables.
    fn text(&self) -> String {
        let mut text = format!(
            "RHOMBUS_ENDPOINT_URL={} RHOMBUS_MEDIA_URL={} RHOMBUS_API_KEY={}",
            self.base_url, self.media_url, self.api_key
        );
        for (name, uuid) in self.clips.all() {
            text.push_str(&format!(" {name}={uuid}"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips::ClipUuid;

    fn with_announcement(check: impl FnOnce(&Announcement<'_>)) {
        let uuid = |byte| ClipUuid::from_bytes([byte; 16]);
        let clips = SimulatedClips {
            completes: uuid(0),
            fails: uuid(1),
            deleted: uuid(2),
            offline: uuid(3),
            late: uuid(4),
            done: uuid(5),
        };
        check(&Announcement {
            base_url: "http://127.0.0.1:1",
            media_url: "http://127.0.0.1:2",
            api_key: "key",
            clips: &clips,
        });
    }

    #[test]
    fn the_text_is_a_line_of_shell_assignments() {
        with_announcement(|announcement| {
            assert_eq!(
                announcement.text(),
                "RHOMBUS_ENDPOINT_URL=http://127.0.0.1:1 RHOMBUS_MEDIA_URL=http://127.0.0.1:2 RHOMBUS_API_KEY=key \
                 completes=AAAAAAAAAAAAAAAAAAAAAA fails=AQEBAQEBAQEBAQEBAQEBAQ \
                 deleted=AgICAgICAgICAgICAgICAg offline=AwMDAwMDAwMDAwMDAwMDAw \
                 late=BAQEBAQEBAQEBAQEBAQEBA done=BQUFBQUFBQUFBQUFBQUFBQ"
            );
        });
    }

    #[test]
    fn the_json_is_one_object() {
        with_announcement(|announcement| {
            assert_eq!(
                serde_json::to_string(announcement).unwrap(),
                r#"{"baseUrl":"http://127.0.0.1:1","mediaUrl":"http://127.0.0.1:2","apiKey":"key","clips":{"completes":"AAAAAAAAAAAAAAAAAAAAAA","fails":"AQEBAQEBAQEBAQEBAQEBAQ","deleted":"AgICAgICAgICAgICAgICAg","offline":"AwMDAwMDAwMDAwMDAwMDAw","late":"BAQEBAQEBAQEBAQEBAQEBA","done":"BQUFBQUFBQUFBQUFBQUFBQ"}}"#
            );
        });
    }
}
