//! The answer that Rhombus publishes as an example is read without loss.

use rhombus_clips_api::types::{ClipStatus, GetClipWithProgressResponse};
use serde_json::Value;

const EXAMPLE: &str = include_str!("data/published-example.json");

#[test]
fn the_published_example_is_decoded() {
    let answer: GetClipWithProgressResponse = serde_json::from_str(EXAMPLE).unwrap();
    let clip = answer.clip.unwrap();
    assert_eq!(clip.status, Some(ClipStatus::Initiating));
    assert_eq!(clip.percent_complete, Some(75));
    assert_eq!(clip.current_operation.as_deref(), Some("Processing video"));
    assert_eq!(clip.last_updated_sec, Some(1_640_995_200));
}

#[test]
fn the_published_example_is_encoded_as_it_was() {
    let answer: GetClipWithProgressResponse = serde_json::from_str(EXAMPLE).unwrap();
    let published: Value = serde_json::from_str(EXAMPLE).unwrap();
    assert_eq!(serde_json::to_value(&answer).unwrap(), published);
}
