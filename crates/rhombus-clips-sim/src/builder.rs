//! Configuration of a service.
//!
//! [`ServiceBuilder`] validates the settings, derives defaults from the seed, and assembles clock,
//! simulation and port.

use crate::auth::ApiKey;
use crate::behavior::Behavior;
use crate::clip::Clip;
use crate::clock::Clock;
use crate::clock::TokenBucket;
use crate::engine::{Settings, Simulation};
use crate::error_responses::UnknownClip;
use crate::record::EPOCH_MS;
#[cfg(doc)]
use crate::response::Response;
use crate::response::StopAction;
use crate::server::Protocol;
use crate::server::faulty_stream::IdleTimeout;
#[cfg(feature = "http2")]
use crate::server::tls::Tls;
use crate::service::Service;
use crate::service_state::ServiceState;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Render time of the clips that are requested of the service. Chosen.
const DEFAULT_RENDER_TIME: Duration = Duration::from_secs(30);
/// Longest clip, from the example in the service's document.
const DEFAULT_MAX_CLIP_DURATION: Duration = Duration::from_secs(3600);

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
    media_port: u16,
    media_rate: Option<u64>,
    api_key: Option<ApiKey>,
    rate_limit: Option<(f64, u32)>,
    unknown_clip: UnknownClip,
    start_time: SystemTime,
    behavior: Behavior,
    created_clip: Clip,
    max_clip_duration: Duration,
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
            media_port: 0,
            media_rate: None,
            api_key: None,
            rate_limit: None,
            unknown_clip: UnknownClip::Null,
            start_time: UNIX_EPOCH + Duration::from_millis(EPOCH_MS.unsigned_abs()),
            behavior: Behavior::default(),
            created_clip: Clip::renders_in(DEFAULT_RENDER_TIME).into(),
            max_clip_duration: DEFAULT_MAX_CLIP_DURATION,
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

    /// Sets the port of the media host on 127.0.0.1; 0 selects any free port. Defaults to 0.
    pub fn media_port(mut self, port: u16) -> Self {
        self.media_port = port;
        self
    }

    /// Limits each file to this many bytes a second, on tokio's clock, as [`Response::at_rate`] does. By default
    /// there is no limit.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::builder().media_rate(1_000_000).start().await?;
    /// assert!(service.media_url().starts_with("http://127.0.0.1:"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn media_rate(mut self, bytes_per_sec: u64) -> Self {
        self.media_rate = Some(bytes_per_sec);
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

    /// Sets the time of day at which the service starts, on which the dates of its records, footage and responses
    /// are based. Defaults to 2026-01-01T00:00:00Z.
    pub fn start_time(mut self, time: SystemTime) -> Self {
        self.start_time = time;
        self
    }

    /// Sets how the service behaves where its documentation leaves it open. Defaults to
    /// [`Behavior::default`].
    pub fn behavior(mut self, behavior: Behavior) -> Self {
        self.behavior = behavior;
        self
    }

    /// Sets the timeline of the clips that are requested of the service; it starts with the request. Defaults to a
    /// render time of 30 s. [`Service::prepare_clip`] defines the next one.
    ///
    /// ```
    /// use rhombus_clips_sim::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let service = Service::builder()
    ///     .created_clips(clip().renders_in(5.minutes()))
    ///     .max_clip_duration(30.minutes())
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn created_clips(mut self, clip: impl Into<Clip>) -> Self {
        self.created_clip = clip.into();
        self
    }

    /// Sets the longest clip that can be requested, in whole seconds. Defaults to an hour.
    pub fn max_clip_duration(mut self, duration: Duration) -> Self {
        self.max_clip_duration = duration;
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
        let simulation = Simulation::new(Settings {
            seed: self.seed,
            api_key: api_key.clone(),
            start_time: self.start_time,
            unknown_clip: self.unknown_clip,
            behavior: self.behavior,
            created_clip: self.created_clip,
            max_clip_duration: self.max_clip_duration,
            media_rate: self.media_rate,
            accepts_any_content_type: self.accepts_any_content_type,
            rate_limiter,
        });
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
        Service::launch([self.port, self.media_port], api_key, state, protocol).await
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
