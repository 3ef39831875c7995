//! The guide, a chapter a module. There is nothing in them but text, and nothing in a build.
//!
//! Its examples run against the simulated service; the lines that start it are hidden. Click the
//! eye to see them.

// What the chapters link to.
#[allow(unused_imports)]
use crate::*;

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/watching.md")]
pub mod watching {}

#[doc = include_str!("guide/many.md")]
pub mod many {}

#[doc = include_str!("guide/pacing.md")]
pub mod pacing {}

#[doc = include_str!("guide/limits.md")]
pub mod limits {}

#[doc = include_str!("guide/resuming.md")]
pub mod resuming {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/security.md")]
pub mod security {}

#[doc = include_str!("guide/tracing.md")]
pub mod tracing {}

#[doc = include_str!("guide/stability.md")]
pub mod stability {}
