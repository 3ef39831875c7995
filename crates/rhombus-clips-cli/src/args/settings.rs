//! The flags of every command.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgAction, Args, ValueEnum};
use rhombus_clips::{ClipUuid, Region};

use super::Output;
use crate::config::Flags;
use crate::messages::Verbosity;

/// The flags of every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct SettingsArgs {
    /// How results are written to standard output [default: text]
    #[arg(long, global = true, value_name = "FORMAT", display_order = 100)]
    pub(crate) output: Option<Output>,

    /// The profile to take from the files of Rhombus's own command-line tool [default: default]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        display_order = 101,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) profile: Option<String>,

    /// The file that holds the API key; - reads it from standard input, or asks for it on a terminal
    #[arg(long, global = true, value_name = "FILE", display_order = 102)]
    pub(crate) api_key_file: Option<PathBuf>,

    /// Where the organization lives [default: us]
    #[arg(
        long,
        global = true,
        value_name = "REGION",
        display_order = 103,
        conflicts_with = "endpoint_url"
    )]
    pub(crate) region: Option<RegionArg>,

    /// The base URL of the service, in place of a region's
    #[arg(
        long,
        global = true,
        value_name = "URL",
        display_order = 104,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) endpoint_url: Option<String>,

    /// With a partner's key: the client organization to act for, 22 characters
    #[arg(
        long,
        visible_alias = "partner-org",
        global = true,
        value_name = "RUUID",
        display_order = 105,
        value_parser = organization
    )]
    pub(crate) org: Option<String>,

    /// Write nothing but errors to standard error
    #[arg(
        short,
        long,
        global = true,
        display_order = 106,
        conflicts_with = "verbose"
    )]
    pub(crate) quiet: bool,

    /// Say on standard error what is done; twice for what the HTTP and TLS libraries do
    #[arg(
        short,
        long,
        global = true,
        action = ArgAction::Count,
        display_order = 107
    )]
    pub(crate) verbose: u8,
}

/// The regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RegionArg {
    /// United States
    Us,
    /// European Union
    Eu,
}

impl RegionArg {
    fn base_url(self) -> &'static str {
        match self {
            Self::Us => Region::Us.base_url(),
            Self::Eu => Region::Eu.base_url(),
        }
    }
}

impl SettingsArgs {
    /// What of it is a setting.
    pub(crate) fn flags(&self) -> Flags {
        Flags {
            profile: self.profile.clone(),
            output: self.output,
            endpoint_url: self.endpoint_url.clone(),
            region: self.region.map(RegionArg::base_url),
            organization: self.org.clone(),
        }
    }

    /// The options that say whom to ask, and with what.
    pub(crate) fn words(&self) -> Vec<String> {
        let file = self.api_key_file.as_ref();
        let region = self.region.and_then(|region| region.to_possible_value());
        let options = [
            ("--profile", self.profile.clone()),
            (
                "--api-key-file",
                file.map(|path| path.display().to_string()),
            ),
            (
                "--region",
                region.map(|region| region.get_name().to_owned()),
            ),
            ("--endpoint-url", self.endpoint_url.clone()),
            ("--org", self.org.clone()),
        ];
        options
            .into_iter()
            .filter_map(|(name, value)| Some([name.to_owned(), value?]))
            .flatten()
            .collect()
    }

    pub(crate) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, 1) => Verbosity::Verbose,
            (false, _) => Verbosity::Debug,
        }
    }
}

/// An organization has an identifier of the same kind as a clip.
fn organization(text: &str) -> Result<String, String> {
    match text.parse::<ClipUuid>() {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            let error = error.to_string();
            let why = error.strip_prefix("not a clip UUID: ").unwrap_or(&error);
            Err(format!("not an organization's RUUID: {why}"))
        }
    }
}
