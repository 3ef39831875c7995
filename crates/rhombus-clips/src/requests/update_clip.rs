//! The request builder of [`Client::update_clip`](crate::Client::update_clip).

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use rhombus_clips_api::types::{
    ClipAccessSettings, ClipVisibility, SavedClip, UpdateSavedClipRequest,
};

use super::get_clip::not_found_error;
use super::write::{Written, read_after, write};
use super::{Call, call::call_settings};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::fetch_clip::FetchClip;
use crate::{Clip, ClipUuid};

/// Result of [`Client::update_clip`](crate::Client::update_clip).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum UpdateResult {
    /// The service accepted the change, or the record had it after a lost response.
    Updated,
    /// The record has all of it already. Nothing was sent.
    Unchanged(Clip),
}

/// Request to change a clip, from [`Client::update_clip`](crate::Client::update_clip). Awaiting it sends it.
///
/// The document of the service says that only the given properties are changed, and another client of the
/// service's own that absent ones are cleared. So the record is read, the changes are merged into it, and title,
/// description and access are all sent: right in both cases. A change that another client makes in between
/// is overwritten.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().stays(ClipStatus::Complete), {
/// use rhombus_clips::UpdateResult;
///
/// match client.update_clip(uuid).title("Delivery").description("Pallet 7").await? {
///     UpdateResult::Updated => println!("updated"),
///     UpdateResult::Unchanged(clip) => println!("{:?} as before", clip.title()),
///     result => println!("{result:?}"),
/// }
/// assert_eq!(client.get_clip(uuid).await?.title(), Some("Delivery"));
/// # });
/// ```
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] if nothing was set, [`ErrorKind::NotFound`] without a record, or the error of the
/// request, if the record does not have the change. [`ErrorKind::Decode`] if the title, the description or the
/// access of the record could not be decoded, and is not replaced: to send it back would change it. Nothing is
/// sent then.
///
/// # Cancellation
///
/// Nothing is sent before the first await. After that, dropping the future leaves it open whether the clip is
/// changed; calling again is safe.
#[must_use = "a request is not sent until it is awaited"]
#[derive(Debug)]
pub struct UpdateClip {
    call: Call,
    uuid: ClipUuid,
    changes: Changes,
}

/// Changes of a clip; `None` leaves a property as it is.
#[derive(Debug, Default)]
struct Changes {
    title: Option<String>,
    description: Option<String>,
    visibility: Option<ClipVisibility>,
    access: Option<ClipAccessSettings>,
}

impl UpdateClip {
    pub(crate) fn new(call: Call, uuid: ClipUuid) -> Self {
        Self {
            call,
            uuid,
            changes: Changes::default(),
        }
    }

    call_settings!();

    /// Sets the title. An empty text clears it.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.changes.title = Some(title.into());
        self
    }

    /// Sets the description. An empty text clears it.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.changes.description = Some(description.into());
        self
    }

    /// Sets who sees the clip, and leaves roles and users as they are.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().stays(ClipStatus::Complete), {
    /// use rhombus_clips::types::ClipVisibility;
    ///
    /// client.update_clip(uuid).visibility(ClipVisibility::Private).await?;
    /// # });
    /// ```
    pub fn visibility(mut self, visibility: ClipVisibility) -> Self {
        self.changes.visibility = Some(visibility);
        self
    }

    /// Replaces all access settings.
    pub fn access_settings(mut self, access: ClipAccessSettings) -> Self {
        self.changes.access = Some(access);
        self
    }

    async fn execute(self) -> Result<UpdateResult> {
        let Self {
            call,
            uuid,
            changes,
        } = self;
        if changes.is_empty() {
            let message =
                "there is nothing to change; set the title, the description or the access";
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        let clip = call.send(&FetchClip { uuid }).await?;
        let clip = clip.ok_or_else(|| not_found_error(uuid))?;
        if let Some(error) = changes.undecodable(&clip) {
            return Err(error.with_clip(Some(clip)));
        }
        let request = changes.merge_into(clip.record());
        if is_applied(&request, clip.record()) {
            return Ok(UpdateResult::Unchanged(clip));
        }
        let request = request.with_saved_clip_uuid(uuid.to_string());
        let error = match write(&call, &request).await? {
            Written::Accepted => return Ok(UpdateResult::Updated),
            Written::Refused(error) => return Err(error.with_clip(Some(clip))),
            Written::Unknown(error) => error,
        };
        match read_after(&call, uuid, error).await? {
            (Some(clip), _) if is_applied(&request, clip.record()) => Ok(UpdateResult::Updated),
            (_, error) => Err(error),
        }
    }
}

impl Changes {
    fn is_empty(&self) -> bool {
        let texts = self.title.is_none() && self.description.is_none();
        texts && self.visibility.is_none() && self.access.is_none()
    }

    /// Returns an error if a property that is sent back was not decoded as the service has it.
    fn undecodable(&self, clip: &Clip) -> Option<Error> {
        let sent_back = [
            (self.title.is_none(), "/clip/title"),
            (self.description.is_none(), "/clip/description"),
            (self.access.is_none(), "/clip/accessSettings"),
        ];
        let issues = clip.decode_issues();
        let is_sent_back = |pointer: &str| {
            sent_back.iter().any(|(is_sent_back, property)| {
                let rest = pointer.strip_prefix(property);
                *is_sent_back && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        let issue = issues.iter().find(|issue| is_sent_back(&issue.pointer));
        let reason = match issue {
            Some(issue) => issue.to_string(),
            // One of those that are not listed may be about such a property.
            None if issues.omitted() > 0 && sent_back.iter().any(|it| it.0) => {
                "too many properties could not be decoded".to_owned()
            }
            None => return None,
        };
        let message = format!(
            "clip {} is not changed, because a part of its record would be lost: {reason}; set that property too",
            clip.uuid()
        );
        Some(Error::new(ErrorKind::Decode, message).with_status(200))
    }

    /// Returns a request with all properties that a change can have.
    fn merge_into(self, record: &SavedClip) -> UpdateSavedClipRequest {
        let mut request = UpdateSavedClipRequest::default();
        request.title = self.title.or_else(|| record.title.clone());
        request.description = self.description.or_else(|| record.description.clone());
        request.access_settings = self.access.or_else(|| record.access_settings.clone());
        if let Some(visibility) = self.visibility {
            let access = request.access_settings.get_or_insert_default();
            access.visibility = Some(visibility);
        }
        request
    }
}

/// Returns whether a record has what a request sets. An absent text is as good as an empty one.
fn is_applied(request: &UpdateSavedClipRequest, record: &SavedClip) -> bool {
    let is_same = |sent: &Option<String>, found: &Option<String>| {
        sent.as_deref().unwrap_or_default() == found.as_deref().unwrap_or_default()
    };
    is_same(&request.title, &record.title)
        && is_same(&request.description, &record.description)
        && request.access_settings == record.access_settings
}

impl IntoFuture for UpdateClip {
    type Output = Result<UpdateResult>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.execute())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_is_sent_as_it_is() {
        let record: SavedClip = serde_json::from_value(serde_json::json!({
            "title": "Door",
            "description": "Pallet 7",
            "accessSettings": {
                "visibility": "ORG_WIDE",
                "allowedRoles": ["Vu0s9xQbQ1OsHk3tLw6rWg"],
                "addedLater": {"a": 1},
            },
        }))
        .unwrap();
        let merged = |change: fn(&mut Changes)| {
            let mut changes = Changes::default();
            change(&mut changes);
            let request = changes.merge_into(&record);
            assert!(!is_applied(&request, &record));
            serde_json::to_value(request.with_saved_clip_uuid("x")).unwrap()
        };
        let json = merged(|it| it.title = Some("Gate".to_owned()));
        assert_eq!(json["title"], "Gate");
        assert_eq!(json["description"], "Pallet 7");
        assert_eq!(json["accessSettings"]["addedLater"]["a"], 1);
        let json = merged(|it| it.visibility = Some(ClipVisibility::Private));
        assert_eq!(json["title"], "Door");
        assert_eq!(json["accessSettings"]["visibility"], "PRIVATE");
        assert_eq!(
            json["accessSettings"]["allowedRoles"][0],
            "Vu0s9xQbQ1OsHk3tLw6rWg"
        );
        let json = merged(|it| it.description = Some(String::new()));
        assert_eq!(json["description"], "");
    }

    #[test]
    fn a_change_that_is_none_is_known() {
        let mut record = SavedClip::default();
        record.title = Some("Door".to_owned());
        let changes = Changes {
            title: Some("Door".to_owned()),
            description: Some(String::new()),
            ..Changes::default()
        };
        assert!(is_applied(&changes.merge_into(&record), &record));
    }
}
