//! `rhombus-clips simulate`.

use rhombus_clips_sim::Service;
use schemars::JsonSchema;
use serde::Serialize;
use std::future;
use std::io::{self, IsTerminal as _, Write as _};

use crate::args::{Output, SimulateArgs};
use crate::cast::Cast;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::interrupt;
use crate::messages;

const HINT: &str = "Serving until Ctrl-C. To ask it, put the first two before a command: \
                    RHOMBUS_ENDPOINT_URL=... RHOMBUS_API_KEY=... rhombus-clips watch <CLIP_UUID>";

pub(crate) async fn run(args: SimulateArgs, output: Output) -> Result<ExitCode, Failure> {
    let service = Service::builder()
        .port(args.port)
        .seed(args.seed)
        .speed(args.speed)
        .start()
        .await
        .map_err(Failure::Simulation)?;
    let cast = Cast::enter(&service)?;
    let announcement = Announcement {
        base_url: service.base_url(),
        api_key: service.api_key(),
        clips: &cast,
    };
    // Whoever reads the line may interrupt the next moment: the program listens by then.
    interrupt::or(async {
        announcement.write(output).map_err(Failure::Output)?;
        future::pending().await
    })
    .await?;
    if io::stderr().is_terminal() {
        // The terminal's `^C` has no line of its own.
        messages::eprintln_unless_quiet("");
    }
    service.shutdown().await;
    Ok(ExitCode::Complete)
}

/// What the service takes and has. Its key opens nothing but itself, so it may be shown.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "rhombus-clips simulate")]
pub(crate) struct Announcement<'a> {
    /// Where the service is.
    base_url: &'a str,
    /// The API key that it takes.
    api_key: &'a str,
    /// Its clips.
    clips: &'a Cast,
}

impl Announcement<'_> {
    fn write(&self, output: Output) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        match output {
            Output::Text | Output::Table => writeln!(stdout, "{}", self.text())?,
            Output::Json => writeln!(stdout, "{}", serde_json::to_string(self)?)?,
        }
        stdout.flush()?;
        if io::stderr().is_terminal() {
            messages::eprintln_unless_quiet(HINT);
        }
        Ok(())
    }

    /// The names are those that the program itself reads from its environment.
    fn text(&self) -> String {
        let mut text = format!(
            "RHOMBUS_ENDPOINT_URL={} RHOMBUS_API_KEY={}",
            self.base_url, self.api_key
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
        let clips = Cast {
            completes: uuid(0),
            fails: uuid(1),
            deleted: uuid(2),
            offline: uuid(3),
            late: uuid(4),
            done: uuid(5),
        };
        check(&Announcement {
            base_url: "http://127.0.0.1:1",
            api_key: "key",
            clips: &clips,
        });
    }

    #[test]
    fn the_line_can_be_read_by_a_shell() {
        with_announcement(|announcement| {
            assert_eq!(
                announcement.text(),
                "RHOMBUS_ENDPOINT_URL=http://127.0.0.1:1 RHOMBUS_API_KEY=key \
                 completes=AAAAAAAAAAAAAAAAAAAAAA fails=AQEBAQEBAQEBAQEBAQEBAQ \
                 deleted=AgICAgICAgICAgICAgICAg offline=AwMDAwMDAwMDAwMDAwMDAw \
                 late=BAQEBAQEBAQEBAQEBAQEBA done=BQUFBQUFBQUFBQUFBQUFBQ"
            );
        });
    }

    #[test]
    fn the_line_is_one_json_object() {
        with_announcement(|announcement| {
            assert_eq!(
                serde_json::to_string(announcement).unwrap(),
                r#"{"baseUrl":"http://127.0.0.1:1","apiKey":"key","clips":{"completes":"AAAAAAAAAAAAAAAAAAAAAA","fails":"AQEBAQEBAQEBAQEBAQEBAQ","deleted":"AgICAgICAgICAgICAgICAg","offline":"AwMDAwMDAwMDAwMDAwMDAw","late":"BAQEBAQEBAQEBAQEBAQEBA","done":"BQUFBQUFBQUFBQUFBQUFBQ"}}"#
            );
        });
    }
}
