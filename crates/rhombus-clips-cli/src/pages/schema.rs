//! `rhombus-clips schema`.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;
use std::io::{self, Write as _};

use crate::args::{SchemaArgs, SchemaOf};
use crate::clip::details::Details;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::json::JsonEvent;
use crate::simulate::Announcement;

/// Writes the JSON Schema of what a command writes.
pub(crate) fn run(args: &SchemaArgs) -> Result<ExitCode, Failure> {
    let schema = match args.of {
        SchemaOf::Get => of::<Details>(),
        SchemaOf::Watch => of::<JsonEvent<'static>>(),
        SchemaOf::Simulate => of::<Announcement<'static>>(),
    };
    write(&schema).map_err(Failure::Output)?;
    Ok(ExitCode::Complete)
}

/// Of the very type that is written, as it is written.
fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(RecursiveTransform(unwrap_lines))
        .into_generator()
        .into_root_schema_for::<T>()
}

/// The lines of a comment in the source are no lines of the text.
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
