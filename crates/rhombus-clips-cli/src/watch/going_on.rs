//! How to go on with what is not done.

use rhombus_clips::ClipUuid;
use std::path::Path;

use crate::wording::printable::printable;

/// More clips than this are not named again.
const FEW: usize = 3;

/// What to say of these clips, that are not done, at the end of the program. `simulated` is what
/// makes the same simulated service again, if that is what was asked.
pub(crate) fn advice(
    clips: &[ClipUuid],
    file: Option<&Path>,
    simulated: Option<&str>,
) -> Option<String> {
    let count = match clips {
        [] => return None,
        [_] => "1 clip is not done".to_owned(),
        clips => format!("{} clips are not done", clips.len()),
    };
    let command = match simulated {
        Some(simulated) => format!("rhombus-clips watch {simulated} "),
        None => "rhombus-clips watch ".to_owned(),
    };
    Some(match (file, clips) {
        (Some(file), _) => {
            let file = quoted(&file.display().to_string());
            format!("{count}; to go on: {command}--checkpoint {file}")
        }
        (None, _) if simulated.is_some() => format!("{count}; to watch anew: {}", command.trim()),
        (None, clips) if clips.len() <= FEW => {
            let clips: Vec<_> = clips.iter().map(ClipUuid::to_string).collect();
            format!("{count}; to watch anew: {command}{}", clips.join(" "))
        }
        (None, _) => format!(
            "{count}; to watch anew, name them again (--checkpoint FILE would have kept them)"
        ),
    })
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", printable(text).replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clips(count: u8) -> Vec<ClipUuid> {
        (0..count)
            .map(|clip| ClipUuid::from_bytes([clip; 16]))
            .collect()
    }

    #[test]
    fn it_is_a_command_where_there_is_one() {
        let advice = |count, file: Option<&str>, simulated| {
            advice(&clips(count), file.map(Path::new), simulated)
        };
        assert_eq!(advice(0, Some("a"), None), None);
        assert_eq!(
            advice(2, Some("/tmp/my watch.json"), None).unwrap(),
            "2 clips are not done; to go on: \
             rhombus-clips watch --checkpoint '/tmp/my watch.json'"
        );
        assert_eq!(
            advice(1, None, None).unwrap(),
            "1 clip is not done; to watch anew: rhombus-clips watch AAAAAAAAAAAAAAAAAAAAAA"
        );
        assert_eq!(
            advice(1, None, Some("--simulate all")).unwrap(),
            "1 clip is not done; to watch anew: rhombus-clips watch --simulate all"
        );
        assert_eq!(
            advice(9, None, None).unwrap(),
            "9 clips are not done; to watch anew, name them again \
             (--checkpoint FILE would have kept them)"
        );
    }

    #[test]
    fn a_file_name_is_one_word() {
        assert_eq!(quoted("a/b-1.json"), "a/b-1.json");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
