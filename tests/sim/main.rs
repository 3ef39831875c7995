//! The simulated service, as its users see it: over HTTP, and through its assertions.

mod assertions;
mod common;
mod consumer;
mod delivery;
mod error_responses;
mod faults;
mod http2;
mod life;
mod media;
mod readme;
mod service;
