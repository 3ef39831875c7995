//! Configuration of a service.
//!
//! [`ServiceBuilder`] validates the settings, derives defaults from the seed, and assembles clock,
//! simulation and port.

use crate::auth::ApiKey;
use crate::clock::Clock;
use crate::clock::TokenBucket;
use crate::engine::ServiceState;
use crate::engine::Simulation;
use crate::error_responses::UnknownClip;
use crate::response::StopAction;
use crate::server::Protocol;
use crate::server::faulty_stream::IdleTimeout;
#[cfg(feature = "http2")]
use crate::server::tls::Tls;
use crate::service::Service;
use std::io;
use std::time::Duration;

/// Builder of a [`Service`], from [`Service::builder`].
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
    accepts_any_content_type: bool,
    idle_timeout: Option<IdleTimeout>,
    #[cfg(feature = "http2")]
    is_http2: bool,
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
            accepts_any_content_type: false,
            idle_timeout: None,
            #[cfg(feature = "http2")]
            is_http2: false,
        }
    }

    /// Sets the seed of everything random: the API key, the UUIDs, timelines and records of the
    /// clips, in the order of their registration, and the application of faults
    /// ([`Fault`](crate::Fault)). Defaults to 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the speed of service time relative to tokio's clock, finite and not negative: at 100,
    /// a clip with a render time of 30 s is complete after 0.3 s. At 0, service time moves by
    /// [`Service::advance`] only. Defaults to 1.
    ///
    /// `Retry-After` is in the client's time and not affected.
    pub fn speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// Sets the port on 127.0.0.1; 0 selects any free port. Defaults to 0.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the only API key that the service accepts. By default it is derived from the seed.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(ApiKey::new(key));
        self
    }

    /// Limits requests with a token bucket of `burst` tokens, at least 1, that gains `per_second`
    /// tokens per second of service time, finite and above 0. By default there is no limit.
    ///
    /// Users report that Rhombus has one such bucket per organization. Its rate is unpublished (10
    /// per second according to an outdated page), its burst is about ten times the rate.
    pub fn rate_limit(mut self, per_second: f64, burst: u32) -> Self {
        self.rate_limit = Some((per_second, burst));
        self
    }

    /// Sets the response for a clip that is not registered. Defaults to [`UnknownClip::Null`].
    pub fn unknown_clip(mut self, unknown_clip: UnknownClip) -> Self {
        self.unknown_clip = unknown_clip;
        self
    }

    /// Accepts requests with any `Content-Type`, or none. By default a request whose body is not declared as
    /// `application/json` is refused with 415, so that a test notices it; what Rhombus does is
    /// undocumented.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::builder().any_content_type().start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn any_content_type(mut self) -> Self {
        self.accepts_any_content_type = true;
        self
    }

    /// Closes a connection (TCP FIN) that was idle for this long on tokio's clock, as a proxy does
    /// that drops idle connections. By default there is no idle timeout.
    pub fn close_idle_after(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(IdleTimeout {
            timeout,
            action: StopAction::Close,
        });
        self
    }

    /// Drops a connection that was idle for this long without closing it: it appears to be open,
    /// and the next request on it is reset (TCP RST). Replaces
    /// [`ServiceBuilder::close_idle_after`].
    pub fn reset_idle_after(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(IdleTimeout {
            timeout,
            action: StopAction::Reset,
        });
        self
    }

    /// Speaks HTTP/2 over TLS in place of plain HTTP/1.1, with a certificate of its own
    /// ([`Service::root_certificate`]).
    ///
    /// A client that offers HTTP/1.1 alone gets it over TLS, where responses are always complete and idle
    /// timeouts do not apply.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::builder().http2().start().await?;
    /// assert!(service.base_url().starts_with("https://127.0.0.1:"));
    /// assert!(service.root_certificate().is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "http2")]
    pub fn http2(mut self) -> Self {
        self.is_http2 = true;
        self
    }

    /// Starts the service on 127.0.0.1, in the current tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns [`io::ErrorKind::InvalidInput`] for a setting out of range, or the system's error
    /// if the port cannot be opened.
    pub async fn start(self) -> io::Result<Service> {
        if !(self.speed.is_finite() && self.speed >= 0.0) {
            return Err(invalid_setting("speed must be finite and not negative"));
        }
        let rate_limiter = match self.rate_limit {
            None => None,
            Some((per_second, burst))
                if per_second.is_finite() && per_second > 0.0 && burst >= 1 =>
            {
                Some(TokenBucket::new(per_second, burst))
            }
            Some(_) => {
                return Err(invalid_setting(
                    "rate limit must be finite and above 0, its burst at least 1",
                ));
            }
        };
        let api_key = self.api_key.unwrap_or_else(|| ApiKey::from_seed(self.seed));
        let simulation = Simulation::new(
            self.seed,
            api_key.clone(),
            self.unknown_clip,
            self.accepts_any_content_type,
            rate_limiter,
        );
        let state = ServiceState::new(Clock::start(self.speed), simulation);
        let http1 = Protocol::Http1 {
            idle_timeout: self.idle_timeout,
        };
        #[cfg(feature = "http2")]
        let protocol = match self.is_http2 {
            true => Protocol::Http2 {
                tls: Tls::new()?,
                idle_timeout: self.idle_timeout,
            },
            false => http1,
        };
        #[cfg(not(feature = "http2"))]
        let protocol = http1;
        Service::launch(self.port, api_key, state, protocol).await
    }
}

fn invalid_setting(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

impl Service {
    /// Starts a service with seed 0 on any free port, in real time.
    ///
    /// # Errors
    ///
    /// Returns the system's error if no port can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Creates a builder, to configure a service before it starts.
    pub fn builder() -> ServiceBuilder {
        ServiceBuilder::new()
    }
}
