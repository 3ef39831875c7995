//! Arguments of `rhombus-clips schema`.

use clap::{Args, ValueEnum};

pub(super) const EXAMPLES: &str = "\
Examples:
  rhombus-clips schema > watch.schema.json
  rhombus-clips schema get";

#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// Command whose output to describe
    #[arg(value_name = "COMMAND", default_value = "watch")]
    pub(crate) command: SchemaCommand,
}

/// Commands that write JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaCommand {
    /// The single object
    Get,
    /// Each line, by its `event` property
    Watch,
    /// The single line
    Simulate,
}
