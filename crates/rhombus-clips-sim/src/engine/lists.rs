//! The operations that list clips.

use super::clips::Current;
use super::fields::{Fields, Invalid, without_facet};
use super::registry::ms;
use super::simulation::Simulation;
use crate::behavior::{LastToken, ListOrder};
use crate::response::Response;
use crate::rng::{SeededRng, Stream};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rhombus_clips_api::types::ClipStatus;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Clips on a page without `pageSize`, from the document.
const DEFAULT_PAGE_SIZE: i64 = 100;
/// Clips on a page at most, from the document.
const MAX_PAGE_SIZE: i64 = 200;

/// Filters of a list.
struct Filter<'a> {
    cameras: Vec<&'a str>,
    has_locations: bool,
    search: Option<String>,
    after: Option<i64>,
    before: Option<i64>,
    excludes_monitoring: bool,
    only_private: bool,
}

impl<'a> Filter<'a> {
    fn parse(fields: Fields<'a>) -> Result<Self, Invalid> {
        Ok(Self {
            cameras: fields.texts("deviceUuidFilters")?,
            has_locations: !fields.texts("locationUuidFilters")?.is_empty(),
            search: fields.text("searchFilter")?.map(str::to_lowercase),
            after: fields.long("timestampMsAfter")?,
            before: fields.long("timestampMsBefore")?,
            excludes_monitoring: fields.boolean("excludeAlertMonitoringClips")?,
            only_private: fields.boolean("filterByPrivate")?,
        })
    }

    fn matches(&self, record: &Map<String, Value>, by_footage: bool, is_included: bool) -> bool {
        let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        let devices = record
            .get("deviceUuids")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let mut cameras = devices.filter_map(Value::as_str).map(without_facet);
        let time_property = if by_footage {
            "timestampMs"
        } else {
            "createdAtMs"
        };
        let time = record
            .get(time_property)
            .and_then(Value::as_i64)
            .unwrap_or(0);
        // What is compared is one less or more if a bound is included.
        let margin = i64::from(is_included);
        let is_found = |search: &String| {
            ["title", "description"]
                .iter()
                .any(|name| text(name).to_lowercase().contains(search))
        };
        (self.cameras.is_empty() || cameras.any(|camera| self.cameras.contains(&camera)))
            && self
                .after
                .is_none_or(|after| time > after.saturating_sub(margin))
            && self
                .before
                .is_none_or(|before| time < before.saturating_add(margin))
            && self.search.as_ref().is_none_or(is_found)
            && !(self.excludes_monitoring && record.get("isMonitoringClip") == Some(&json!(true)))
            && !(self.only_private
                && record.get("accessSettings").map(|it| &it["visibility"])
                    != Some(&json!("PRIVATE")))
    }
}

impl Simulation {
    pub(super) fn list_clips(
        &mut self,
        now: Duration,
        fields: Fields<'_>,
    ) -> Result<Response, Invalid> {
        let page_size = match fields.int("pageSize")? {
            None if self.settings.behavior.requires_page_size => return Err(Invalid::Malformed),
            None => DEFAULT_PAGE_SIZE,
            Some(1..=MAX_PAGE_SIZE) => fields.int("pageSize")?.unwrap_or(DEFAULT_PAGE_SIZE),
            Some(_) => return Err(Invalid::Malformed),
        };
        let page_size = usize::try_from(page_size).unwrap_or(1);
        for name in ["sortField", "timestampFilterField"] {
            fields.text(name)?;
        }
        let is_reversed = fields
            .text("sortOrder")?
            .is_some_and(|it| it.eq_ignore_ascii_case("asc"));
        let filter = Filter::parse(fields)?;
        let start = match fields.text("pageToken")?.filter(|token| !token.is_empty()) {
            None => {
                self.first_page_count += 1;
                0
            }
            Some(token) => match self.parse_token(token) {
                Some(position) => position,
                None => return Ok(Response::domain_failure("The page token is not valid")),
            },
        };
        let mut order = self.list_order();
        if is_reversed {
            order.reverse();
        }
        let mut records = Vec::new();
        let mut position = start;
        while let Some(uuid) = order.get(position).filter(|_| records.len() < page_size) {
            position += 1;
            records.extend(self.listed(now, uuid, &filter).map(Value::Object));
        }
        let has_more = match self.settings.behavior.last_page_is_empty {
            true => !records.is_empty(),
            false => position < order.len(),
        };
        let mut body = json!({"savedClips": records});
        let token = has_more.then(|| self.token(position));
        match (token, self.settings.behavior.last_token) {
            (Some(token), _) => body["pageToken"] = token.into(),
            (None, LastToken::Null) => body["pageToken"] = Value::Null,
            (None, LastToken::Empty) => body["pageToken"] = "".into(),
            (None, LastToken::Absent) => {}
        }
        Ok(Response::json(&body))
    }

    /// Returns the record of a clip if the list has it.
    fn listed(
        &mut self,
        now: Duration,
        uuid: &str,
        filter: &Filter<'_>,
    ) -> Option<Map<String, Value>> {
        let list_delay = self.settings.behavior.list_delay;
        let clip = self.clips.get_mut(uuid)?;
        let appears_at = clip.registered_at.saturating_add(list_delay);
        if clip.requested.is_some() && now < appears_at || filter.has_locations {
            return None;
        }
        let Some(Current::Record { record, fields, .. }) = self.current(now, uuid) else {
            return None;
        };
        let behavior = &self.settings.behavior;
        let (by_footage, is_included) = (behavior.filters_by_footage, behavior.bounds_are_included);
        let is_listed = fields.status != ClipStatus::Deleted
            && filter.matches(&record, by_footage, is_included);
        is_listed.then_some(record)
    }

    /// UUIDs in the order of the list.
    fn list_order(&self) -> Vec<String> {
        let mut uuids = self.clips.uuids().to_vec();
        match self.settings.behavior.list_order {
            ListOrder::OldestFirst => {}
            ListOrder::NewestFirst => uuids.reverse(),
            ListOrder::Random => {
                let mut rng = SeededRng::new(self.settings.seed, Stream::ListOrder, 0);
                for end in (1..uuids.len()).rev() {
                    let limit = i64::try_from(end + 1).unwrap_or(i64::MAX);
                    let other = usize::try_from(rng.range(0..limit)).unwrap_or(0);
                    uuids.swap(end, other);
                }
            }
        }
        uuids
    }

    fn token(&self, position: usize) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{position}", self.first_page_count))
    }

    fn parse_token(&self, token: &str) -> Option<usize> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (first_page, position) = text.split_once(':')?;
        let is_current = first_page.parse() == Ok(self.first_page_count);
        (is_current || !self.settings.behavior.tokens_expire).then(|| position.parse().ok())?
    }

    pub(super) fn list_in_progress(&mut self, now: Duration) -> Response {
        let mut records = Vec::new();
        for uuid in self.clips.uuids().to_vec() {
            records.extend(self.in_progress(now, &uuid));
        }
        Response::json(&json!({"splicedClips": records}))
    }

    /// Returns the record of a clip that is in progress.
    fn in_progress(&mut self, now: Duration, uuid: &str) -> Option<Value> {
        let clip = self.clips.get_mut(uuid)?;
        if clip.is_over {
            return None;
        }
        let requested = clip.requested.clone();
        let Some(Current::Record {
            record,
            fields,
            since,
            ..
        }) = self.current(now, uuid)
        else {
            return None;
        };
        let has_left = match fields.status {
            ClipStatus::Complete | ClipStatus::Failed | ClipStatus::Deleted => true,
            ClipStatus::Rendering => self.settings.behavior.leaves_after_upload,
            _ => false,
        };
        if has_left {
            return None;
        }
        let duration = record
            .get("durationSec")
            .and_then(Value::as_i64)
            .unwrap_or(0);
        let total = requested
            .as_ref()
            .map_or((duration + 1) / 2, |it| it.segments());
        let uploaded = match fields.status {
            ClipStatus::Rendering => total,
            ClipStatus::Uploading => total * fields.percent.unwrap_or(0).clamp(0, 100) / 100,
            _ => 0,
        };
        let devices = record
            .get("deviceUuids")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let progress =
            json!({"region": "us-west-2", "segmentsUploaded": uploaded, "totalSegments": total});
        let devices = devices.iter().filter_map(Value::as_str);
        let device_map: Map<String, Value> = devices
            .map(|device| (device.to_owned(), progress.clone()))
            .collect();
        let count = i64::try_from(device_map.len()).unwrap_or(1);
        let mut item = json!({
            "clipUuid": uuid,
            "status": fields.status.as_str(),
            "statusUpdatedAtMs": self.unix_ms(Duration::ZERO) + ms(since),
            "startTime": record.get("timestampMs"),
            "duration": duration,
            "deviceUuidMap": device_map,
            "segmentsUploaded": uploaded * count,
            "totalSegments": total * count,
            "saveClip": true,
        });
        for name in [
            "timestampMs",
            "title",
            "description",
            "deviceUuid",
            "orgUuid",
            "userUuid",
            "deviceIntervalMap",
            "devicePresentationOrder",
            "accessSettings",
        ] {
            if let Some(value) = record.get(name) {
                item[name] = value.clone();
            }
        }
        if let Some(requested) = requested {
            if let Some(parent) = requested.parent {
                item["parentClipUuid"] = parent.into();
            }
            if requested.part_count > 0 {
                item["expectedSubClipCount"] = requested.part_count.into();
                item["completedSubClipCount"] = 0.into();
            }
        }
        Some(item)
    }
}
