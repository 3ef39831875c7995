//! Strict response types, as one would write them from the service's document: complete, and without
//! support for unknown properties or values.

use std::collections::HashMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pub(crate) clip: Option<Record>,
    pub(crate) error: Option<bool>,
    pub(crate) error_msg: Option<String>,
    pub(crate) warning_msg: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) access_settings: Option<AccessSettings>,
    pub(crate) alter_map: Option<HashMap<String, Option<Vec<AlteredView>>>>,
    pub(crate) analyzed: Option<bool>,
    pub(crate) byte_count: Option<i64>,
    pub(crate) clip_location: Option<Location>,
    pub(crate) clip_location_v2: Option<String>,
    pub(crate) console_delete: Option<bool>,
    pub(crate) created_at_ms: Option<i64>,
    pub(crate) current_operation: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) device_interval_map: Option<HashMap<String, Vec<TimeInterval>>>,
    pub(crate) device_presentation_order: Option<Vec<Option<String>>>,
    pub(crate) device_uuid: Option<String>,
    pub(crate) device_uuid_map: Option<HashMap<String, Location>>,
    pub(crate) device_uuids: Option<Vec<Option<String>>>,
    pub(crate) duration_sec: Option<i32>,
    pub(crate) external_transaction_id: Option<String>,
    pub(crate) fisheye_hardware: Option<String>,
    pub(crate) fisheye_map: Option<HashMap<String, Option<Vec<DewarpedView>>>>,
    pub(crate) integration_upload_list: Option<Vec<String>>,
    pub(crate) is_monitoring_clip: Option<bool>,
    pub(crate) is_vendor_clip: Option<bool>,
    pub(crate) last_updated_sec: Option<i64>,
    pub(crate) mounting_direction: Option<String>,
    pub(crate) org_uuid: Option<String>,
    pub(crate) percent_complete: Option<i32>,
    pub(crate) placeholder: Option<bool>,
    pub(crate) send_to_shared_storage: Option<bool>,
    pub(crate) sha256_hex: Option<String>,
    pub(crate) source_alert_uuid: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) thumbnail_location: Option<Location>,
    pub(crate) thumbnail_location_v2: Option<String>,
    pub(crate) timestamp_ms: Option<i64>,
    pub(crate) title: Option<String>,
    pub(crate) user_uuid: Option<String>,
    pub(crate) uuid: Option<String>,
    pub(crate) video_resolution: Option<Size>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Initiating,
    Uploading,
    Rendering,
    Failed,
    Complete,
    Offline,
    Deleted,
    Unknown,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessSettings {
    pub(crate) allowed_roles: Option<Vec<Option<String>>>,
    pub(crate) allowed_users: Option<Vec<Option<String>>>,
    pub(crate) visibility: Option<Visibility>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Visibility {
    Private,
    RoleRestricted,
    OrgWide,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AlteredView {
    pub(crate) crop: Option<Crop>,
    pub(crate) dewarp: Option<DewarpedView>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Crop {
    pub(crate) height: Option<i32>,
    pub(crate) width: Option<i32>,
    pub(crate) x: Option<i32>,
    pub(crate) y: Option<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DewarpedView {
    pub(crate) aspect_ratio: Option<Size>,
    pub(crate) pitch_degrees: Option<f32>,
    pub(crate) roll_degrees: Option<f32>,
    pub(crate) vertical_field_of_view_degrees: Option<i32>,
    pub(crate) yaw_degrees: Option<f32>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Location {
    pub(crate) region: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Size {
    pub(crate) height: Option<i32>,
    pub(crate) width: Option<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimeInterval {
    pub(crate) start_ms: Option<i64>,
    pub(crate) end_ms: Option<i64>,
}
