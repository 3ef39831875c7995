//! The request builder of [`Client::create_clip`](crate::Client::create_clip): the checks before the request,
//! the request, and what follows a lost response.

mod checks;
mod recovery;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use super::{Call, Known, call::call_settings};
use crate::creation::created::identifiers;
use crate::error::{Error, ErrorKind, Hint, Result};
use crate::watch::DEFAULT_NOT_FOUND_GRACE_PERIOD;
use crate::{CreateIntent, CreatedClips, FootagePolicy, NewClip};
use recovery::{Recovery, RequestTime};

/// Request to create a clip, from [`Client::create_clip`](crate::Client::create_clip). Awaiting it sends it.
///
/// Before the request, the client asks for the organization's longest clip, once, for the
/// [footage](FootagePolicy) of each camera, and which cameras are online, unless it knows from the last minute. The request itself is sent again only if the service certainly did
/// not process it. After a lost response, the lists of clips are searched for the clip that the request
/// would have made, during the [grace period](Self::not_found_grace_period): the same cameras, start, length,
/// title and description, created since the request. If that is exactly one, or exactly one set for several
/// cameras, it is the result.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
/// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
/// # let range = end - std::time::Duration::from_secs(60)..end;
/// # let new_clip = rhombus_clips::NewClip::builder(camera, range).build()?;
/// # // The response is lost after the request was processed.
/// # let service = service.with_fault(Fault::map_response(|response| response.cut_after(2)).for_operation("spliceV3"));
/// match client.create_clip(new_clip).await {
///     Ok(created) => println!("{} {}", created.uuid(), created.is_recovered()),
///     Err(error) if error.is_outcome_unknown() => {
///         eprintln!("{error}; candidates: {:?}", error.candidates());
///     }
///     Err(error) => return Err(error.into()), // The clip was not made.
/// }
/// # service.verify_operation("spliceV3").count(1);
/// # });
/// ```
///
/// # Errors
///
/// - [`ErrorKind::InvalidRequest`]: the clip is longer than the organization's longest.
/// - [`ErrorKind::NoFootage`]: the [footage policy](FootagePolicy) refuses it.
/// - [`ErrorKind::Service`]: the service refused the request.
/// - [`ErrorKind::OutcomeUnknown`]: the response was lost, and no clip or several were found; or the response has
///   no identifier. [`Error::intent`] has what was sent, [`Error::candidates`] the clips that match it.
/// - Any other error is of a request that the service did not process.
///
/// Except for `OutcomeUnknown`, the clip was not made, and the call can be repeated.
///
/// # Cancellation
///
/// Nothing is sent before the first await. After that, dropping the future leaves it open whether the clip is
/// made: [store the intent](Self::intent) first, and [resume](crate::Client::resume_create) with it.
#[must_use = "a request is not sent until it is awaited"]
#[derive(Debug)]
pub struct CreateClip {
    call: Call,
    intent: CreateIntent,
    footage: FootagePolicy,
    grace_period: Duration,
    /// Whether the intent was stored, and is not changed any more.
    is_stored: bool,
    /// `None` if the request may have been sent already.
    known: Option<Known>,
}

impl CreateClip {
    pub(crate) fn new(call: Call, new_clip: NewClip, known: Known) -> Self {
        let made_at = call.transport.wall_clock();
        Self {
            call,
            intent: CreateIntent::new(new_clip, made_at),
            footage: FootagePolicy::default(),
            grace_period: DEFAULT_NOT_FOUND_GRACE_PERIOD,
            is_stored: false,
            known: Some(known),
        }
    }

    /// Creates a clip with an intent that was stored before, and so is not changed.
    #[cfg(feature = "download")]
    pub(crate) fn of_intent(call: Call, intent: CreateIntent, known: Known) -> Self {
        Self {
            is_stored: true,
            known: Some(known),
            ..Self::resume(call, intent)
        }
        .footage(FootagePolicy::default())
    }

    pub(crate) fn resume(call: Call, intent: CreateIntent) -> Self {
        Self {
            call,
            intent,
            footage: FootagePolicy::Off,
            grace_period: DEFAULT_NOT_FOUND_GRACE_PERIOD,
            is_stored: true,
            known: None,
        }
    }

    call_settings!();

    /// Sets which footage the clip must have. Default: [`FootagePolicy::Any`].
    pub fn footage(mut self, policy: FootagePolicy) -> Self {
        self.footage = policy;
        self
    }

    /// Sets for how long the lists are searched after a lost response. Default: that of a watch, 60 s.
    pub fn not_found_grace_period(mut self, grace_period: Duration) -> Self {
        self.grace_period = grace_period;
        self
    }

    /// Adds a random text to the description, as in `[request 3f0c…]`, by which the clip is found with
    /// certainty after a lost response: even if another clip of the same footage is requested at the same
    /// time. Without effect on a resumed request. By default nothing is added.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
    /// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
    /// # let range = end - std::time::Duration::from_secs(60)..end;
    /// # let new_clip = rhombus_clips::NewClip::builder(camera, range).build()?;
    /// let create = client.create_clip(new_clip).token();
    /// let description = create.intent().new_clip().description();
    /// assert!(description.is_some_and(|text| text.starts_with("[request ")));
    /// # });
    /// ```
    pub fn token(mut self) -> Self {
        if !self.is_stored && self.intent.token().is_none() {
            self.intent.add_token();
        }
        self
    }

    /// Returns the intent, to store before the request is sent. Call it after [`token`](Self::token).
    pub fn intent(&self) -> &CreateIntent {
        &self.intent
    }

    async fn execute(self) -> Result<CreatedClips> {
        let Some(known) = &self.known else {
            let recovery = Recovery::new(&self.call, &self.intent, RequestTime::OfIntent);
            return recovery.run(self.grace_period, None).await;
        };
        let new_clip = self.intent.new_clip();
        let footage = checks::check(&self.call, new_clip, known, self.footage).await?;
        let sent = RequestTime::Since(Instant::now(), self.call.transport.wall_clock());
        let mut created = match self.call.send(&new_clip.to_request()).await {
            Ok(received) => {
                let (uuids, invalid) = identifiers(&received.response);
                let mut created =
                    CreatedClips::new(uuids).ok_or_else(|| self.without_identifier(&invalid))?;
                created.warning = received.response.warning_msg;
                created
            }
            Err(error) if !error.may_have_taken_effect() => return Err(error),
            Err(error) => {
                let recovery = Recovery::new(&self.call, &self.intent, sent);
                recovery.run(self.grace_period, Some(error)).await?
            }
        };
        created.footage = footage;
        Ok(created)
    }

    fn without_identifier(&self, invalid: &[String]) -> Error {
        let message = match invalid.first() {
            None => "the clip was requested, but the response has no UUID of it".to_owned(),
            Some(invalid) => {
                format!(
                    "the clip was requested, but the response has no valid UUID of it: {invalid:?}"
                )
            }
        };
        Error::new(ErrorKind::OutcomeUnknown, message)
            .with_status(200)
            .with_hint(Hint::ResumeCreate)
            .with_intent(self.intent.clone(), Vec::new())
    }
}

impl IntoFuture for CreateClip {
    type Output = Result<CreatedClips>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.execute())
    }
}
