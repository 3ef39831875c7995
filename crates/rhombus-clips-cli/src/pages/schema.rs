//! The `schema` command.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;
use std::io::{self, Write as _};

use crate::args::{SchemaArgs, SchemaCommand};
use crate::clip::details::Details;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::json::JsonEvent;
use crate::simulate::Announcement;

/// Prints the JSON Schema of a command's output.
pub(crate) fn run(args: &SchemaArgs) -> Result<ExitCode, Failure> {
    let schema = match args.command {
        SchemaCommand::Get => schema_of::<Details>(),
        SchemaCommand::Watch => schema_of::<JsonEvent<'static>>(),
        SchemaCommand::Simulate => schema_of::<Announcement<'static>>(),
    };
    write(&schema).map_err(Failure::Output)?;
    Ok(ExitCode::Complete)
}

/// Generates the schema from the type that is serialized, so that the two cannot differ.
fn schema_of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(RecursiveTransform(unwrap_lines))
        .into_generator()
        .into_root_schema_for::<T>()
}

/// Joins the lines of a doc comment: its line breaks are not the text's.
fn unwrap_lines(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}

fn write(schema: &Schema) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", serde_json::to_string_pretty(schema)?)?;
    stdout.flush()
}
