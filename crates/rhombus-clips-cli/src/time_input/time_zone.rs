//! Time zones by name or offset.

use std::env;

use jiff::tz::{self, TimeZone};

use super::clock::parse_offset;

/// Forms of a time zone, for error messages.
const FORMS: &str =
    "write a name such as Europe/Berlin or America/Los_Angeles, UTC, or an offset such as +02:00";

/// Names that an error suggests at most. Chosen, not tuned: one line of text.
const MAX_SUGGESTIONS: usize = 3;

/// Returns the time zone of this name: of the IANA, `UTC` or an offset. Without one, it is the system's.
pub(crate) fn zone(name: Option<&str>) -> Result<TimeZone, String> {
    let Some(name) = name.map(str::trim) else {
        return system();
    };
    if name.starts_with(['+', '-']) || name.eq_ignore_ascii_case("z") {
        return match parse_offset(name) {
            Ok(offset) => Ok(TimeZone::fixed(offset)),
            Err(reason) => Err(format!("unknown time zone, since {reason}: {FORMS}")),
        };
    }
    TimeZone::get(name).map_err(|_| unknown(name))
}

/// Returns the system's time zone, which is UTC if none is set, as in the C library.
fn system() -> Result<TimeZone, String> {
    match TimeZone::try_system() {
        Ok(zone) => Ok(zone),
        Err(_) if env::var_os("TZ").is_none() && cfg!(unix) => Ok(TimeZone::UTC),
        Err(error) => Err(format!(
            "cannot determine the system's time zone ({error}): correct the variable TZ, or use --tz with \
             a name such as Europe/Berlin, UTC or an offset such as +02:00"
        )),
    }
}

fn unknown(name: &str) -> String {
    let database = tz::db();
    let mut names = database.available().peekable();
    if names.peek().is_none() {
        return format!(
            "no time zone has a name on this system, not even `{name}`: install the package tzdata, or \
             write UTC or an offset such as +02:00"
        );
    }
    let mut similar: Vec<_> = names
        .filter(|known| is_similar(known.as_str(), name))
        .map(|known| known.to_string())
        .collect();
    similar.sort();
    similar.truncate(MAX_SUGGESTIONS);
    match similar.is_empty() {
        true => format!("unknown time zone `{name}`: {FORMS}"),
        false => format!(
            "unknown time zone `{name}` (similar: {}): {FORMS}",
            similar.join(", ")
        ),
    }
}

/// Returns whether a name is the city of a known one, whose spaces are underscores.
fn is_similar(known: &str, name: &str) -> bool {
    let city = |name: &str| name.rsplit('/').next().map(|city| city.replace(' ', "_"));
    match (city(known), city(name)) {
        (Some(known), Some(name)) => known.eq_ignore_ascii_case(&name),
        _ => false,
    }
}
