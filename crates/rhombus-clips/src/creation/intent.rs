//! The intent to create a clip: a value that can be stored before the request is sent.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize};

use crate::{NewClip, versioned};

/// Version of the text. A later one changes the meaning of a property; additions do not.
const VERSION: u64 = 1;

/// The intent to create a clip, from [`CreateClip::intent`](crate::CreateClip::intent).
///
/// A clip has no identifier before the response, so a program that ends in between cannot know whether the
/// clip was made. Store the intent before the request is sent, and
/// [`Client::resume_create`](crate::Client::resume_create) looks for the clip, in this process or another,
/// and never requests a second one.
///
/// Its text, by `Display` and `FromStr`, is one line of JSON with a version. It holds no credentials.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
/// use rhombus_clips::{CreateIntent, NewClip};
/// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
/// # let range = end - std::time::Duration::from_secs(60)..end;
///
/// let create = client.create_clip(NewClip::builder(camera, range).build()?);
/// let stored = create.intent().to_string(); // write it to a file, and sync
/// let created = create.await?;
///
/// // In another process, which does not know whether the request was sent:
/// let intent: CreateIntent = stored.parse()?;
/// println!("{:?} at {:?}", intent.new_clip().title(), intent.made_at());
/// let found = client.resume_create(intent).await?;
/// assert_eq!(found.uuids(), created.uuids());
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CreateIntent {
    version: u64,
    #[serde(flatten)]
    data: IntentData,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct IntentData {
    new_clip: NewClip,
    made_at_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl CreateIntent {
    pub(crate) fn new(new_clip: NewClip, made_at: SystemTime) -> Self {
        let since_epoch = made_at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self {
            version: VERSION,
            data: IntentData {
                new_clip,
                made_at_ms: u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX),
                token: None,
            },
        }
    }

    /// Adds a token to the description, by which the clip is found with certainty.
    ///
    /// Its number comes from the system. A generator that is seeded with the clock returns the same in two
    /// processes that start at the same time, and one would take the other's clip for its own.
    pub(crate) fn add_token(&mut self) {
        let mut bytes = [0; 16];
        let number = match getrandom::fill(&mut bytes) {
            Ok(()) => u128::from_be_bytes(bytes),
            // All supported systems have random numbers.
            Err(_) => fastrand::u128(..),
        };
        let token = format!("[request {number:032x}]");
        self.data.new_clip.append_description(&token);
        self.data.token = Some(token);
    }

    /// The clip that is requested, with the [token](crate::CreateClip::token) in its description.
    pub fn new_clip(&self) -> &NewClip {
        &self.data.new_clip
    }

    /// Time of day at which the intent was made, before the request was sent.
    pub fn made_at(&self) -> SystemTime {
        UNIX_EPOCH
            .checked_add(Duration::from_millis(self.data.made_at_ms))
            .unwrap_or(UNIX_EPOCH)
    }

    /// The text in the description that identifies the clip.
    pub(crate) fn token(&self) -> Option<&str> {
        self.data.token.as_deref()
    }
}

impl fmt::Display for CreateIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl<'de> Deserialize<'de> for CreateIntent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let data = versioned::deserialize(deserializer, VERSION)?;
        Ok(Self {
            version: VERSION,
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CameraUuid;

    fn intent() -> CreateIntent {
        let start = UNIX_EPOCH + Duration::from_millis(1_500);
        let range = start..start + Duration::from_secs(60);
        let new_clip = NewClip::builder(CameraUuid::from_bytes([7; 16]), range)
            .title("Door\n\"7\"")
            .audio(true)
            .build()
            .unwrap();
        CreateIntent::new(new_clip, UNIX_EPOCH + Duration::from_millis(99_001))
    }

    #[test]
    fn text_round_trip() {
        let mut intent = intent();
        let text = intent.to_string();
        assert_eq!(text.lines().count(), 1);
        assert_eq!(text.parse::<CreateIntent>().unwrap(), intent);
        intent.add_token();
        let parsed: CreateIntent = intent.to_string().parse().unwrap();
        let token = parsed.token().unwrap();
        assert!(token.starts_with("[request ") && token.len() == "[request ]".len() + 32);
        assert_eq!(parsed.token(), intent.token());
        assert_eq!(parsed.new_clip().description(), parsed.token());
        assert_eq!(parsed.made_at(), UNIX_EPOCH + Duration::from_millis(99_001));
    }

    #[test]
    fn tokens_differ_although_generators_have_the_same_seed() {
        let token = || {
            fastrand::seed(7);
            let mut intent = intent();
            intent.add_token();
            intent.token().map(str::to_owned)
        };
        assert_ne!(token(), token());
    }

    #[test]
    fn malformed_texts_are_rejected_with_the_reason() {
        let valid = intent().to_string();
        for (text, reason) in [
            (String::new(), "EOF"),
            ("{}".to_owned(), "version"),
            (r#"{"version": 1}"#.to_owned(), "new_clip"),
            (
                valid.replace("\"version\":1", "\"version\":2"),
                "unsupported version 2",
            ),
            (
                valid.replace("BwcHBwcHBwcHBwcHBwcHBw", "BwcH"),
                "22 characters",
            ),
            (valid.replace("61500", "1501"), "shorter than a second"),
        ] {
            let error = text.parse::<CreateIntent>().unwrap_err();
            assert!(error.is_checkpoint());
            let message = error.to_string();
            assert!(message.starts_with("invalid intent: "), "{message}");
            assert!(message.contains(reason), "{message}");
        }
        let newer = valid.replacen('{', r#"{"added_later": [7], "#, 1);
        assert_eq!(newer.parse::<CreateIntent>().unwrap(), intent());
    }
}
