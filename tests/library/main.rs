//! The library: calls and watches against the simulated service, over real sockets.
//!
//! Time is virtual where a test is about time. Faults are covered systematically by the `faults` binary.

mod body_limit;
mod connections;
mod echo;
mod end_to_end;
mod error_table;
mod many;
mod messages;
mod polling;
mod redirects;
mod tls;
mod tracing;
mod watch_many;
mod watch_stream;
