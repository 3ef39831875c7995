//! The guide, a chapter a module. They hold text alone, and are in no build but that of the
//! documentation.
//!
//! The [crate's page](crate#guide) lists them in the order to read them in. Their examples run
//! against [the simulated service](testing), in the lines that are hidden: there `client` and
//! `uuid` come from.

// What the chapters link to.
#[allow(unused_imports)]
use crate::*;

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/watching.md")]
pub mod watching {}

#[doc = include_str!("guide/many.md")]
pub mod many {}

#[doc = include_str!("guide/polling.md")]
pub mod polling {}

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
