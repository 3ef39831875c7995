//! Where and of what it was measured.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use crate::workspace;

/// A machine, and the commit that is measured on it.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) system: String,
    pub(crate) commit: String,
}

impl Machine {
    /// What cannot be found out is left general: it is no reason not to measure.
    pub(crate) fn of_this_one() -> Self {
        let model = fs::read_to_string("/proc/cpuinfo").ok();
        let model = model.as_deref().and_then(model_of).map(str::to_owned);
        let model = model.or_else(|| said_by("sysctl", &["-n", "machdep.cpu.brand_string"]));
        let commit = said_by("git", &["rev-parse", "--short", "HEAD"]);
        let changes = said_by("git", &["status", "--porcelain"]);
        Self {
            processor: model.unwrap_or_else(|| ARCH.to_owned()),
            cores: available_parallelism().map_or(1, usize::from),
            system: said_by("uname", &["-sr"]).unwrap_or_else(|| OS.to_owned()),
            commit: match (commit, changes) {
                (None, _) => "unknown".to_owned(),
                (Some(commit), None) => commit,
                (Some(commit), Some(_)) => format!("{commit} + changes"),
            },
        }
    }
}

/// The model that Linux names.
fn model_of(cpuinfo: &str) -> Option<&str> {
    let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let (_, model) = lines.find(|(name, _)| name.trim_end() == "model name")?;
    Some(model.trim())
}

/// What a program says, if it is there and says something.
fn said_by(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(workspace::root())
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    Some(said).filter(|said| output.status.success() && !said.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_has_the_name_that_its_maker_gave_it() {
        let cpuinfo = "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some CPU @ 2.00GHz\n";
        assert_eq!(model_of(cpuinfo), Some("Some CPU @ 2.00GHz"));
        assert_eq!(model_of("processor\t: 0\n"), None);
    }
}
