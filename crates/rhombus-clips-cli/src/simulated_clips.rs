//! Clips of the simulated service: one per scenario, and copies on request.

use std::time::Duration;
use std::{fmt, io};

use rhombus_clips::ClipUuid;
use rhombus_clips_sim::{Clip, Rendering, Service};
use schemars::JsonSchema;
use serde::Serialize;

use crate::output::clip_view::ruuid;
use crate::report::failure::Failure;

/// UUIDs of the simulated clips, by scenario.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct SimulatedClips {
    /// Completes after a minute.
    #[schemars(schema_with = "ruuid")]
    pub(crate) completes: ClipUuid,
    /// Fails.
    #[schemars(schema_with = "ruuid")]
    pub(crate) fails: ClipUuid,
    /// Is deleted.
    #[schemars(schema_with = "ruuid")]
    pub(crate) deleted: ClipUuid,
    /// Goes offline for a while.
    #[schemars(schema_with = "ruuid")]
    pub(crate) offline: ClipUuid,
    /// Has no record initially.
    #[schemars(schema_with = "ruuid")]
    pub(crate) late: ClipUuid,
    /// Is complete from the start.
    #[schemars(schema_with = "ruuid")]
    pub(crate) done: ClipUuid,
}

const NAMES: [&str; 6] = ["completes", "fails", "deleted", "offline", "late", "done"];

/// Additional render time of each further copy of a clip. Chosen, not tuned: it makes the copies
/// finish one after the other.
const COPY_DELAY: Duration = Duration::from_secs(7);

impl SimulatedClips {
    /// Registers the clips. Their order determines what a seed produces, so append new ones.
    pub(crate) fn register(service: &Service) -> Result<Self, Failure> {
        let add = |name| add(service, rendering(name, Duration::ZERO));
        Ok(Self {
            completes: add("completes")?,
            fails: add("fails")?,
            deleted: add("deleted")?,
            offline: add("offline")?,
            late: add("late")?,
            done: add("done")?,
        })
    }

    /// Returns name and UUID of each clip.
    pub(crate) fn all(&self) -> [(&'static str, ClipUuid); 6] {
        [
            ("completes", self.completes),
            ("fails", self.fails),
            ("deleted", self.deleted),
            ("offline", self.offline),
            ("late", self.late),
            ("done", self.done),
        ]
    }

    /// Returns the clips of the requested scenarios; further copies are registered.
    pub(crate) fn instantiate(
        &self,
        scenarios: Scenarios,
        service: &Service,
    ) -> Result<Vec<ClipUuid>, Failure> {
        let mut uuids = Vec::new();
        for copy in 0..scenarios.copies {
            for (name, uuid) in self.all() {
                if scenarios.name.is_some_and(|requested| requested != name) {
                    continue;
                }
                uuids.push(match copy {
                    0 => uuid,
                    copy => add(service, rendering(name, COPY_DELAY * copy.into()))?,
                });
            }
        }
        Ok(uuids)
    }
}

/// Length of the file of a clip that is requested, in bytes. Chosen: its download can be seen.
const FILE_BYTES: u64 = 6_000_000;

/// Returns what becomes of a clip that is requested.
pub(crate) fn created_clip() -> Clip {
    Clip::renders_in(Duration::from_secs(30)).file_size(FILE_BYTES)
}

/// Returns the scenario of this name.
fn rendering(name: &str, delay: Duration) -> Rendering {
    let renders_in = |seconds| Clip::renders_in(Duration::from_secs(seconds) + delay);
    match name {
        "fails" => renders_in(40).then_fails("Camera gave no footage"),
        "deleted" => renders_in(40).then_deleted(),
        "offline" => renders_in(60).goes_offline_for(Duration::from_secs(20)),
        "late" => renders_in(60).appears_after(Duration::from_secs(5)),
        "done" => Clip::renders_in(Duration::ZERO),
        _ => renders_in(60),
    }
}

fn add(service: &Service, clip: Rendering) -> Result<ClipUuid, Failure> {
    let uuid = service.add(clip).parse();
    uuid.map_err(|error| Failure::Simulation(io::Error::other(error)))
}

/// Scenarios requested on the command line: one or all by name, and the number of copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scenarios {
    /// `None` for all scenarios.
    name: Option<&'static str>,
    copies: u16,
}

impl Scenarios {
    /// Description of the valid names, for error messages.
    pub(crate) const KNOWN: &str = "valid names are completes, fails, deleted, offline, late, done \
                                    and all; all:3 is three of each (at most 65535)";

    pub(crate) fn is_single(self) -> bool {
        self.name.is_some() && self.copies == 1
    }

    /// Returns whether a text resembles a name more than a clip UUID.
    pub(crate) fn is_name_like(text: &str) -> bool {
        let name = text.split(':').next().unwrap_or_default();
        let is_short = (1..=12).contains(&name.len());
        is_short && name.bytes().all(|byte| byte.is_ascii_lowercase())
    }

    /// Parses a name such as `fails` or `all`, optionally with a number of copies: `fails:3`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, copies) = match text.split_once(':') {
            Some((name, copies)) => (name, copies.parse().ok().filter(|copies| *copies > 0)?),
            None => (text, 1),
        };
        let name = match name {
            "all" => None,
            name => Some(*NAMES.iter().find(|known| **known == name)?),
        };
        Some(Self { name, copies })
    }
}

impl fmt::Display for Scenarios {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.unwrap_or("all"))?;
        match self.copies {
            1 => Ok(()),
            copies => write!(f, ":{copies}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn scenarios_have_the_requested_number_of_clips() {
        let service = Service::builder().speed(0.0).start().await.unwrap();
        let clips = SimulatedClips::register(&service).unwrap();
        let instantiate = |text| {
            clips
                .instantiate(Scenarios::parse(text).unwrap(), &service)
                .unwrap()
        };
        assert_eq!(clips.all().map(|(name, _)| name), NAMES);
        assert!(NAMES.iter().all(|name| Scenarios::KNOWN.contains(name)));
        assert_eq!(instantiate("fails"), [clips.fails]);
        assert_eq!(instantiate("all"), clips.all().map(|(_, uuid)| uuid));
        let mut three = instantiate("late:3");
        assert_eq!(three.len(), 3);
        three.dedup();
        assert_eq!((three.len(), three[0]), (3, clips.late));
    }
}
