//! The question before a clip is ended, on a terminal.

use std::io::{self, BufRead as _, Write as _};
use std::thread;

use rhombus_clips::{Client, Clip, ClipUuid, Error};
use tokio::sync::oneshot;

use crate::client::short_retry;
use crate::report::{self, StderrWriter};
use crate::text::{format_utc, sanitize_line};

/// Asks whether to carry out an action, such as `Delete`, on a clip. The answer is no unless it is yes.
///
/// # Errors
///
/// That of the request for the clip. A clip without a record is asked for by its UUID alone.
pub(super) async fn confirm(client: &Client, action: &str, uuid: ClipUuid) -> Result<bool, Error> {
    let clip = match client.get_clip(uuid).retry(short_retry()).await {
        Ok(clip) => Some(clip),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error),
    };
    let question = question(action, uuid, clip.as_ref());
    // A closed standard error leaves the answer at no.
    let _ = StderrWriter.write_all(question.as_bytes());
    let answer = read_answer().await;
    if answer.is_none() {
        // Ends the line of the question.
        report::eprintln_line("");
    }
    Ok(answer.as_deref().is_some_and(is_yes))
}

/// Returns the question, with its trailing space.
fn question(action: &str, uuid: ClipUuid, clip: Option<&Clip>) -> String {
    let described = match clip {
        None => format!("clip {uuid}, which has no record"),
        Some(clip) => {
            let title = clip
                .title()
                .map(|title| format!("\"{}\" ", sanitize_line(title)));
            let time = clip.record().timestamp_ms;
            let time = time.map(|ms| format!(" of {}", format_utc(ms)));
            format!(
                "{}{uuid}{}",
                title.unwrap_or_else(|| "clip ".to_owned()),
                time.unwrap_or_default()
            )
        }
    };
    format!("{action} {described}? [y/N] ")
}

/// Reads a line of standard input; `None` at its end.
///
/// A detached thread reads it, because a blocking read cannot be cancelled: it must not delay the end of
/// the program after Ctrl-C.
async fn read_answer() -> Option<String> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        // Without a receiver, the program ends.
        let _ = sender.send(read.is_ok_and(|bytes| bytes > 0).then_some(line));
    });
    receiver.await.ok().flatten()
}

fn is_yes(answer: &str) -> bool {
    let answer = answer.trim();
    answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips::types::SavedClip;

    #[test]
    fn only_yes_is_yes() {
        for (answer, expected) in [
            ("y\n", true),
            ("Yes\r\n", true),
            ("", false),
            ("\n", false),
            ("n\n", false),
            ("yess\n", false),
            ("delete\n", false),
        ] {
            assert_eq!(is_yes(answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn the_question_has_title_and_time() {
        let uuid = ClipUuid::from_bytes([0; 16]);
        let clip = |record: &str| {
            let record: SavedClip = serde_json::from_str(record).unwrap();
            Clip::from_record(uuid, record)
        };
        let full = clip(r#"{"title": "Dock\u001b[2J", "timestampMs": 0}"#);
        for (clip, expected) in [
            (
                Some(&full),
                "Delete \"Dock\u{fffd}[2J\" AAAAAAAAAAAAAAAAAAAAAA of 1970-01-01 00:00:00 UTC? [y/N] ",
            ),
            (
                Some(&clip("{}")),
                "Delete clip AAAAAAAAAAAAAAAAAAAAAA? [y/N] ",
            ),
            (
                None,
                "Delete clip AAAAAAAAAAAAAAAAAAAAAA, which has no record? [y/N] ",
            ),
        ] {
            assert_eq!(question("Delete", uuid, clip), expected);
        }
    }
}
