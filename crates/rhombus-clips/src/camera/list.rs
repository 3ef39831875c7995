//! The cameras of an organization, and the search for one of them.

use std::ops::Deref;

use rhombus_clips_api::types::MinimalDeviceState;

use super::Camera;
use crate::error::{Error, ErrorKind, Result};
use crate::text::sanitize_line;

/// Number of cameras that an error lists. Chosen, not tuned: what a message of one line can hold.
const MAX_LISTED: usize = 8;

/// The cameras of an organization, from [`Client::cameras`](crate::Client::cameras), in the order of the
/// service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cameras {
    cameras: Vec<Camera>,
    unidentified: Vec<MinimalDeviceState>,
}

impl Cameras {
    pub(crate) fn of_records(records: impl IntoIterator<Item = MinimalDeviceState>) -> Self {
        let mut cameras = Self::default();
        for record in records {
            match record.uuid.as_deref().and_then(|uuid| uuid.parse().ok()) {
                Some(uuid) => cameras.cameras.push(Camera::new(uuid, record)),
                None => cameras.unidentified.push(record),
            }
        }
        cameras
    }

    /// Finds a camera by its UUID or its name.
    ///
    /// The first of these that any camera matches decides: the UUID, the name, the name in any case, a part
    /// of the name in any case.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # service.add_camera(camera("Loading dock, north"));
    /// # service.add_camera(camera("Loading dock, south"));
    /// use rhombus_clips::Cameras;
    ///
    /// let cameras: Cameras = client.cameras().await?;
    /// let camera = cameras.find("north")?;
    /// assert_eq!(camera.name(), Some("Loading dock, north"));
    ///
    /// let error = cameras.find("loading dock").unwrap_err();
    /// assert!(error.to_string().contains("Loading dock, south"));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] if no camera matches, or several do; it lists them.
    pub fn find(&self, text: &str) -> Result<&Camera> {
        let text = text.trim();
        let lower = text.to_lowercase();
        let name = |camera: &Camera| camera.name().map(|name| name.trim().to_owned());
        let by_uuid = |camera: &Camera| camera.uuid().to_string() == text;
        let by_name = |camera: &Camera| name(camera).is_some_and(|name| name == text);
        let by_lower =
            |camera: &Camera| name(camera).is_some_and(|name| name.to_lowercase() == lower);
        let by_part = |camera: &Camera| {
            !lower.is_empty()
                && name(camera).is_some_and(|name| name.to_lowercase().contains(&lower))
        };
        let rules: [&dyn Fn(&Camera) -> bool; 4] = [&by_uuid, &by_name, &by_lower, &by_part];
        for rule in rules {
            let found: Vec<&Camera> = self.cameras.iter().filter(|it| rule(it)).collect();
            match found[..] {
                [] => {}
                [camera] => return Ok(camera),
                _ => return Err(ambiguous(text, &found)),
            }
        }
        Err(self.unknown(text))
    }

    /// The records that have no valid UUID, and are not among the cameras.
    pub fn unidentified(&self) -> &[MinimalDeviceState] {
        &self.unidentified
    }

    fn unknown(&self, text: &str) -> Error {
        let text = sanitize_line(text);
        let all: Vec<&Camera> = self.cameras.iter().collect();
        let message = match self.cameras.is_empty() {
            true => format!("no camera {text:?}: the credentials can see no camera"),
            false => format!("no camera {text:?}; the cameras are {}", listed(&all)),
        };
        Error::new(ErrorKind::InvalidRequest, message)
    }
}

fn ambiguous(text: &str, found: &[&Camera]) -> Error {
    let text = sanitize_line(text);
    let message = format!(
        "{} cameras match {text:?}, give the name or the UUID of one: {}",
        found.len(),
        listed(found)
    );
    Error::new(ErrorKind::InvalidRequest, message)
}

/// Lists cameras by name and UUID, as many as fit.
fn listed(cameras: &[&Camera]) -> String {
    let names = cameras.iter().take(MAX_LISTED).map(|camera| {
        let name = sanitize_line(camera.name().unwrap_or("without a name"));
        format!("{name} ({})", camera.uuid())
    });
    let mut text = names.collect::<Vec<_>>().join(", ");
    if let Some(others @ 1..) = cameras.len().checked_sub(MAX_LISTED) {
        text += &format!(" or {others} others");
    }
    text
}

impl Deref for Cameras {
    type Target = [Camera];

    fn deref(&self) -> &[Camera] {
        &self.cameras
    }
}

impl IntoIterator for Cameras {
    type Item = Camera;
    type IntoIter = std::vec::IntoIter<Camera>;

    fn into_iter(self) -> Self::IntoIter {
        self.cameras.into_iter()
    }
}

impl<'a> IntoIterator for &'a Cameras {
    type Item = &'a Camera;
    type IntoIter = std::slice::Iter<'a, Camera>;

    fn into_iter(self) -> Self::IntoIter {
        self.cameras.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CameraUuid;

    fn cameras(names: &[&str]) -> Cameras {
        Cameras::of_records(names.iter().zip(0..).map(|(name, number)| {
            let uuid = CameraUuid::from_bytes([number; 16]);
            let mut record = MinimalDeviceState::default();
            record.uuid = Some(uuid.to_string());
            record.name = Some((*name).to_owned());
            record
        }))
    }

    #[test]
    fn a_camera_is_found_by_the_strictest_rule_that_matches() {
        let all = cameras(&["Door", "door", "Door 2", "Gate", "Gate", "Küche", " Yard "]);
        let found = |text: &str| match all.find(text) {
            Ok(camera) => camera.name().unwrap_or_default().to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found("Door"), "Door");
        assert_eq!(found("door"), "door");
        assert!(found("DOOR").starts_with("2 cameras match \"DOOR\""));
        assert_eq!(found(" Door 2"), "Door 2");
        assert_eq!(found("r 2"), "Door 2");
        assert_eq!(found("KÜCHE"), "Küche");
        assert_eq!(found("Yard"), " Yard ");
        assert_eq!(found("AwMDAwMDAwMDAwMDAwMDAw"), "Gate");
        let several = found("Gate");
        assert!(
            several.contains("Gate (AwMDAwMDAwMDAwMDAwMDAw), Gate (BAQE"),
            "{several}"
        );
        assert!(found("").starts_with("no camera"));
        assert!(found("attic").starts_with("no camera \"attic\"; the cameras are Door (AAAA"));
    }

    #[test]
    fn an_error_lists_some_cameras_and_counts_the_others() {
        let names: Vec<String> = (0..20).map(|number| format!("Camera\n{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let message = cameras(&names).find("camera").unwrap_err().to_string();
        assert!(message.ends_with(" or 12 others"), "{message}");
        assert_eq!(message.lines().count(), 1);
        let message = cameras(&[]).find("x").unwrap_err().to_string();
        assert!(message.ends_with("can see no camera"), "{message}");
    }

    #[test]
    fn a_record_without_a_uuid_is_not_lost() {
        let mut record = MinimalDeviceState::default();
        record.name = Some("Door".to_owned());
        let cameras = Cameras::of_records([record.clone()]);
        assert!(cameras.is_empty());
        assert_eq!(cameras.unidentified(), [record]);
    }
}
