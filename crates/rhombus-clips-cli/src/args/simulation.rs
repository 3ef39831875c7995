//! The simulated service inside the program.

use clap::Args;

use crate::config::Reading;

/// The simulated service inside the program.
#[derive(Args, Debug)]
pub(crate) struct SimulationArgs {
    /// Ask a simulated service inside this program, six times as fast as life; no API key needed
    #[arg(long)]
    pub(crate) simulate: bool,

    /// What everything random in the simulated service follows from [default: 0]
    #[arg(long, value_name = "N", requires = "simulate")]
    pub(crate) seed: Option<u64>,
}

impl SimulationArgs {
    /// What of the settings is read: a real key has no business with a simulated service.
    pub(crate) fn reading(&self) -> Reading {
        match self.simulate {
            true => Reading::Output,
            false => Reading::All,
        }
    }
}
