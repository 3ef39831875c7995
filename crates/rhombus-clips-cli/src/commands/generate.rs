//! Commands that generate text about the program itself: completions, manual pages, JSON Schemas.

use std::io::{self, Write as _};

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use roff::{Roff, roman};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use super::history::HistoryDetails;
use super::simulate::Announcement;
use crate::cli::{Cli, CompletionsArgs, ManArgs, SchemaArgs, SchemaCommand};
use crate::output::camera_view::CameraDetails;
use crate::output::clip_result::ClipResult;
use crate::output::clip_view::Details;
use crate::output::created_view::CreatedDetails;
use crate::output::files::event::FileEvent;
use crate::output::json::JsonEvent;
use crate::report::failure::{ExitCode, Failure};

pub(crate) fn print_completions(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let script = script(args.shell);
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(&script).and_then(|()| stdout.flush());
    written.map_err(Failure::Output)?;
    Ok(ExitCode::Complete)
}

/// Generates the script in memory, because the generator panics on a closed pipe.
fn script(shell: Shell) -> Vec<u8> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, &name, &mut script);
    if shell != Shell::Bash {
        return script;
    }
    // For a name with a hyphen, clap_complete spells its labels in two ways, so that the options of
    // subcommands are not found.
    let [spelled, expected] = ["__subcmd__", "__"].map(|hyphen| name.replace('-', hyphen));
    let script = String::from_utf8_lossy(&script);
    let labels = format!("{spelled}__subcmd__");
    script
        .replace(&labels, &format!("{expected}__subcmd__"))
        .into()
}

pub(crate) fn print_man_page(args: &ManArgs) -> Result<ExitCode, Failure> {
    let write = || {
        let page = render_page(find_command(args.command.as_deref()))?;
        let mut stdout = io::stdout().lock();
        stdout.write_all(&page)?;
        stdout.flush()
    };
    write().map_err(Failure::Output)?;
    Ok(ExitCode::Complete)
}

/// Renders the page of a command.
fn render_page(command: Command) -> io::Result<Vec<u8>> {
    let help = command.get_after_long_help().or(command.get_after_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let has_commands = command.has_subcommands();
    let man = Man::new(command);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_commands {
        man.render_subcommands_section(&mut page)?;
    }
    render_sections(&help).to_writer(&mut page)?;
    Ok(page)
}

/// Renders the sections below the options line by line, because their layout is fixed.
fn render_sections(help: &str) -> Roff {
    let mut roff = Roff::new();
    for line in help.lines() {
        match line.strip_suffix(':').filter(|line| !line.starts_with(' ')) {
            Some(heading) => {
                let heading = heading.to_uppercase();
                roff.control("fi", []);
                roff.control("SH", [heading.as_str()]);
                roff.control("nf", []);
            }
            None => {
                let line = line.strip_prefix("  ").unwrap_or(line);
                roff.text([roman(line)]);
            }
        }
    }
    roff.control("fi", []);
    roff
}

/// Returns the program or one of its subcommands.
fn find_command(command: Option<&str>) -> Command {
    // Building adds the global options to each subcommand.
    let mut program = Cli::command();
    program.build();
    let found = command.and_then(|name| program.find_subcommand(name));
    found.cloned().unwrap_or(program)
}

/// Prints the JSON Schema of a command's output.
pub(crate) fn print_schema(args: &SchemaArgs) -> Result<ExitCode, Failure> {
    let schema = match args.command {
        SchemaCommand::Get => schema_of::<Details>(),
        SchemaCommand::Watch => schema_of::<JsonEvent<'static>>(),
        SchemaCommand::Cameras => schema_of::<CameraDetails<'static>>(),
        // A clip is described in the same way wherever it is printed.
        SchemaCommand::List => titled(schema_of::<Details>(), "rhombus-clips list"),
        SchemaCommand::Create => schema_of::<CreatedDetails>(),
        SchemaCommand::Export => schema_of::<FileEvent>(),
        SchemaCommand::Download => titled(schema_of::<FileEvent>(), "rhombus-clips download"),
        SchemaCommand::Cancel => titled(schema_of::<ClipResult>(), "rhombus-clips cancel"),
        SchemaCommand::Retry => titled(schema_of::<ClipResult>(), "rhombus-clips retry"),
        SchemaCommand::Delete => titled(schema_of::<ClipResult>(), "rhombus-clips delete"),
        SchemaCommand::Update => titled(schema_of::<ClipResult>(), "rhombus-clips update"),
        SchemaCommand::History => schema_of::<HistoryDetails>(),
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

fn titled(mut schema: Schema, title: &str) -> Schema {
    schema.insert("title".to_owned(), title.into());
    schema
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
