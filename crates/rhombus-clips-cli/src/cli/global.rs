//! Options that several commands share: the global ones, and those that select the simulated service.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgAction, Args, ValueEnum};
use rhombus_clips::{ClipUuid, Region};

use super::Output;
use crate::config::{Flags, Origin, ReadScope, Sourced};
use crate::report::Verbosity;

/// Global options.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct SettingsArgs {
    /// Output format [default: text]
    #[arg(short, long, global = true, value_name = "FORMAT", display_order = 100)]
    pub(crate) output: Option<Output>,

    /// The same as --output json
    #[arg(long, global = true, display_order = 101)]
    pub(crate) json: bool,

    /// Profile in the Rhombus CLI's configuration files [default: default]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        display_order = 102,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) profile: Option<String>,

    /// File that contains the API key; - reads standard input, or prompts on a terminal
    #[arg(long, global = true, value_name = "FILE", display_order = 103)]
    pub(crate) api_key_file: Option<PathBuf>,

    /// Region of the organization [default: us]
    #[arg(
        long,
        global = true,
        value_name = "REGION",
        display_order = 104,
        conflicts_with = "endpoint_url"
    )]
    pub(crate) region: Option<RegionArg>,

    /// Base URL of the service, in place of --region
    #[arg(
        long,
        global = true,
        value_name = "URL",
        display_order = 105,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) endpoint_url: Option<String>,

    /// URL of the media host, which has the files [default: that of the region]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        display_order = 106,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) media_url: Option<String>,

    /// Client organization to act for with a partner's API key, 22 characters
    #[arg(
        long,
        visible_alias = "partner-org",
        global = true,
        value_name = "RUUID",
        display_order = 107,
        value_parser = parse_organization
    )]
    pub(crate) org: Option<String>,

    /// Print errors only
    #[arg(
        short,
        long,
        global = true,
        display_order = 108,
        conflicts_with = "verbose"
    )]
    pub(crate) quiet: bool,

    /// Log to standard error (-vv includes the HTTP and TLS libraries)
    #[arg(
        short,
        long,
        global = true,
        action = ArgAction::Count,
        display_order = 109
    )]
    pub(crate) verbose: u8,
}

/// Regions of the service.
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
    /// Checks that no option contradicts another.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.output {
            Some(Output::Text | Output::Table) if self.json => Err(
                "--json is the same as --output json and contradicts the other --output; use only one of them"
                    .to_owned(),
            ),
            _ => Ok(()),
        }
    }

    fn output(&self) -> Option<Sourced<Output>> {
        match (self.output, self.json) {
            (None, true) => Some(Sourced::new(Output::Json, Origin::Flag("--json"))),
            (output, _) => Some(Sourced::new(output?, Origin::Flag("--output"))),
        }
    }

    /// Returns the flags that override settings.
    pub(crate) fn flags(&self) -> Flags {
        Flags {
            profile: self.profile.clone(),
            output: self.output(),
            endpoint_url: self.endpoint_url.clone(),
            media_url: self.media_url.clone(),
            region: self.region.map(RegionArg::base_url),
            organization: self.org.clone(),
        }
    }

    /// Formats the options that select endpoint and credentials as arguments, to repeat them in a hint.
    pub(crate) fn to_args(&self) -> Vec<String> {
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
            ("--media-url", self.media_url.clone()),
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

/// Validates an organization's RUUID, which has the same form as a clip's.
fn parse_organization(text: &str) -> Result<String, String> {
    match text.parse::<ClipUuid>() {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!("invalid organization RUUID: {}", error.reason())),
    }
}

/// Option of the commands that learn how long clips take.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct HistoryArgs {
    /// Neither use nor save what earlier runs learned of render times
    #[arg(long)]
    pub(crate) no_history: bool,
}

/// Options of the built-in simulated service.
#[derive(Args, Debug)]
pub(crate) struct SimulationArgs {
    /// Use the built-in simulated service at 6x speed (no API key needed)
    #[arg(long)]
    pub(crate) simulate: bool,

    /// Seed of the simulated service [default: 0]
    #[arg(long, value_name = "N", requires = "simulate")]
    pub(crate) seed: Option<u64>,
}

impl SimulationArgs {
    /// Returns the settings to read: a simulated service must not see a real API key.
    pub(crate) fn read_scope(&self) -> ReadScope {
        match self.simulate {
            true => ReadScope::Output,
            false => ReadScope::All,
        }
    }
}
