//! `rhombus-clips schema`.

use clap::{Args, ValueEnum};

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips schema > watch.schema.json
  rhombus-clips schema get";

#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// Whose output it describes
    #[arg(value_name = "COMMAND", default_value = "watch")]
    pub(crate) of: SchemaOf,
}

/// The commands that write JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// One object
    Get,
    /// Each line, by its property `event`
    Watch,
    /// The one line
    Simulate,
}
