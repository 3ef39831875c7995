//! The creation of a clip, as far as it is pure: the intent that survives the process, the meaning of a
//! response, and the search for a clip whose response was lost.

pub(crate) mod created;
mod intent;
pub(crate) mod search;

pub use created::CreatedClips;
pub use intent::CreateIntent;
