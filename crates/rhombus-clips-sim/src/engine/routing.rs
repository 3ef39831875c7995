//! The way of a request to its operation: path, faults, credentials, limits.

use super::fields::{Fields, Invalid};
use super::file_path::{FilePath, MEDIA_PREFIX, STORAGE_PREFIX};
use super::simulation::{Outcome, Simulation};
use crate::auth::{self, AuthError, Credentials};
use crate::fault::FaultEffect;
use crate::request_log::Request;
use crate::response::Response;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Host that a request was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Api,
    Media,
    Storage,
}

/// HTTP request, reduced to the parts that the response depends on.
pub(crate) struct IncomingRequest<'a> {
    pub(crate) host: Host,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) credentials: Credentials<'a>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) range: Option<&'a str>,
    pub(crate) if_range: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

impl IncomingRequest<'_> {
    /// Returns whether the body is declared as JSON, with any parameters.
    fn is_json(&self) -> bool {
        let media_type = self.content_type.and_then(|value| value.split(';').next());
        media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
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
    /// Handles a request at service time `now`, and logs it.
    pub(crate) fn handle(&mut self, now: Duration, request: &IncomingRequest<'_>) -> Response {
        let body = Body::parse(request.body);
        let operation = match request.host {
            Host::Api => {
                let operation = OPERATIONS.iter().find(|(path, _)| *path == request.path);
                operation.map(|(_, id)| *id)
            }
            Host::Media => Some("media"),
            Host::Storage => Some("storage"),
        };
        let clip_uuid = match request.host {
            Host::Api => body.clip_uuid(),
            Host::Media => FilePath::parse(request.path, MEDIA_PREFIX).map(|path| path.uuid),
            Host::Storage => FilePath::parse(request.path, STORAGE_PREFIX).map(|path| path.uuid),
        };
        let Outcome {
            response,
            clip_status,
            fault_injected,
        } = self.route(now, request, operation, clip_uuid, &body);
        let logged = Request {
            sequence: 0,
            received_at: now,
            method: request.method.to_owned(),
            path: request.path.to_owned(),
            operation: operation.map(str::to_owned),
            clip_uuid: clip_uuid.map(str::to_owned),
            scheme: request.credentials.scheme.map(str::to_owned),
            org: request.credentials.org.map(str::to_owned),
            has_api_key: request.credentials.api_key.is_some(),
            range: request.range.map(str::to_owned),
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
        clip_uuid: Option<&str>,
        body: &Body,
    ) -> Outcome {
        let Some(operation) = operation else {
            return Response::not_found().into();
        };
        let allowed: &[&str] = match request.host {
            Host::Api => &["POST"],
            Host::Media | Host::Storage => &["GET", "HEAD"],
        };
        if !allowed.contains(&request.method) {
            return Response::method_not_allowed(allowed).into();
        }
        match self.faults.apply(operation, clip_uuid, &self.log) {
            None => self.respond(now, request, operation, body),
            Some(FaultEffect::Respond(response)) => Outcome::from_fault(*response),
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
        match request.host {
            Host::Api => {}
            Host::Media => return self.get_media(now, request),
            Host::Storage => return self.get_storage(now, request),
        }
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
}
