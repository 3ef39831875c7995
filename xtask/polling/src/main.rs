//! Measures poll policies in virtual time: the number of polls of a watch and its detection delay.
//!
//! A trace lists the states of one clip over time. For each trace and each poll policy a watch is
//! [replayed](replay): it polls at time 0 and then after each delay that the policy returns, until a
//! poll sees that the clip is done. Polls take no time and never fail, and a watch has no deadline,
//! so that the measurement covers the poll policy alone. There are no sockets and no clocks: an hour
//! takes microseconds, and the same traces and the same seed give the same report.
//!
//! A [client policy](policy) covers all clips of one client: it supplies the poll policy of each
//! watch and may carry what one watch learned to the next. The traces of a file are watched one
//! after the other, in the order of the file.
//!
//! Without a file the tool generates [synthetic traces](families), in families that differ in the
//! shape of their progress, from linear to none at all.
//!
//! It is a program of its own because it depends on the generated client, which the command that
//! generates the client must not. `cargo xtask polling` runs it.

mod cli;
mod families;
mod measure;
mod plot;
mod policy;
mod reader;
mod replay;
mod report;
mod rng;
mod summary;
mod trace;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::run(&cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
