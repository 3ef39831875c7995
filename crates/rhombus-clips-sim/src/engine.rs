//! Request handling without sockets.
//!
//! [`Simulation`] maps a request and the current service time to a response. It owns the registered
//! clips, the faults, the rate limiter and the request log, and has neither clock nor sockets.
//! [`ServiceState`] puts it and the clock behind one lock, which the handle and the connections share,
//! and notifies waiters of each request through a channel.

use crate::auth::{self, ApiKey, AuthError, Credentials};
use crate::clip::{Clip, StartsAt};
use crate::clock::{Clock, TokenBucket};
use crate::error_responses::UnknownClip;
use crate::fault::{ActiveFaults, Fault, FaultEffect};
use crate::record::{EPOCH_MS, build_record, response_body};
use crate::request_log::{OPERATION_PATH, Request, RequestLog};
use crate::response::Response;
use crate::rng::{SeededRng, Stream, generate_ruuid};
use crate::step::{Step, StepResponse};
use rhombus_clips_api::types::ClipStatus;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// HTTP request, reduced to the parts that the response depends on.
pub(crate) struct IncomingRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) credentials: Credentials<'a>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

impl IncomingRequest<'_> {
    /// Returns whether the body is declared as JSON, with any parameters.
    fn is_json(&self) -> bool {
        let media_type = self.content_type.and_then(|value| value.split(';').next());
        media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
    }
}

/// Complete state of the simulated service.
#[derive(Debug)]
pub(crate) struct Simulation {
    seed: u64,
    api_key: ApiKey,
    org: String,
    unknown_clip: UnknownClip,
    accepts_any_content_type: bool,
    rate_limiter: Option<TokenBucket>,
    clips: HashMap<String, RegisteredClip>,
    registered_count: u64,
    faults: ActiveFaults,
    log: RequestLog,
}

/// A registered clip and its progress.
#[derive(Debug)]
struct RegisteredClip {
    clip: Clip,
    /// Number of clips registered before.
    index: u64,
    /// Start of the timeline in service time, once it has started.
    started_at: Option<Duration>,
    request_count: u64,
}

/// Outcome of a request: the response, and its description for the log.
#[derive(Debug)]
struct Outcome {
    response: Response,
    clip_status: Option<ClipStatus>,
    fault_injected: bool,
}

impl Outcome {
    fn from_fault(response: Response) -> Self {
        Self {
            response,
            clip_status: None,
            fault_injected: true,
        }
    }
}

impl From<Response> for Outcome {
    fn from(response: Response) -> Self {
        Self {
            response,
            clip_status: None,
            fault_injected: false,
        }
    }
}

/// Parsed body of a request.
#[derive(Debug, PartialEq, Eq)]
enum ParsedBody {
    ClipUuid(String),
    MissingUuid,
    Malformed,
}

impl ParsedBody {
    /// Parses a body without serde's derive, because the service distinguishes a malformed body
    /// from a missing parameter.
    fn parse(body: &[u8]) -> Self {
        let Ok(Value::Object(object)) = serde_json::from_slice(body) else {
            return Self::Malformed;
        };
        match object.get("clipUuid") {
            Some(Value::String(uuid)) => Self::ClipUuid(uuid.clone()),
            None | Some(Value::Null) => Self::MissingUuid,
            Some(_) => Self::Malformed,
        }
    }

    fn clip_uuid(&self) -> Option<&str> {
        match self {
            Self::ClipUuid(uuid) => Some(uuid),
            Self::MissingUuid | Self::Malformed => None,
        }
    }
}

impl Simulation {
    pub(crate) fn new(
        seed: u64,
        api_key: ApiKey,
        unknown_clip: UnknownClip,
        accepts_any_content_type: bool,
        rate_limiter: Option<TokenBucket>,
    ) -> Self {
        Self {
            seed,
            api_key,
            org: generate_ruuid(&mut SeededRng::new(seed, Stream::Organization, 0)),
            unknown_clip,
            accepts_any_content_type,
            rate_limiter,
            clips: HashMap::new(),
            registered_count: 0,
            faults: ActiveFaults::new(seed),
            log: RequestLog::default(),
        }
    }

    /// Registers a clip at service time `now` and returns its UUID, which is generated unless
    /// given.
    pub(crate) fn register(&mut self, now: Duration, uuid: Option<String>, clip: Clip) -> String {
        let index = self.registered_count;
        self.registered_count += 1;
        let generate = || generate_ruuid(&mut SeededRng::new(self.seed, Stream::ClipUuid, index));
        let uuid = uuid.unwrap_or_else(generate);
        let registered = RegisteredClip {
            started_at: (clip.starts_at == StartsAt::Registration).then_some(now),
            clip,
            index,
            request_count: 0,
        };
        self.clips.insert(uuid.clone(), registered);
        uuid
    }

    pub(crate) fn inject(&mut self, fault: Fault) {
        self.faults.inject(fault, &self.log);
    }

    pub(crate) fn clear_faults(&mut self) {
        self.faults.clear();
    }

    pub(crate) fn log(&self) -> &RequestLog {
        &self.log
    }

    /// Handles a request at service time `now`, and logs it.
    pub(crate) fn handle(&mut self, now: Duration, request: &IncomingRequest<'_>) -> Response {
        let body = ParsedBody::parse(request.body);
        let Outcome {
            response,
            clip_status,
            fault_injected,
        } = self.route(now, request, &body);
        let logged = Request {
            sequence: 0,
            received_at: now,
            method: request.method.to_owned(),
            path: request.path.to_owned(),
            clip_uuid: body.clip_uuid().map(str::to_owned),
            scheme: request.credentials.scheme.map(str::to_owned),
            org: request.credentials.org.map(str::to_owned),
            status: response.received_status(),
            clip_status,
            fault_injected,
        };
        self.log.push(logged.redacted(&self.api_key));
        response
    }

    /// Routes a request to its operation, and applies a fault if one matches.
    fn route(
        &mut self,
        now: Duration,
        request: &IncomingRequest<'_>,
        body: &ParsedBody,
    ) -> Outcome {
        if request.path != OPERATION_PATH {
            return Response::not_found().into();
        }
        if request.method != "POST" {
            return Response::method_not_allowed().into();
        }
        match self.faults.apply(body.clip_uuid(), &self.log) {
            None => self.respond(now, request, body),
            Some(FaultEffect::Respond(response)) => Outcome::from_fault(response),
            Some(FaultEffect::Transform(transform)) => {
                Outcome::from_fault(transform(self.respond(now, request, body).response))
            }
        }
    }

    /// Responds as the service does without a fault.
    fn respond(
        &mut self,
        now: Duration,
        request: &IncomingRequest<'_>,
        body: &ParsedBody,
    ) -> Outcome {
        match auth::authenticate(&request.credentials, &self.api_key) {
            Ok(()) => {}
            Err(AuthError::Unauthenticated) => return Response::unauthenticated().into(),
            Err(AuthError::AccessDenied) => return Response::access_denied(unix_ms(now)).into(),
        }
        let admission = self.rate_limiter.as_mut().map(|it| it.try_acquire(now));
        if let Some(Err(retry_after)) = admission {
            return Response::too_many_requests(retry_after).into();
        }
        if !self.accepts_any_content_type && !request.is_json() {
            return Response::unsupported_media_type().into();
        }
        match body {
            ParsedBody::ClipUuid(uuid) => self.respond_with_clip(now, uuid),
            ParsedBody::MissingUuid => Response::server_error(unix_ms(now)).into(),
            ParsedBody::Malformed => Response::bad_request().into(),
        }
    }

    /// Responds with the current step of a clip.
    fn respond_with_clip(&mut self, now: Duration, uuid: &str) -> Outcome {
        let Some(registered) = self.clips.get_mut(uuid) else {
            return self.unknown_clip.response().into();
        };
        let started_at = *registered.started_at.get_or_insert(now);
        let request_index = registered.request_count;
        registered.request_count += 1;

        let RegisteredClip { clip, index, .. } = registered;
        let rng = |stream| SeededRng::new(self.seed, stream, *index);
        let age = now.saturating_sub(started_at);
        let step = clip
            .timeline
            .step(age, request_index, rng(Stream::Timeline));
        let Some(Step { offset, response }) = step else {
            return Response::json(&response_body(None, None)).into();
        };
        match response {
            StepResponse::Record(fields) => {
                let mut rng = rng(Stream::Record);
                let step_fields = (&fields, offset);
                let record = build_record(uuid, &self.org, &mut rng, step_fields, &clip.changes);
                let body = response_body(Some(record), fields.warning.as_deref());
                Outcome {
                    response: Response::json(&body),
                    clip_status: Some(fields.status),
                    fault_injected: false,
                }
            }
            StepResponse::Null => Response::json(&response_body(None, None)).into(),
            StepResponse::Raw(response) => response.into(),
        }
    }
}

/// Converts service time to milliseconds since the Unix epoch.
fn unix_ms(now: Duration) -> i64 {
    let elapsed = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    EPOCH_MS.saturating_add(elapsed)
}

/// Clock and simulation, and a notification of each request.
#[derive(Debug)]
pub(crate) struct ServiceState {
    inner: Mutex<LockedState>,
    request_count: watch::Sender<u64>,
    /// Number of connections that carried a request.
    connection_count: AtomicU64,
    /// Limit that new connections of HTTP/2 announce.
    #[cfg(feature = "http2")]
    max_concurrent_streams: Mutex<Option<u32>>,
}

/// State behind the lock.
#[derive(Debug)]
pub(crate) struct LockedState {
    pub(crate) clock: Clock,
    pub(crate) simulation: Simulation,
}

impl ServiceState {
    pub(crate) fn new(clock: Clock, simulation: Simulation) -> Self {
        Self {
            inner: Mutex::new(LockedState { clock, simulation }),
            request_count: watch::Sender::new(0),
            connection_count: AtomicU64::new(0),
            #[cfg(feature = "http2")]
            max_concurrent_streams: Mutex::new(None),
        }
    }

    /// Records the first request of a connection.
    pub(crate) fn count_connection(&self) {
        self.connection_count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connection_count(&self) -> u64 {
        self.connection_count.load(Ordering::Relaxed)
    }

    #[cfg(feature = "http2")]
    pub(crate) fn set_max_concurrent_streams(&self, streams: Option<u32>) {
        let limit = self.max_concurrent_streams.lock();
        *limit.unwrap_or_else(PoisonError::into_inner) = streams;
    }

    #[cfg(feature = "http2")]
    pub(crate) fn max_concurrent_streams(&self) -> Option<u32> {
        let limit = self.max_concurrent_streams.lock();
        *limit.unwrap_or_else(PoisonError::into_inner)
    }

    /// Handles a request now. The clock is read under the lock, so that requests are ordered by
    /// time.
    pub(crate) fn handle(&self, request: &IncomingRequest<'_>) -> Response {
        let mut guard = self.lock();
        let LockedState { clock, simulation } = &mut *guard;
        let response = simulation.handle(clock.now(), request);
        self.request_count.send_replace(simulation.log().total());
        response
    }

    /// Waits until the service has received at least `count` requests.
    pub(crate) async fn wait_for_requests(&self, count: u64) {
        let mut request_count = self.request_count.subscribe();
        // Fails only if the sender is dropped, and `self` owns it.
        let _ = request_count.wait_for(|total| *total >= count).await;
    }

    /// Locks the state. A poisoned lock is usable: no panic leaves the state inconsistent.
    pub(crate) fn lock(&self) -> MutexGuard<'_, LockedState> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
