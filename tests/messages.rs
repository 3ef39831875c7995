//! Every message that people can meet.

use std::fmt::Write as _;

use rhombus_clips::{ClipUuid, Hint, Region};
use rhombus_clips_tests::program::{program, text};
use rhombus_clips_tests::{causes, failures};

/// The program's rendering of the library's hints.
#[path = "../crates/rhombus-clips-cli/src/wording/hints.rs"]
mod hints;

/// The text with `N` in the place of each number that is another one in every run: behind one of
/// these words.
fn without_chance(text: &str) -> String {
    let mut text = text.to_owned();
    for word in ["127.0.0.1:", "verification time ", "1009843200 ("] {
        let mut parts = text.split(word);
        let mut result = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
            result += &format!("{word}N{rest}");
        }
        text = result;
    }
    text
}

#[tokio::test]
async fn every_message_is_one_line() {
    let failures = failures::all("the footage").await;
    assert_eq!(failures::kinds_missing_in(&failures), [""; 0]);
    let mut shown = String::new();
    for (what, error) in &failures {
        let message = error.to_string();
        assert_eq!(message.lines().count(), 1, "{what}: {message}");
        let chain: Vec<String> = causes(error).map(ToString::to_string).collect();
        let line = format!("{:?} | {message} | {}", error.kind(), chain.join(" > "));
        writeln!(shown, "{what}\n    {}", without_chance(line.trim_end())).unwrap();
        if let Some(setting) = error.setting() {
            writeln!(shown, "    setting {setting:?}").unwrap();
        }
        for hint in error.hints() {
            let program = hints::advice(hint).unwrap_or_default();
            writeln!(shown, "    hint {hint} | {program}").unwrap();
        }
    }
    for wrong in [
        "",
        "short",
        "AAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAAAAAAAAAAAAAA==",
        " AAAAAAAAAAAAAAAAAAAAAA",
        "'AAAAAAAAAAAAAAAAAAAAAA'",
        "AAAAAAAAAAAAAAAAAAAA+A",
        "AAAAAAAAAAAAAAAAAAAAAA.v0",
        "56ed2cf7-141b-4353-ac1e-4ded2f0eab5a",
    ] {
        let error = wrong.parse::<ClipUuid>().unwrap_err();
        writeln!(shown, "clip UUID {wrong:?}\n    {error}").unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn hints_of_the_program_name_flags_and_no_items_of_the_library() {
    let failures = failures::all("the footage").await;
    let hints = failures.iter().flat_map(|(_, error)| error.hints());
    // No test can reach a real region.
    let regions = [Hint::UseRegion(Region::Us), Hint::UseRegion(Region::Eu)];
    for hint in hints.chain(&regions) {
        let advice = hints::advice(hint).unwrap_or_default();
        assert!(!advice.contains("::") && !advice.contains('_'), "{advice}");
    }
}

#[tokio::test]
async fn messages_leave_advice_about_settings_to_hints() {
    for (name, error) in failures::all("the footage").await {
        let message = error.to_string();
        assert!(!message.contains("ClientBuilder"), "{name}: {message}");
        assert!(!message.contains("Region::"), "{name}: {message}");
    }
}

#[test]
fn without_an_api_key_the_program_says_where_it_looks_for_one() {
    let uuid = "AAAAAAAAAAAAAAAAAAAAAA";
    let output = program().args(["get", uuid]).output().unwrap();
    let message = "error: no API key: set RHOMBUS_API_KEY, give --api-key-file, or put api_key below \
                   [default] in /nonexistent/.rhombus/credentials\n";
    assert_eq!(text(&output.stderr), message);
}
