//! The hint printed for unfinished clips at the end of a watch.
//!
//! If possible, the hint is a complete command line, quoted for a shell, that resumes or restarts the
//! watch with the same settings.

use std::path::Path;

use rhombus_clips::ClipUuid;

use crate::text::shell_quote;

/// Number of clips above which the command does not list the UUIDs. Chosen: the command should fit
/// a line or two.
const MAX_LISTED_CLIPS: usize = 3;

/// Arguments that select the same service and settings as the current run.
#[derive(Clone, Debug)]
pub(crate) struct ResumeCommand {
    /// Options and, for a simulated service, its clips.
    pub(crate) arguments: Vec<String>,
    pub(crate) is_simulated: bool,
}

impl ResumeCommand {
    /// Returns the hint for these unfinished clips, or `None` if there are none. `checkpoint_file`
    /// is the file in which they are saved.
    pub(crate) fn hint(
        &self,
        uuids: &[ClipUuid],
        checkpoint_file: Option<&Path>,
    ) -> Option<String> {
        let count = match uuids {
            [] => return None,
            [_] => "1 clip unfinished".to_owned(),
            uuids => format!("{} clips unfinished", uuids.len()),
        };
        let mut command = "rhombus-clips watch ".to_owned();
        for argument in &self.arguments {
            command.push_str(&shell_quote(argument));
            command.push(' ');
        }
        Some(match (checkpoint_file, uuids) {
            (Some(file), _) => {
                let file = shell_quote(&file.display().to_string());
                format!("{count}; resume with: {command}--checkpoint {file}")
            }
            (None, _) if self.is_simulated => {
                format!("{count}; restart with: {}", command.trim())
            }
            (None, uuids) if uuids.len() <= MAX_LISTED_CLIPS => {
                let uuids: Vec<_> = uuids.iter().map(ClipUuid::to_string).collect();
                format!("{count}; restart with: {command}{}", uuids.join(" "))
            }
            (None, _) => format!(
                "{count}; restart with the same UUIDs (a watch with --checkpoint FILE can be resumed)"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuids(count: u8) -> Vec<ClipUuid> {
        (0..count)
            .map(|byte| ClipUuid::from_bytes([byte; 16]))
            .collect()
    }

    #[test]
    fn hint_contains_a_command_where_possible() {
        let hint = |count, file: Option<&str>, simulated: Option<&str>| {
            let arguments = simulated.unwrap_or("--profile work").split(' ');
            let command = ResumeCommand {
                arguments: arguments.map(str::to_owned).collect(),
                is_simulated: simulated.is_some(),
            };
            command.hint(&uuids(count), file.map(Path::new))
        };
        assert_eq!(hint(0, Some("a"), None), None);
        assert_eq!(
            hint(2, Some("/tmp/my watch.json"), None).unwrap(),
            "2 clips unfinished; resume with: \
             rhombus-clips watch --profile work --checkpoint '/tmp/my watch.json'"
        );
        assert_eq!(
            hint(1, None, None).unwrap(),
            "1 clip unfinished; restart with: \
             rhombus-clips watch --profile work AAAAAAAAAAAAAAAAAAAAAA"
        );
        assert_eq!(
            hint(1, None, Some("--simulate all")).unwrap(),
            "1 clip unfinished; restart with: rhombus-clips watch --simulate all"
        );
        assert_eq!(
            hint(9, None, None).unwrap(),
            "9 clips unfinished; restart with the same UUIDs \
             (a watch with --checkpoint FILE can be resumed)"
        );
    }
}
