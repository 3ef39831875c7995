//! One step of a clip's life: what the service says about the clip for a while.

use crate::response::Response;
use rhombus_clips_api::types::ClipStatus;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// One step of a clip's life: what the service answers from a moment of service time on
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
/// let odd = Step::new(ClipStatus::Rendering).with("percentComplete", json!("40")).without("uuid");
/// let trouble = Step::response(Response::status(503)).starting_at(2 * minute);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Step {
    pub(crate) at: Duration,
    pub(crate) says: Says,
}

/// What the service says during a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Says {
    /// The clip's record.
    Record(Sheet),
    /// A null record.
    NoRecord,
    /// Something else altogether.
    Raw(Response),
}

/// The part of a record that changes from step to step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) status: ClipStatus,
    pub(crate) percent: Option<i64>,
    pub(crate) operation: Option<Cow<'static, str>>,
    pub(crate) warning: Option<String>,
    pub(crate) changes: Vec<Change>,
}

/// A property of the record set to a value, or left out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) property: String,
    pub(crate) value: Option<Value>,
}

impl Step {
    /// A record of this status, from the start of the clip's life.
    ///
    /// [`ClipStatus::Complete`] begins with percent 100 and operation `Complete`, the others with
    /// neither. The rest of the record is made up from the service's seed.
    pub fn new(status: ClipStatus) -> Self {
        let done = status == ClipStatus::Complete;
        Self {
            at: Duration::ZERO,
            says: Says::Record(Sheet {
                status,
                percent: done.then_some(100),
                operation: done.then_some(Cow::Borrowed("Complete")),
                warning: None,
                changes: Vec::new(),
            }),
        }
    }

    /// A record of this status, from `at` on: service time since the clip's life began.
    pub fn at(at: Duration, status: ClipStatus) -> Self {
        Self::new(status).starting_at(at)
    }

    /// `{"clip": null}`: no record, as for a clip that was just requested or is unknown.
    pub fn null() -> Self {
        Self::saying(Says::NoRecord)
    }

    /// This raw answer in place of a record.
    pub fn response(response: Response) -> Self {
        Self::saying(Says::Raw(response))
    }

    fn saying(says: Says) -> Self {
        Self {
            at: Duration::ZERO,
            says,
        }
    }

    /// Moves the step to `at`: service time since the clip's life began. Without meaning in a
    /// life by request.
    pub fn starting_at(mut self, at: Duration) -> Self {
        self.at = at;
        self
    }

    /// Sets `percentComplete`: the percentage of the current operation, 0 to 100 in reality, any
    /// number here. Like the setters below it changes a record only, not a null or raw step.
    pub fn percent(self, percent: i64) -> Self {
        self.edit(|sheet| sheet.percent = Some(percent))
    }

    /// Sets `currentOperation`. Known texts are `Processing video` and `Complete`; others exist.
    pub fn operation(self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.edit(|sheet| sheet.operation = Some(operation.into()))
    }

    /// Sets `warningMsg` beside the record: it worked, but.
    pub fn warning(self, message: impl Into<String>) -> Self {
        self.edit(|sheet| sheet.warning = Some(message.into()))
    }

    /// Sets any property of the record to any JSON value, after everything else.
    pub fn with(self, property: impl Into<String>, value: impl Into<Value>) -> Self {
        self.edit(|sheet| sheet.changes.push(Change::set(property, value)))
    }

    /// Leaves a property out of the record.
    pub fn without(self, property: impl Into<String>) -> Self {
        self.edit(|sheet| sheet.changes.push(Change::leave_out(property)))
    }

    fn edit(mut self, change: impl FnOnce(&mut Sheet)) -> Self {
        if let Says::Record(sheet) = &mut self.says {
            change(sheet);
        }
        self
    }
}

impl Change {
    pub(crate) fn set(property: impl Into<String>, value: impl Into<Value>) -> Self {
        Self {
            property: property.into(),
            value: Some(value.into()),
        }
    }

    pub(crate) fn leave_out(property: impl Into<String>) -> Self {
        Self {
            property: property.into(),
            value: None,
        }
    }
}
