//! Snapshot of every error message and hint of the library, and of the program's rendering of hints.
//!
//! Each message is provoked for real, so that the snapshot shows the complete text as users see it,
//! with its chain of causes.

use std::fmt::Write as _;

use rhombus_clips::{ClipUuid, Hint, Region};
use rhombus_clips_tests::program::{program, text};
use rhombus_clips_tests::{causes, failures};

/// The program's rendering of the library's hints.
#[path = "../../crates/rhombus-clips-cli/src/report/hints.rs"]
mod hints;

/// Replaces the numbers that differ in every run, which follow one of these prefixes, with `N`.
fn mask_variable_numbers(text: &str) -> String {
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
    assert_eq!(failures::missing_kinds(&failures), [""; 0]);
    let mut snapshot = String::new();
    for (label, error) in &failures {
        let message = error.to_string();
        assert_eq!(message.lines().count(), 1, "{label}: {message}");
        let chain: Vec<String> = causes(error).map(ToString::to_string).collect();
        let line = format!("{:?} | {message} | {}", error.kind(), chain.join(" > "));
        writeln!(
            snapshot,
            "{label}\n    {}",
            mask_variable_numbers(line.trim_end())
        )
        .unwrap();
        if let Some(setting) = error.setting() {
            writeln!(snapshot, "    setting: {setting:?}").unwrap();
        }
        for hint in error.hints() {
            let advice = hints::cli_hint(hint).unwrap_or_default();
            writeln!(snapshot, "    hint: {hint} | program: {advice}").unwrap();
        }
    }
    for invalid in [
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
        let error = invalid.parse::<ClipUuid>().unwrap_err();
        writeln!(snapshot, "clip UUID {invalid:?}\n    {error}").unwrap();
    }
    insta::assert_snapshot!(snapshot);
}

#[tokio::test]
async fn the_program_renders_hints_without_items_of_the_library() {
    let failures = failures::all("the footage").await;
    let hints = failures.iter().flat_map(|(_, error)| error.hints());
    // Only the real service responds for a region.
    let regions = [Hint::UseRegion(Region::Us), Hint::UseRegion(Region::Eu)];
    for hint in hints.chain(&regions) {
        let advice = hints::cli_hint(hint).unwrap_or_default();
        for item in ["::", "Builder", "not_found_grace_period"] {
            assert!(!advice.contains(item), "{advice}");
        }
    }
}

#[tokio::test]
async fn messages_leave_advice_about_settings_to_hints() {
    for (label, error) in failures::all("the footage").await {
        let message = error.to_string();
        for item in ["ClientBuilder", "Region::"] {
            assert!(!message.contains(item), "{label}: {message}");
        }
    }
}

#[test]
fn a_missing_api_key_names_its_possible_sources() {
    let uuid = "AAAAAAAAAAAAAAAAAAAAAA";
    let output = program().args(["get", uuid]).output().unwrap();
    let message = "error: no API key; set RHOMBUS_API_KEY, use --api-key-file, or set api_key in \
                   [default] in /nonexistent/.rhombus/credentials\n";
    assert_eq!(text(&output.stderr), message);
}
