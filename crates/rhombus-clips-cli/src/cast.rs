//! The clips of the simulated service: one of each kind.

use rhombus_clips::ClipUuid;
use rhombus_clips_sim::{Clip, Rendering, Service};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::clip::clip_uuid_schema::clip_uuid;
use crate::failure::Failure;

/// The UUIDs of the simulated clips, by what becomes of them.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Cast {
    /// Is complete after a minute.
    #[schemars(schema_with = "clip_uuid")]
    pub(crate) completes: ClipUuid,
    /// Fails.
    #[schemars(schema_with = "clip_uuid")]
    pub(crate) fails: ClipUuid,
    /// Is deleted.
    #[schemars(schema_with = "clip_uuid")]
    pub(crate) deleted: ClipUuid,
    /// Loses its camera for a while.
    #[schemars(schema_with = "clip_uuid")]
    pub(crate) offline: ClipUuid,
    /// Has no record at first.
    #[schemars(schema_with = "clip_uuid")]
    pub(crate) late: ClipUuid,
    /// Is complete from the start.
    #[schemars(schema_with = "clip_uuid")]
    pub(crate) done: ClipUuid,
}

const NAMES: [&str; 6] = ["completes", "fails", "deleted", "offline", "late", "done"];

/// How much longer each copy of a clip takes than the one before.
const LATER: Duration = Duration::from_secs(7);

impl Cast {
    /// Registers the clips. Their order is part of what a seed means: add new ones at the end.
    pub(crate) fn enter(service: &Service) -> Result<Self, Failure> {
        let add = |name| add(service, life(name, Duration::ZERO));
        Ok(Self {
            completes: add("completes")?,
            fails: add("fails")?,
            deleted: add("deleted")?,
            offline: add("offline")?,
            late: add("late")?,
            done: add("done")?,
        })
    }

    /// Name and identifier of each.
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

    /// The clips in this role; copies are registered.
    pub(crate) fn play(&self, role: Role, service: &Service) -> Result<Vec<ClipUuid>, Failure> {
        let mut clips = Vec::new();
        for copy in 0..role.copies {
            for (name, uuid) in self.all() {
                if role.name.is_some_and(|wanted| wanted != name) {
                    continue;
                }
                clips.push(match copy {
                    0 => uuid,
                    copy => add(service, life(name, LATER * copy.into()))?,
                });
            }
        }
        Ok(clips)
    }
}

/// What becomes of the clip of this name.
fn life(name: &str, later: Duration) -> Rendering {
    let takes = |seconds| Clip::renders_in(Duration::from_secs(seconds) + later);
    match name {
        "fails" => takes(40).then_fails("Camera gave no footage"),
        "deleted" => takes(40).then_deleted(),
        "offline" => takes(60).goes_offline_for(Duration::from_secs(20)),
        "late" => takes(60).appears_after(Duration::from_secs(5)),
        "done" => Clip::renders_in(Duration::ZERO),
        _ => takes(60),
    }
}

fn add(service: &Service, clip: Rendering) -> Result<ClipUuid, Failure> {
    let uuid = service.add(clip).parse();
    uuid.map_err(|error| Failure::Simulation(io::Error::other(error)))
}

/// Simulated clips, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    /// `None` for one of each.
    name: Option<&'static str>,
    copies: u16,
}

impl Role {
    /// What can be asked for.
    pub(crate) const KNOWN: &str = "the names are completes, fails, deleted, offline, late, done \
                                    and all, and all:3 is three of each (at most 65535)";

    pub(crate) fn is_one(self) -> bool {
        self.name.is_some() && self.copies == 1
    }

    /// Whether the text looks more like a name than like a clip UUID.
    pub(crate) fn is_like(text: &str) -> bool {
        let name = text.split(':').next().unwrap_or_default();
        let is_short = (1..=12).contains(&name.len());
        is_short && name.bytes().all(|byte| byte.is_ascii_lowercase())
    }

    /// A name such as `fails`, or `all`, and how many if there are to be several: `fails:3`.
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

impl fmt::Display for Role {
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
    async fn a_role_is_played_by_as_many_clips_as_it_asks_for() {
        let service = Service::builder().speed(0.0).start().await.unwrap();
        let cast = Cast::enter(&service).unwrap();
        let play = |text| cast.play(Role::parse(text).unwrap(), &service).unwrap();
        assert_eq!(cast.all().map(|(name, _)| name), NAMES);
        assert!(NAMES.iter().all(|name| Role::KNOWN.contains(name)));
        assert_eq!(play("fails"), [cast.fails]);
        assert_eq!(play("all"), cast.all().map(|(_, uuid)| uuid));
        let mut three = play("late:3");
        assert_eq!(three.len(), 3);
        three.dedup();
        assert_eq!((three.len(), three[0]), (3, cast.late));
    }
}
