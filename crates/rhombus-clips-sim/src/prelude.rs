//! Items that most tests need, for a glob import.
//!
//! [`Clip`](crate::Clip) and [`Request`](crate::Request) are not included, because a client
//! library usually has types of these names; a clip's definition starts with
//! [`clip()`](crate::clip()).

pub use crate::{
    ClipStatus, DurationUnits, Fault, Response, Service, Step, UnknownClip, clip, fault,
};
