//! Measures policies in virtual time: how many requests a watch sends, and how late it learns that
//! its clip is done.
//!
//! A trace says what a service showed of one clip, and when. For every trace and every poll policy a
//! watch is [played](player): it looks at time 0 and then whenever the poll policy says, until a look
//! sees that the clip is done. Looks take no time and never fail, and nothing cuts the watch
//! short, so that what is measured is the poll policy alone. There are no sockets and no clocks: an hour
//! passes in microseconds, and the same traces and the same seed give the same report.
//!
//! A [policy] is what one client does with all its clips: it gives each watch its poll policy, and what
//! one watch learned the next may know. The traces of a file are watched one after the other in
//! its order.
//!
//! Without a file the tool [makes](families) its own traces, in families that each have their own
//! way of moving, from steady to none at all.
//!
//! It is a program of its own because it needs the generated client to compile, which the command
//! that generates it must not. `cargo xtask polling` runs it.

mod cli;
mod dice;
mod families;
mod measure;
mod player;
mod plot;
mod policy;
mod reader;
mod report;
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
