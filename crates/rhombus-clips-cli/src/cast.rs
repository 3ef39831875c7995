//! The clips of the simulated service: one of each kind.

use rhombus_clips::ClipUuid;
use rhombus_clips_sim::{Clip, Rendering, Service};
use serde::Serialize;
use std::io;
use std::time::Duration;

use crate::failure::Failure;

/// The UUIDs of the simulated clips, by what becomes of them.
#[derive(Debug, Serialize)]
pub(crate) struct Cast {
    pub(crate) completes: ClipUuid,
    pub(crate) fails: ClipUuid,
    pub(crate) deleted: ClipUuid,
    pub(crate) offline: ClipUuid,
    pub(crate) late: ClipUuid,
    pub(crate) done: ClipUuid,
}

impl Cast {
    /// Registers the clips. Their order is part of what a seed means: add new ones at the end.
    pub(crate) fn enter(service: &Service) -> Result<Self, Failure> {
        let takes = |seconds| Clip::renders_in(Duration::from_secs(seconds));
        let add = |clip: Rendering| {
            let uuid = service.add(clip).parse();
            uuid.map_err(|error| Failure::Simulation(io::Error::other(error)))
        };
        Ok(Self {
            completes: add(takes(60))?,
            fails: add(takes(40).then_fails("Camera gave no footage"))?,
            deleted: add(takes(40).then_deleted())?,
            offline: add(takes(60).goes_offline_for(Duration::from_secs(20)))?,
            late: add(takes(60).appears_after(Duration::from_secs(5)))?,
            done: add(takes(0))?,
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
}
