//! Steps of a clip's timeline.
//!
//! A step is the response that a clip gives for some time, or to one request. It holds only the
//! part of the record that the test defines; `record` adds the rest. Steps know neither the time
//! nor the requests that they are selected by.

use crate::response::Response;
use rhombus_clips_api::types::ClipStatus;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// One step of a clip's timeline: the response from an offset in service time on
/// ([`Clip::scripted`](crate::Clip::scripted)), or to one request
/// ([`Clip::by_request`](crate::Clip::by_request)).
///
/// ```
/// use rhombus_clips_sim::{Response, ClipStatus, Step};
/// use serde_json::json;
/// use std::time::Duration;
///
/// let minute = Duration::from_secs(60);
/// let rendering = Step::at(minute, ClipStatus::Rendering).percent(40).operation("Processing video");
/// let invalid = Step::new(ClipStatus::Rendering).with("percentComplete", json!("40")).without("uuid");
/// let unavailable = Step::response(Response::status(503)).starting_at(2 * minute);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Step {
    /// Service time from the start of the timeline.
    pub(crate) offset: Duration,
    pub(crate) response: StepResponse,
}

/// Response during a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StepResponse {
    /// The clip's record.
    Record(RecordFields),
    /// A null record.
    Null,
    /// Any other response.
    Raw(Response),
}

/// Fields of a record that change from step to step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecordFields {
    pub(crate) status: ClipStatus,
    pub(crate) percent: Option<i64>,
    pub(crate) operation: Option<Cow<'static, str>>,
    pub(crate) warning: Option<String>,
    pub(crate) changes: Vec<PropertyChange>,
}

/// Change of one property of a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PropertyChange {
    pub(crate) property: String,
    /// The new value; `None` removes the property.
    pub(crate) value: Option<Value>,
}

impl Step {
    /// Creates a step with a record of this status, at the start of the timeline.
    ///
    /// [`ClipStatus::Complete`] starts with percent 100 and operation `Complete`, the others with
    /// neither. The remaining properties are generated from the service's seed.
    pub fn new(status: ClipStatus) -> Self {
        let is_complete = status == ClipStatus::Complete;
        Self::from_response(StepResponse::Record(RecordFields {
            status,
            percent: is_complete.then_some(100),
            operation: is_complete.then_some(Cow::Borrowed("Complete")),
            warning: None,
            changes: Vec::new(),
        }))
    }

    /// Creates a step with a record of this status, at this offset in service time from the start
    /// of the timeline.
    pub fn at(offset: Duration, status: ClipStatus) -> Self {
        Self::new(status).starting_at(offset)
    }

    /// Creates a step with the body `{"clip": null}`, as for a clip that was just requested or is
    /// unknown.
    pub fn null() -> Self {
        Self::from_response(StepResponse::Null)
    }

    /// Creates a step with a raw response in place of a record.
    pub fn response(response: Response) -> Self {
        Self::from_response(StepResponse::Raw(response))
    }

    fn from_response(response: StepResponse) -> Self {
        Self {
            offset: Duration::ZERO,
            response,
        }
    }

    /// Sets the offset in service time from the start of the timeline. It has no effect in
    /// [`Clip::by_request`](crate::Clip::by_request).
    pub fn starting_at(mut self, offset: Duration) -> Self {
        self.offset = offset;
        self
    }

    /// Sets `percentComplete`, the percentage of the current operation. The service's values are 0
    /// to 100; a step accepts any. Like the setters below, it has no effect on a null or raw step.
    pub fn percent(self, percent: i64) -> Self {
        self.edit_record(|fields| fields.percent = Some(percent))
    }

    /// Sets `currentOperation`. Known values are `Processing video` and `Complete`; others exist.
    pub fn operation(self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.edit_record(|fields| fields.operation = Some(operation.into()))
    }

    /// Sets `warningMsg`, a warning beside the record of a successful response.
    pub fn warning(self, message: impl Into<String>) -> Self {
        self.edit_record(|fields| fields.warning = Some(message.into()))
    }

    /// Sets any property of the record to any JSON value, after all other setters.
    pub fn with(self, property: impl Into<String>, value: impl Into<Value>) -> Self {
        self.edit_record(|fields| fields.changes.push(PropertyChange::set(property, value)))
    }

    /// Removes a property from the record.
    pub fn without(self, property: impl Into<String>) -> Self {
        self.edit_record(|fields| fields.changes.push(PropertyChange::remove(property)))
    }

    /// Returns the offset in service time from the start of the timeline.
    pub fn offset(&self) -> Duration {
        self.offset
    }

    /// Returns the status of the record; `None` without a record.
    pub fn status(&self) -> Option<&ClipStatus> {
        Some(&self.record_fields()?.status)
    }

    /// Returns `percentComplete` of the record.
    pub fn percent_complete(&self) -> Option<i64> {
        self.record_fields()?.percent
    }

    /// Returns `currentOperation` of the record.
    pub fn operation_text(&self) -> Option<&str> {
        self.record_fields()?.operation.as_deref()
    }

    /// Returns the fields of the step's record, if it has one.
    pub(crate) fn record_fields(&self) -> Option<&RecordFields> {
        match &self.response {
            StepResponse::Record(fields) => Some(fields),
            StepResponse::Null | StepResponse::Raw(_) => None,
        }
    }

    fn edit_record(mut self, edit: impl FnOnce(&mut RecordFields)) -> Self {
        if let StepResponse::Record(fields) = &mut self.response {
            edit(fields);
        }
        self
    }
}

impl PropertyChange {
    pub(crate) fn set(property: impl Into<String>, value: impl Into<Value>) -> Self {
        Self {
            property: property.into(),
            value: Some(value.into()),
        }
    }

    pub(crate) fn remove(property: impl Into<String>) -> Self {
        Self {
            property: property.into(),
            value: None,
        }
    }
}
