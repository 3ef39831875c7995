//! Request handling without sockets.
//!
//! [`Simulation`] maps a request and the current service time to a response. It owns cameras and clips, the
//! faults, the rate limiter and the request log, and has neither clock nor sockets. A request takes the way of
//! [`routing`]; each family of operations has a module.

mod cameras;
mod clips;
mod ending;
mod fields;
mod file_path;
mod lists;
mod media;
mod registry;
mod routing;
mod simulation;
mod splice;

pub(crate) use routing::{Host, IncomingRequest};
pub(crate) use simulation::{Settings, Simulation, Urls};
pub use splice::CreatedClip;
