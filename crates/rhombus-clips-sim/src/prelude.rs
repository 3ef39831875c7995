//! What a test that tells a story needs, to be imported with `*`.
//!
//! [`Clip`](crate::Clip) and [`Request`](crate::Request) are not in it: a client has types of these
//! names too, and a story begins with [`clip()`](crate::clip()).

pub use crate::{
    ClipStatus, DurationUnits, Fault, Response, Service, Step, UnknownClip, clip, fault,
};
