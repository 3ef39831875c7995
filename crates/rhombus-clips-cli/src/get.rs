//! `rhombus-clips get`.

use std::io::{self, Write};

use crate::args::{GetArgs, Output};
use crate::connection::Connection;
use crate::details::Details;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::text;

pub(crate) async fn run(args: GetArgs, output: Output) -> Result<ExitCode, Failure> {
    let connection = Connection::open(&args.simulation).await?;
    let asked = args
        .clip
        .or_else(|| connection.simulated_clip(|cast| cast.done));
    if let Some(uuid) = asked {
        let details = Details::of(&connection.client.clip(uuid).await?);
        write(&details, output).map_err(Failure::Output)?;
    }
    Ok(ExitCode::Complete)
}

fn write(details: &Details, output: Output) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match output {
        Output::Text => stdout.write_all(text::details(details).as_bytes())?,
        Output::Json => writeln!(stdout, "{}", serde_json::to_string(details)?)?,
    }
    stdout.flush()
}
