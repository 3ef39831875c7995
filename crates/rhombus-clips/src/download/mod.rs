//! Downloads: from a complete clip to a verified file.
//!
//! The decisions are pure: where the file may be ([`location`], [`search`]), what a response means
//! ([`response`]), when a transfer is too slow ([`watchdog`]) or is tried again ([`retries`]), and whether the file
//! is the expected one ([`verification`]). [`fetch`] executes them and yields bytes; [`save`] writes these to a
//! file ([`part`]), and [`stream`] hands them to the caller.

mod builder;
mod downloaded;
mod fetch;
mod file_name;
mod location;
mod part;
mod progress;
mod response;
mod retries;
mod save;
mod search;
mod stream;
mod verification;
mod watchdog;

pub use builder::Download;
pub use downloaded::{Downloaded, DownloadedFile};
pub(crate) use location::FileKind;
pub use progress::DownloadProgress;
pub use stream::DownloadStream;
pub use verification::Verification;
