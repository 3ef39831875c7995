//! Request handling without sockets.
//!
//! [`Simulation`] maps a request and the current service time to a response. It owns cameras and clips, the
//! faults, the rate limiter and the request log, and has neither clock nor sockets. The operations are in the
//! modules below; what they have in common is here: routing, credentials, limits, faults.

mod cameras;
mod clips;
mod ending;
mod fields;
mod lists;
mod splice;

use crate::auth::{self, ApiKey, AuthError, Credentials};
use crate::behavior::Behavior;
use crate::camera::RegisteredCamera;
use crate::clip::Clip;
use crate::clock::TokenBucket;
use crate::error_responses::UnknownClip;
use crate::fault::{ActiveFaults, Fault, FaultEffect};
use crate::request_log::{Request, RequestLog};
use crate::response::Response;
use crate::rng::{SeededRng, Stream, generate_ruuid};
use clips::Clips;
use fields::{Fields, Invalid};
use rhombus_clips_api::types::ClipStatus;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use splice::CreatedClip;

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

/// Settings of a simulation.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) api_key: ApiKey,
    pub(crate) start_time: SystemTime,
    pub(crate) unknown_clip: UnknownClip,
    pub(crate) behavior: Behavior,
    pub(crate) created_clip: Clip,
    pub(crate) max_clip_duration: Duration,
    pub(crate) accepts_any_content_type: bool,
    pub(crate) rate_limiter: Option<TokenBucket>,
}

/// Complete state of the simulated service.
#[derive(Debug)]
pub(crate) struct Simulation {
    settings: Settings,
    org: String,
    cameras: Vec<RegisteredCamera>,
    clips: Clips,
    /// Definitions of the clips that are created next.
    prepared_clips: VecDeque<Clip>,
    splice_count: u64,
    /// Number of first pages, on which the validity of page tokens depends.
    first_page_count: u64,
    faults: ActiveFaults,
    log: RequestLog,
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

/// Paths of the operations, with their IDs.
const OPERATIONS: [(&str, &str); 11] = [
    (
        "/api/camera/getMinimalCameraStateList",
        "getMinimalCameraStateList",
    ),
    ("/api/camera/getPresenceWindows", "getCameraPresenceWindows"),
    ("/api/event/deleteSavedClip", "deleteSavedClip"),
    ("/api/event/getClipWithProgress", "getClipWithProgress"),
    ("/api/event/getClipsWithProgress", "getClipsWithProgress"),
    ("/api/event/updateSavedClip", "updateSavedClip"),
    ("/api/video/cancelSpliceV2", "cancelSpliceV2"),
    ("/api/video/getMaxSpliceDuration", "getMaxSpliceDuration"),
    (
        "/api/video/getSplicedClipsInProgress",
        "getSplicedClipsInProgress",
    ),
    ("/api/video/retrySplice", "retrySplice"),
    ("/api/video/spliceV3", "spliceV3"),
];

/// The object in a body, and the clip that it is about; `None` if the body is no object.
struct Body(Option<Map<String, Value>>);

impl Body {
    fn parse(body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Self(Some(object)),
            _ => Self(None),
        }
    }

    fn clip_uuid(&self) -> Option<&str> {
        let object = self.0.as_ref()?;
        let uuid = |name| object.get(name).and_then(Value::as_str);
        uuid("clipUuid").or_else(|| uuid("savedClipUuid"))
    }
}

impl Simulation {
    pub(crate) fn new(settings: Settings) -> Self {
        let seed = settings.seed;
        Self {
            org: generate_ruuid(&mut SeededRng::new(seed, Stream::Organization, 0)),
            settings,
            cameras: Vec::new(),
            clips: Clips::new(seed),
            prepared_clips: VecDeque::new(),
            splice_count: 0,
            first_page_count: 0,
            faults: ActiveFaults::new(seed),
            log: RequestLog::default(),
        }
    }

    /// Registers a clip at service time `now` and returns its UUID, which is generated unless
    /// given.
    pub(crate) fn register(&mut self, now: Duration, uuid: Option<String>, clip: Clip) -> String {
        self.clips.register(now, uuid, clip, None)
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
        let body = Body::parse(request.body);
        let operation = OPERATIONS.iter().find(|(path, _)| *path == request.path);
        let operation = operation.map(|(_, id)| *id);
        let Outcome {
            response,
            clip_status,
            fault_injected,
        } = self.route(now, request, operation, &body);
        let logged = Request {
            sequence: 0,
            received_at: now,
            method: request.method.to_owned(),
            path: request.path.to_owned(),
            operation: operation.map(str::to_owned),
            clip_uuid: body.clip_uuid().map(str::to_owned),
            scheme: request.credentials.scheme.map(str::to_owned),
            org: request.credentials.org.map(str::to_owned),
            status: response.received_status(),
            clip_status,
            fault_injected,
        };
        self.log.push(logged.redacted(&self.settings.api_key));
        match self.settings.behavior.omits_date {
            true => response,
            false => response.dated(self.time_at(now)),
        }
    }

    /// Routes a request to its operation, and applies a fault if one matches.
    fn route(
        &mut self,
        now: Duration,
        request: &IncomingRequest<'_>,
        operation: Option<&'static str>,
        body: &Body,
    ) -> Outcome {
        let Some(operation) = operation else {
            return Response::not_found().into();
        };
        if request.method != "POST" {
            return Response::method_not_allowed().into();
        }
        match self.faults.apply(operation, body.clip_uuid(), &self.log) {
            None => self.respond(now, request, operation, body),
            Some(FaultEffect::Respond(response)) => Outcome::from_fault(response),
            Some(FaultEffect::Transform(transform)) => {
                let response = self.respond(now, request, operation, body).response;
                Outcome::from_fault(transform(response))
            }
        }
    }

    /// Responds as the service does without a fault.
    fn respond(
        &mut self,
        now: Duration,
        request: &IncomingRequest<'_>,
        operation: &str,
        body: &Body,
    ) -> Outcome {
        match auth::authenticate(&request.credentials, &self.settings.api_key) {
            Ok(()) => {}
            Err(AuthError::Unauthenticated) => return Response::unauthenticated().into(),
            Err(AuthError::AccessDenied) => {
                return Response::access_denied(self.unix_ms(now)).into();
            }
        }
        let admission = self
            .settings
            .rate_limiter
            .as_mut()
            .map(|it| it.try_acquire(now));
        if let Some(Err(retry_after)) = admission {
            return Response::too_many_requests(retry_after).into();
        }
        if !self.settings.accepts_any_content_type && !request.is_json() {
            return Response::unsupported_media_type().into();
        }
        let Some(object) = &body.0 else {
            return Response::bad_request().into();
        };
        let result = self.operate(now, operation, Fields(object));
        result.unwrap_or_else(|invalid| match invalid {
            Invalid::Malformed => Response::bad_request().into(),
            Invalid::Missing => Response::server_error(self.unix_ms(now)).into(),
        })
    }

    /// Carries out an operation.
    fn operate(
        &mut self,
        now: Duration,
        operation: &str,
        fields: Fields<'_>,
    ) -> Result<Outcome, Invalid> {
        let response = match operation {
            "getClipWithProgress" => return self.get_clip(now, fields),
            "getMinimalCameraStateList" => self.list_cameras(fields)?,
            "getCameraPresenceWindows" => self.get_presence(now, fields)?,
            "getMaxSpliceDuration" => {
                let seconds = self.settings.max_clip_duration.as_secs();
                Response::json(&json!({"maxDuration": seconds}))
            }
            "getClipsWithProgress" => self.list_clips(now, fields)?,
            "getSplicedClipsInProgress" => self.list_in_progress(now),
            "spliceV3" => self.splice(now, fields)?,
            "cancelSpliceV2" => self.cancel(now, fields)?,
            "retrySplice" => self.retry(now, fields)?,
            "deleteSavedClip" => self.delete(now, fields)?,
            "updateSavedClip" => self.update(now, fields)?,
            _ => Response::not_found(),
        };
        Ok(response.into())
    }

    /// Time of day at a service time.
    fn time_at(&self, now: Duration) -> SystemTime {
        let time = self.settings.start_time.checked_add(now);
        time.unwrap_or(self.settings.start_time)
    }

    /// Milliseconds since the Unix epoch at a service time.
    fn unix_ms(&self, now: Duration) -> i64 {
        let since_epoch = self
            .time_at(now)
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
    }
}
