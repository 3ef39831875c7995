//! Conversions between times of the command line and of the system.

use std::time::SystemTime;

use jiff::Timestamp;

/// Returns the current time in whole seconds, in which times before now are easier to read.
pub(crate) fn now() -> Result<Timestamp, String> {
    let now = Timestamp::try_from(SystemTime::now());
    now.and_then(|now| Timestamp::from_second(now.as_second()))
        .map_err(|error| format!("check the clock: {error}"))
}

/// Converts a time of the command line.
pub(super) fn system_time(time: Timestamp) -> Result<SystemTime, String> {
    SystemTime::try_from(time).map_err(|_| format!("{time} is out of the range of this system"))
}
