//! How the service is set up before it starts.

use crate::api_key::ApiKey;
use crate::clock::Clock;
use crate::delivery::Ending;
use crate::desk::Desk;
use crate::idle::IdleLimit;
use crate::rate_limit::TokenBucket;
use crate::service::Service;
use crate::simulation::Simulation;
use crate::unknown_clip::UnknownClip;
use std::io;
use std::time::Duration;

/// Sets up a [`Service`], from [`Service::builder`].
///
/// ```
/// use rhombus_clips_sim::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let service = Service::builder()
///     .seed(7)
///     .rate_limit(10.0, 100)
///     .unknown_clip(UnknownClip::Error("No such clip".to_owned()))
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ServiceBuilder {
    seed: u64,
    speed: f64,
    port: u16,
    api_key: Option<ApiKey>,
    rate_limit: Option<(f64, u32)>,
    unknown_clip: UnknownClip,
    idle: Option<IdleLimit>,
}

impl ServiceBuilder {
    pub(crate) fn new() -> Self {
        Self {
            seed: 0,
            speed: 1.0,
            port: 0,
            api_key: None,
            rate_limit: None,
            unknown_clip: UnknownClip::Null,
            idle: None,
        }
    }

    /// The seed that everything random follows from: the API key, the clips' UUIDs, lives and
    /// records, in the order of their registration, and
    /// whom a [`Fault`](crate::Fault) strikes. 0 unless set.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Seconds of service time per second of tokio's clock, finite and not negative: 100 makes a
    /// render of 30 s take 0.3 s. At 0 time stands still and moves by
    /// [`Service::advance`] alone. 1 unless set.
    ///
    /// `Retry-After` counts the caller's seconds and is not sped up.
    pub fn speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// The port on 127.0.0.1; 0 takes any free one. 0 unless set.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The only API key that the service accepts; it follows from the seed unless set.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(ApiKey::new(key));
        self
    }

    /// Limits requests with a token bucket of `burst` tokens, at least 1, that gains
    /// `per_second` tokens in a second of service time, finite and above 0. No limit unless set.
    ///
    /// Others report that Rhombus keeps one such bucket for an organization; its rate is
    /// unpublished (10 for each second, according to an old page) and its burst about ten times
    /// the rate.
    pub fn rate_limit(mut self, per_second: f64, burst: u32) -> Self {
        self.rate_limit = Some((per_second, burst));
        self
    }

    /// What the service answers for a clip that was never registered.
    pub fn unknown_clip(mut self, answer: UnknownClip) -> Self {
        self.unknown_clip = answer;
        self
    }

    /// Closes a connection (TCP FIN) over which nothing went for this long on tokio's clock, as a
    /// proxy does that cuts idle connections. Never unless set.
    pub fn close_idle_after(mut self, silence: Duration) -> Self {
        self.idle = Some(IdleLimit {
            after: silence,
            then: Ending::Close,
        });
        self
    }

    /// Like [`ServiceBuilder::close_idle_after`], which it replaces, but without a word: the
    /// connection looks open, and the next request on it is answered with a reset (TCP RST).
    pub fn reset_idle_after(mut self, silence: Duration) -> Self {
        self.idle = Some(IdleLimit {
            after: silence,
            then: Ending::Reset,
        });
        self
    }

    /// Starts the service on 127.0.0.1, in the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] for a setting out of its range; otherwise what the system
    /// says about the port.
    pub async fn start(self) -> io::Result<Service> {
        if !(self.speed.is_finite() && self.speed >= 0.0) {
            return Err(out_of_range("speed must be finite and not negative"));
        }
        let rate_limit = match self.rate_limit {
            None => None,
            Some((per_second, burst))
                if per_second.is_finite() && per_second > 0.0 && burst >= 1 =>
            {
                Some(TokenBucket::new(per_second, burst))
            }
            Some(_) => {
                let range = "a rate limit must be finite and above 0, its burst at least 1";
                return Err(out_of_range(range));
            }
        };
        let key = self.api_key.unwrap_or_else(|| ApiKey::from_seed(self.seed));
        let simulation = Simulation::new(self.seed, key.clone(), self.unknown_clip, rate_limit);
        let desk = Desk::new(Clock::start(self.speed), simulation);
        Service::launch(self.port, key, desk, self.idle).await
    }
}

fn out_of_range(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
