//! The `history` command: shows or removes what was learned of render times.

use std::io;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{HistoryAction, HistoryCommandArgs, Output};
use crate::history::{self, HistoryEntry};
use crate::outlet;
use crate::output::json::{date_time, format_time};
use crate::output::json_text::to_json_line;
use crate::report::failure::{ExitCode, Failure};
use crate::report::{self, error_chain};
use crate::text::sanitize_line;

pub(crate) async fn run(args: HistoryCommandArgs, output: Output) -> Result<ExitCode, Failure> {
    let Some(root) = history::root() else {
        let message = "no home directory, so that no history is kept";
        return Err(Failure::History(message.to_owned()));
    };
    let text = match args.action {
        HistoryAction::Show => {
            let entries = history::entries(&root).map_err(|error| {
                let root = root.display();
                Failure::History(format!("cannot read {root}: {error}"))
            })?;
            show(&entries, output).map_err(Failure::Output)?
        }
        HistoryAction::Path => format!("{}\n", root.display()),
        HistoryAction::Clear => {
            let count = history::clear(&root).map_err(|error| {
                let root = root.display();
                Failure::History(format!("cannot clear {root}: {error}"))
            })?;
            report::eprintln_unless_quiet(&match count {
                0 => "there is no history".to_owned(),
                1 => "removed the history of 1 organization".to_owned(),
                count => format!("removed the histories of {count} organizations"),
            });
            return Ok(ExitCode::Complete);
        }
    };
    outlet::print(text).await.map_err(Failure::Output)?;
    Ok(ExitCode::Complete)
}

fn show(entries: &[HistoryEntry], output: Output) -> io::Result<String> {
    if entries.is_empty() && output != Output::Json {
        report::eprintln_unless_quiet("there is no history");
    }
    let lines = entries.iter().map(HistoryDetails::from);
    lines
        .map(|details| match output {
            Output::Text | Output::Table => Ok(details.text()),
            Output::Json => to_json_line(&details),
        })
        .collect()
}

/// One line of `rhombus-clips history --output json`. Later versions may add properties.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "rhombus-clips history")]
pub(crate) struct HistoryDetails {
    /// Path of the file.
    path: String,
    /// Name of the endpoint's folder: the host, and a hash of the URL.
    endpoint: String,
    /// RUUID of the organization, if a record named one.
    organization: Option<String>,
    /// Number of clips that were seen complete, less what has faded; at most 20. Null if the file cannot be read.
    clips: Option<u32>,
    /// Time at which the file was updated: RFC 3339 in UTC, with milliseconds. Null if it cannot be read.
    #[schemars(schema_with = "optional_date_time")]
    updated_at: Option<String>,
    /// Reason why the file cannot be read.
    error: Option<String>,
}

fn optional_date_time(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let mut schema = date_time(generator);
    schema.insert("type".to_owned(), vec!["string", "null"].into());
    schema
}

impl From<&HistoryEntry> for HistoryDetails {
    fn from(entry: &HistoryEntry) -> Self {
        let snapshot = entry.snapshot.as_ref();
        let updated_at = snapshot.ok().map(|snapshot| snapshot.updated_at());
        let updated_at = updated_at.and_then(|time| Timestamp::try_from(time).ok());
        Self {
            path: entry.path.display().to_string(),
            endpoint: entry.endpoint.clone(),
            organization: entry.organization.clone(),
            clips: snapshot.ok().map(|snapshot| snapshot.completed_clips()),
            updated_at: updated_at.map(format_time),
            error: snapshot.err().map(|error| error_chain(error)),
        }
    }
}

impl HistoryDetails {
    fn text(&self) -> String {
        let organization = self.organization.as_deref().unwrap_or("-");
        let state = match (&self.error, self.clips, &self.updated_at) {
            (None, Some(clips), Some(updated_at)) => {
                let noun = if clips == 1 { "clip " } else { "clips" };
                format!("{clips:>2} {noun}  {updated_at}")
            }
            (error, ..) => error.clone().unwrap_or_default(),
        };
        let line = format!("{}  {organization:<22}  {state}", self.endpoint);
        sanitize_line(&line).into_owned() + "\n"
    }
}
