//! The name of a downloaded file: from title, time and UUID, valid on every system.
//!
//! The title is any text of a user, so what a file system, a shell or a terminal gives a meaning is replaced.

use std::time::SystemTime;

use rhombus_clips_api::displayable_characters;

use super::location::FileKind;
use crate::Clip;
use crate::text::truncate_to;

/// Length in bytes to which the title is cut. Chosen, not tuned: with time, UUID and the extensions of a part,
/// the name stays well below the 255 bytes that file systems take, and the 143 of an encrypted one.
const MAX_TITLE_BYTES: usize = 72;

/// Returns the name of a clip's file, such as `Delivery 20261124T140200Z Vu0s9xQbQ1OsHk3tLw6rWg.mp4`.
pub(crate) fn file_name(clip: &Clip, kind: FileKind) -> String {
    let title = clip
        .title()
        .map(safe_text)
        .filter(|title| !title.is_empty());
    let time = clip.recorded_at().and_then(timestamp);
    let uuid = Some(clip.uuid().to_string());
    let parts: Vec<_> = [title, time, uuid].into_iter().flatten().collect();
    let name = parts.join(" ");
    // A UUID may begin with a hyphen, which programs take for an option.
    let mark = if name.starts_with('-') { "_" } else { "" };
    format!("{mark}{name}.{}", kind.extension())
}

/// Returns a text without characters that mean something in a path, a shell or a terminal. It begins and ends
/// with neither a dot nor a space nor a hyphen, and is no name that Windows reserves.
fn safe_text(text: &str) -> String {
    let is_reserved = |c: char| {
        matches!(
            c,
            '/' | '\\'
                | ':'
                | '*'
                | '?'
                | '"'
                | '<'
                | '>'
                | '|'
                | '`'
                | '$'
                | '!'
                | '%'
                | '&'
                | ';'
                | '\''
        )
    };
    let safe = |(c, is_displayable): (char, bool)| match is_displayable && !c.is_control() {
        true if is_reserved(c) => '_',
        true => c,
        false => ' ',
    };
    let text: String = displayable_characters(text).map(safe).collect();
    let words: Vec<_> = text.split_whitespace().collect();
    let is_edge = |c: char| matches!(c, '.' | ' ' | '-' | '~');
    let text = words.join(" ");
    let text = text.trim_matches(is_edge);
    let text = truncate_to(text, MAX_TITLE_BYTES).trim_end_matches(is_edge);
    match is_device(text) {
        true => format!("_{text}"),
        false => text.to_owned(),
    }
}

/// Returns whether Windows takes a name for a device, which it does with any extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN_" | "CONOUT_" => true,
        stem => {
            let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
            let mut digits = port.unwrap_or_default().chars();
            let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³');
            matches!((digits.next(), digits.next()), (Some(digit), None) if is_digit(digit))
        }
    }
}

/// Returns a time in UTC in the basic format of ISO 8601, which has no colons: `20261124T140200Z`.
fn timestamp(time: SystemTime) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    // The last second that an HTTP date has. It panics beyond.
    const MAX_SEC: u64 = 253_402_300_799;
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    if seconds > MAX_SEC {
        return None;
    }
    // Such as `Tue, 24 Nov 2026 14:02:00 GMT`.
    let date = httpdate::fmt_http_date(time);
    let mut words = date.split(' ').skip(1);
    let (day, month, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    Some(format!("{year}{month:02}{day}T{}Z", clock.replace(':', "")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ClipUuid;
    use crate::types::SavedClip;

    fn name(title: Option<&str>, timestamp_ms: Option<i64>) -> String {
        let mut record = SavedClip::default();
        record.title = title.map(str::to_owned);
        record.timestamp_ms = timestamp_ms;
        let clip = Clip::from_record(ClipUuid::from_bytes([0; 16]), record);
        file_name(&clip, FileKind::Video)
    }

    #[test]
    fn a_name_has_title_time_and_uuid() {
        assert_eq!(
            name(Some("Dock: delivery"), Some(1_764_000_120_500)),
            "Dock_ delivery 20251124T160200Z AAAAAAAAAAAAAAAAAAAAAA.mp4"
        );
        assert_eq!(name(None, None), "AAAAAAAAAAAAAAAAAAAAAA.mp4");
        assert_eq!(name(Some(" \u{202e} "), None), "AAAAAAAAAAAAAAAAAAAAAA.mp4");
    }

    #[test]
    fn a_uuid_alone_is_no_option() {
        let uuid: ClipUuid = "-AAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
        let clip = Clip::from_record(uuid, SavedClip::default());
        let name = file_name(&clip, FileKind::Video);
        assert_eq!(name, "_-AAAAAAAAAAAAAAAAAAAAA.mp4");
    }

    #[test]
    fn titles_become_safe() {
        for (title, safe) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("-rf ~", "rf"),
            (".hidden.", "hidden"),
            ("a\nb\u{1b}[2J\tc", "a b [2J c"),
            ("x`$(id)`;'\"", "x__(id)____"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("com7", "_com7"),
            ("Camera 7", "Camera 7"),
            ("Laderampe Süd – 装卸台", "Laderampe Süd – 装卸台"),
            ("fdp\u{202e}4pm.exe", "fdp 4pm.exe"),
        ] {
            assert_eq!(safe_text(title), safe, "{title:?}");
        }
    }

    #[test]
    fn names_are_short_enough() {
        let name = name(Some(&"装".repeat(500)), Some(i64::MAX));
        assert!(name.len() + ".part.json".len() < 143, "{name}");
    }

    #[test]
    fn times_beyond_the_calendar_are_left_out() {
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800);
        assert_eq!(timestamp(far), None);
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(timestamp(before), None);
    }
}
