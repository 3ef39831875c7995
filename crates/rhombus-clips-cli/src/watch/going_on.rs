//! How to go on with what is not done.

use rhombus_clips::ClipUuid;
use std::path::Path;

use crate::wording::shell::quoted;

/// More clips than this are not named again.
const FEW: usize = 3;

/// What asks the same service again.
#[derive(Clone, Debug)]
pub(crate) struct Again {
    /// The options, and the simulated clips.
    pub(crate) words: Vec<String>,
    pub(crate) is_simulated: bool,
}

/// What to say of these clips, that are not done, at the end of the program.
pub(crate) fn advice(clips: &[ClipUuid], file: Option<&Path>, again: &Again) -> Option<String> {
    let count = match clips {
        [] => return None,
        [_] => "1 clip is not done".to_owned(),
        clips => format!("{} clips are not done", clips.len()),
    };
    let mut command = "rhombus-clips watch ".to_owned();
    for word in &again.words {
        command.push_str(&quoted(word));
        command.push(' ');
    }
    Some(match (file, clips) {
        (Some(file), _) => {
            let file = quoted(&file.display().to_string());
            format!("{count}; to go on: {command}--checkpoint {file}")
        }
        (None, _) if again.is_simulated => format!("{count}; to watch anew: {}", command.trim()),
        (None, clips) if clips.len() <= FEW => {
            let clips: Vec<_> = clips.iter().map(ClipUuid::to_string).collect();
            format!("{count}; to watch anew: {command}{}", clips.join(" "))
        }
        (None, _) => format!(
            "{count}; to watch anew, name them again (--checkpoint FILE would have kept them)"
        ),
    })
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
        let advice = |count, file: Option<&str>, simulated: Option<&str>| {
            let words = simulated.unwrap_or("--profile work").split(' ');
            let again = Again {
                words: words.map(str::to_owned).collect(),
                is_simulated: simulated.is_some(),
            };
            advice(&clips(count), file.map(Path::new), &again)
        };
        assert_eq!(advice(0, Some("a"), None), None);
        assert_eq!(
            advice(2, Some("/tmp/my watch.json"), None).unwrap(),
            "2 clips are not done; to go on: \
             rhombus-clips watch --profile work --checkpoint '/tmp/my watch.json'"
        );
        assert_eq!(
            advice(1, None, None).unwrap(),
            "1 clip is not done; to watch anew: \
             rhombus-clips watch --profile work AAAAAAAAAAAAAAAAAAAAAA"
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
}
