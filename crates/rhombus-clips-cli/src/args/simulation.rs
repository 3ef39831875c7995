//! Options of the built-in simulated service.

use clap::Args;

use crate::config::ReadScope;

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
