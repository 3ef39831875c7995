//! The service itself, without clock and sockets: a request and a moment in, an answer out.

use crate::api_key::ApiKey;
use crate::auth::{self, Credentials, Refusal};
use crate::clip::{Begins, Clip};
use crate::dice::{Dice, Purpose};
use crate::fault::Fault;
use crate::faults::{Faults, Struck};
use crate::rate_limit::TokenBucket;
use crate::record::{EPOCH_MS, envelope, record};
use crate::request_log::{OPERATION, Request, RequestLog};
use crate::response::Response;
use crate::ruuid::ruuid;
use crate::step::{Says, Step};
use crate::unknown_clip::UnknownClip;
use rhombus_clips_api::types::ClipStatus;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// One HTTP request, as far as the service looks at it.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) credentials: Credentials<'a>,
    pub(crate) body: &'a [u8],
}

/// Everything the service knows.
#[derive(Debug)]
pub(crate) struct Simulation {
    seed: u64,
    key: ApiKey,
    org: String,
    unknown_clip: UnknownClip,
    rate_limit: Option<TokenBucket>,
    clips: HashMap<String, Registered>,
    registered: u64,
    faults: Faults,
    log: RequestLog,
}

/// A clip that the service knows.
#[derive(Debug)]
struct Registered {
    clip: Clip,
    index: u64,
    born: Option<Duration>,
    answered: u64,
}

/// What goes out, and what the log is to know of it.
#[derive(Debug)]
struct Told {
    answer: Response,
    clip_status: Option<ClipStatus>,
    faulty: bool,
}

impl Told {
    fn by_a_fault(answer: Response) -> Self {
        Self {
            answer,
            clip_status: None,
            faulty: true,
        }
    }
}

impl From<Response> for Told {
    fn from(answer: Response) -> Self {
        Self {
            answer,
            clip_status: None,
            faulty: false,
        }
    }
}

/// What a request's body asks for.
#[derive(Debug, PartialEq, Eq)]
enum ParsedRequest {
    Clip(String),
    Nothing,
    Malformed,
}

impl ParsedRequest {
    fn clip(&self) -> Option<&str> {
        match self {
            Self::Clip(uuid) => Some(uuid),
            Self::Nothing | Self::Malformed => None,
        }
    }
}

impl Simulation {
    pub(crate) fn new(
        seed: u64,
        key: ApiKey,
        unknown_clip: UnknownClip,
        rate_limit: Option<TokenBucket>,
    ) -> Self {
        Self {
            seed,
            key,
            org: ruuid(&mut Dice::new(seed, Purpose::Organization, 0)),
            unknown_clip,
            rate_limit,
            clips: HashMap::new(),
            registered: 0,
            faults: Faults::new(seed),
            log: RequestLog::default(),
        }
    }

    /// Registers a clip at service time `now` and returns its UUID, which is made up unless it is
    /// given.
    pub(crate) fn add(&mut self, now: Duration, uuid: Option<String>, clip: Clip) -> String {
        let index = self.registered;
        self.registered += 1;
        let made_up = || ruuid(&mut Dice::new(self.seed, Purpose::ClipUuid, index));
        let uuid = uuid.unwrap_or_else(made_up);
        let registered = Registered {
            born: (clip.begins == Begins::AtRegistration).then_some(now),
            clip,
            index,
            answered: 0,
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

    /// Answers a call at service time `now`, and notes it.
    pub(crate) fn answer(&mut self, now: Duration, call: &Call<'_>) -> Response {
        let asked = asked(call.body);
        let Told {
            answer,
            clip_status,
            faulty,
        } = self.decide(now, call, &asked);
        let request = Request {
            sequence: 0,
            at: now,
            method: call.method.to_owned(),
            path: call.path.to_owned(),
            clip: asked.clip().map(str::to_owned),
            scheme: call.credentials.scheme.map(str::to_owned),
            org: call.credentials.org.map(str::to_owned),
            status: answer.visible_status(),
            clip_status,
            faulty,
        };
        self.log.note(request.without(&self.key));
        answer
    }

    /// What goes out, and whose doing it is.
    fn decide(&mut self, now: Duration, call: &Call<'_>, asked: &ParsedRequest) -> Told {
        if call.path != OPERATION {
            return Response::not_found().into();
        }
        if call.method != "POST" {
            return Response::method_not_allowed().into();
        }
        match self.faults.strike(asked.clip(), &self.log) {
            None => self.own_answer(now, call, asked),
            Some(Struck::Response(answer)) => Told::by_a_fault(answer),
            Some(Struck::Change(change)) => {
                Told::by_a_fault(change(self.own_answer(now, call, asked).answer))
            }
        }
    }

    fn own_answer(&mut self, now: Duration, call: &Call<'_>, asked: &ParsedRequest) -> Told {
        match auth::check(&call.credentials, &self.key) {
            Ok(()) => {}
            Err(Refusal::Unauthenticated) => return Response::unauthenticated().into(),
            Err(Refusal::AccessDenied) => return Response::access_denied(unix_ms(now)).into(),
        }
        if let Some(Err(wait)) = self.rate_limit.as_mut().map(|bucket| bucket.take(now)) {
            return Response::too_many_requests(wait).into();
        }
        match asked {
            ParsedRequest::Clip(uuid) => self.tell(now, uuid),
            ParsedRequest::Nothing => Response::server_error(unix_ms(now)).into(),
            ParsedRequest::Malformed => Response::malformed().into(),
        }
    }

    /// How the clip is doing.
    fn tell(&mut self, now: Duration, uuid: &str) -> Told {
        let Some(registered) = self.clips.get_mut(uuid) else {
            return self.unknown_clip.answer().into();
        };
        let born = *registered.born.get_or_insert(now);
        let answered = registered.answered;
        registered.answered += 1;

        let Registered { clip, index, .. } = registered;
        let dice = |purpose| Dice::new(self.seed, purpose, *index);
        let age = now.saturating_sub(born);
        let Some(Step { at, says }) = clip.life.step(age, answered, dice(Purpose::Life)) else {
            return Response::json(&envelope(None, None)).into();
        };
        match says {
            Says::Record(sheet) => {
                let mut dice = dice(Purpose::Identity);
                let record = record(uuid, &self.org, &mut dice, (&sheet, at), &clip.changes);
                Told {
                    answer: Response::json(&envelope(Some(record), sheet.warning.as_deref())),
                    clip_status: Some(sheet.status),
                    faulty: false,
                }
            }
            Says::NoRecord => Response::json(&envelope(None, None)).into(),
            Says::Raw(answer) => answer.into(),
        }
    }
}

/// Reads a body by hand: the service tells a body of the wrong form from one without the
/// parameter.
fn asked(body: &[u8]) -> ParsedRequest {
    let Ok(Value::Object(object)) = serde_json::from_slice(body) else {
        return ParsedRequest::Malformed;
    };
    match object.get("clipUuid") {
        Some(Value::String(uuid)) => ParsedRequest::Clip(uuid.clone()),
        None | Some(Value::Null) => ParsedRequest::Nothing,
        Some(_) => ParsedRequest::Malformed,
    }
}

/// Service time as milliseconds since the Unix epoch.
fn unix_ms(now: Duration) -> i64 {
    let elapsed = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    EPOCH_MS.saturating_add(elapsed)
}
