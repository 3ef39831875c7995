//! Guide to this crate, one module per chapter.
//!
//! The [front page](crate#guide) lists the chapters in reading order. The modules contain text only
//! and are compiled only for the documentation. The examples run against
//! [the simulated service](testing), which hidden lines set up; these also define `client` and
//! `uuid`.

// The chapters link to these items.
#[allow(unused_imports)]
use crate::*;

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/watching.md")]
pub mod watching {}

#[doc = include_str!("guide/many.md")]
pub mod many {}

#[doc = include_str!("guide/creating.md")]
pub mod creating {}

#[cfg(feature = "download")]
#[doc = include_str!("guide/downloading.md")]
pub mod downloading {}

#[cfg(feature = "download")]
#[doc = include_str!("guide/exporting.md")]
pub mod exporting {}

#[doc = include_str!("guide/listing.md")]
pub mod listing {}

#[doc = include_str!("guide/open_questions.md")]
pub mod open_questions {}

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
