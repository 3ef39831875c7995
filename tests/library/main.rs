//! The library: calls and watches against the simulated service, over real sockets.
//!
//! Time is virtual where a test is about time. Faults are covered systematically by the `faults` binary.

mod batching;
mod body_limit;
mod connections;
mod creation;
mod dead_connections;
mod deadlines;
mod download;
mod echo;
mod end_to_end;
mod ending;
mod error_table;
mod export;
mod lent_client;
mod life;
mod list_clips;
mod lost_responses;
mod many;
mod messages;
mod operations;
mod policies;
mod polling;
mod redirects;
mod tls;
mod tracing;
mod unprocessed;
mod unreachable;
mod watch_many;
mod watch_stream;

// The tests that are repeated with the features that another crate may enable.
#[path = "../unification/reqwest/tests/content_codings.rs"]
mod content_codings;
#[path = "../unification/serde_json/tests/switches.rs"]
mod serde_json_switches;
