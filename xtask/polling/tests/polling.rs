//! End-to-end tests of `cargo xtask polling`: reports, errors and reproducibility.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// Two traces of one family, one of them without a percentage, and one of another family.
const TRACES: &str = r#"{"family":"coarse","clipDurationSec":60,"steps":[{"atMs":0,"status":"RENDERING","percent":0,"operation":"Queued"},{"atMs":3000,"status":"RENDERING","percent":50,"operation":"Processing video"},{"atMs":8500,"status":"COMPLETE","percent":100,"operation":"Complete"}]}

{"family":"coarse","steps":[{"atMs":0,"status":"RENDERING","percent":null},{"atMs":1000,"status":"COMPLETE"}]}
{"family":"other","steps":[{"atMs":0,"status":"PAUSED","percent":-5},{"atMs":10000,"status":"FAILED"}]}
"#;

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-polling"));
    command
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap()
}

fn folder_with(traces: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("traces.jsonl"), traces).unwrap();
    folder
}

fn successful_stdout(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the error message for invalid traces.
fn error_for(traces: &str) -> String {
    let output = run(&folder_with(traces), &["--traces", "traces.jsonl"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(output.stdout, b"");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_json_report_matches_its_documented_shape() {
    let arguments = ["--traces", "traces.jsonl", "--output", "json"];
    let report: Value =
        serde_json::from_str(&successful_stdout(run(&folder_with(TRACES), &arguments))).unwrap();
    let policies = report["policies"].as_array().unwrap();
    let names: Vec<&str> = policies
        .iter()
        .map(|policy| policy["name"].as_str().unwrap())
        .collect();
    for name in [
        "fixed-2s",
        "fixed-5s",
        "google-lro",
        "aws-waiter",
        "azure-lro",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    let fixed = policies
        .iter()
        .find(|policy| policy["name"] == "fixed-2s")
        .unwrap();
    // Polls at 0, 2, ..., 10 s; at 0 and 2 s; at 0, 2, ..., 10 s.
    let expected: Value = serde_json::from_str(
        r#"{"clips":3,"pollsMean":4.666666666666667,"pollsP95":6,"pollsFirst":6,
            "delayMsMean":833.3333333333334,"delayMsP95":1500.0,"delayMsP99":1500.0,
            "delayMsMax":1500.0,"delayShareMean":0.39215686274509803,"delayShareMax":0.0}"#,
    )
    .unwrap();
    assert_eq!(fixed["pooled"], expected);
    assert_eq!(fixed["withProgress"]["clips"], 1);
    assert_eq!(fixed["withoutProgress"]["clips"], 2);
    let families = fixed["families"].as_object().unwrap();
    assert_eq!(families.keys().collect::<Vec<_>>(), ["coarse", "other"]);
    let keys =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(&families["coarse"]), keys(&expected));
    assert_eq!(families["coarse"]["pollsMean"], 4.0);
    assert_eq!(families["other"]["delayMsMean"], 0.0);
}

#[test]
fn the_text_report_is_aligned() {
    let text = successful_stdout(run(&folder_with(TRACES), &["--traces", "traces.jsonl"]));
    assert!(
        text.starts_with(
            "\
pooled, 3 clips
  policy        polls mean    p95  first  delay mean        p95  delay share
"
        ),
        "{text}"
    );
    assert!(
        text.contains(
            "\nother, 1 clip
  policy        polls mean    p95  first  delay mean        p95  delay share
"
        ),
        "{text}"
    );
    assert!(
        text.contains(
            "  fixed-2s             4.7      6      6      0.83 s     1.50 s       39.2 %\n"
        ),
        "{text}"
    );
}

#[test]
fn control_characters_in_names_are_escaped() {
    let folder = folder_with(&TRACES.replace("other", r"\u001b[31m"));
    let text = successful_stdout(run(&folder, &["--traces", "traces.jsonl"]));
    assert!(text.contains("\n\\u{1b}[31m, 1 clip\n"), "{text}");
}

#[test]
fn each_fresh_clip_is_the_first_of_its_client() {
    let adaptive = |flags: &[&str]| -> Value {
        let arguments = [&["--traces", "traces.jsonl", "--output", "json"], flags].concat();
        let folder = folder_with(&TRACES.repeat(20));
        let report = successful_stdout(run(&folder, &arguments));
        let report: Value = serde_json::from_str(&report).unwrap();
        let policies = report["policies"].as_array().unwrap().iter();
        let mut policies = policies.filter(|policy| policy["name"] == "adaptive");
        policies.next().unwrap().clone()
    };
    let (fresh, later) = (adaptive(&["--fresh"]), adaptive(&[]));
    let first = |report: &Value| report["pooled"]["pollsFirst"].as_f64();
    let mean = |report: &Value| report["withProgress"]["pollsMean"].as_f64();
    assert_eq!(first(&fresh), mean(&fresh));
    assert_ne!(first(&later), mean(&later));
    for key in [
        "coverage",
        "belowLower",
        "aboveUpper",
        "widthFactorMean",
        "thirds",
    ] {
        assert!(!fresh["interval"][key].is_null(), "{key}");
    }
}

#[test]
fn the_ablation_compares_each_term_with_all() {
    let folder = folder_with(TRACES);
    let arguments = ["--traces", "traces.jsonl", "--ablation"];
    let text = successful_stdout(run(&folder, &arguments));
    for title in [
        "later clips ",
        "first clips ",
        "  all terms ",
        "  delay-limit ",
    ] {
        assert!(text.contains(title), "{text}");
    }
    let json = successful_stdout(run(
        &folder,
        &[&arguments[..], &["--output", "json"]].concat(),
    ));
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["fresh"][0]["without"], Value::Null);
    assert_eq!(report["later"][1]["without"], "plateau");
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let folder = TempDir::new().unwrap();
    let report =
        |seed: &str| successful_stdout(run(&folder, &["--seed", seed, "--output", "json"]));
    assert_eq!(report("3"), report("3"));
    assert_ne!(report("3"), report("4"));
}

#[test]
fn written_traces_give_the_same_report() {
    let folder = TempDir::new().unwrap();
    let generated = successful_stdout(run(&folder, &["--write-traces", "written.jsonl"]));
    assert_eq!(
        generated,
        successful_stdout(run(&folder, &["--traces", "written.jsonl"]))
    );
}

#[test]
fn jitter_depends_on_the_seed() {
    let traces = TRACES.replace("8500", "850000");
    let folder = folder_with(&traces);
    let report =
        |seed: &str| successful_stdout(run(&folder, &["--traces", "traces.jsonl", "--seed", seed]));
    let changed = |name: &str| {
        let rows = |text: String| -> Vec<String> {
            let rows = text.lines().filter(|line| line.contains(name));
            rows.map(str::to_owned).collect()
        };
        rows(report("1")) != rows(report("2"))
    };
    assert!(changed("aws-waiter"));
    assert!(!changed("fixed-2s"));
}

#[test]
fn the_plot_labels_policies_and_axes() {
    let folder = folder_with(TRACES);
    successful_stdout(run(
        &folder,
        &["--traces", "traces.jsonl", "--plot", "plot.svg"],
    ));
    let svg = fs::read_to_string(folder.path().join("plot.svg")).unwrap();
    for text in [
        "fixed-2s",
        "azure-lro",
        "requests per clip (log scale)",
        "delay per clip in seconds (log scale)",
    ] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn invalid_traces_are_reported_with_location_and_advice() {
    let line = |steps: &str| {
        error_for(&format!(
            "{TRACES}{{\"family\":\"x\",\"steps\":[{steps}]}}\n"
        ))
    };
    for (steps, location, advice) in [
        (
            r#"{"atMs":0,"status":"RENDERING"}"#,
            "line 5: the clip is never done",
            "add a step with the status COMPLETE",
        ),
        ("", "line 5: the clip is never done", "add a step"),
        (
            r#"{"atMs":5},{"atMs":4,"status":"COMPLETE"}"#,
            "line 5: steps[1]: 4 ms is before the previous step at 5 ms",
            "put the steps in order",
        ),
        (
            r#"{"atMs":5,"status":"COMPLETE"},{"atMs":9,"status":"RENDERING"}"#,
            "line 5: steps[1]: the clip continues after it was done",
            "remove the later steps",
        ),
        (
            r#"{"atMs":-1},{"atMs":4,"status":"COMPLETE"}"#,
            "line 5: steps[0]: atMs is -1",
            "give the initial state at 0",
        ),
        (
            r#"{"atMs":1785000000000,"status":"COMPLETE"}"#,
            "line 5: steps[0]: atMs is 1785000000000",
            "count it from the start of the watch",
        ),
        (
            r#"{"atMs":0},{"atMs":"soon"}"#,
            "line 5: steps[1].atMs: invalid type",
            "see --help",
        ),
        (
            r#"{"status":"COMPLETE"}"#,
            "line 5: steps[0]: missing field `atMs`",
            "see --help",
        ),
    ] {
        let error = line(steps);
        assert!(error.starts_with("error: traces.jsonl: "), "{error}");
        assert!(error.contains(location), "{error}");
        assert!(error.contains(advice), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn invalid_json_is_reported_with_line_and_column() {
    let error = error_for(&format!("{TRACES}{{\"family\": nonsense}}\n"));
    assert!(error.contains("line 5: "), "{error}");
    assert!(error.contains("expected ident"), "{error}");
    let error = error_for(&format!("{}x", TRACES.lines().next().unwrap()));
    assert!(error.contains("line 1: column "), "{error}");
    assert!(error.contains("trailing characters"), "{error}");
}

#[test]
fn a_file_without_traces_is_an_error() {
    for empty in ["", "\n \n"] {
        assert!(error_for(empty).contains("no trace found"));
    }
    let output = run(&TempDir::new().unwrap(), &["--traces", "missing.jsonl"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.starts_with("error: missing.jsonl: not readable: "),
        "{error}"
    );
}

#[test]
fn harmless_deviations_are_accepted() {
    let deviating = concat!(
        "\u{feff}",
        r#"{"family":"deviating","clipDurationSec":-3,"more":1,"steps":[{"atMs":0.4,"status":"PAUSED","percent":-7},{"atMs":0,"percent":250.5},{"atMs":2500.2,"status":"DELETED"},{"atMs":9000,"status":"COMPLETE"}]}"#,
        "\r\n",
    );
    let text = successful_stdout(run(&folder_with(deviating), &["--traces", "traces.jsonl"]));
    assert!(
        text.contains("fixed-2s             3.0      3      3      1.50 s"),
        "{text}"
    );
}

#[test]
fn clips_are_watched_together() {
    let lines: Vec<String> = (0..30)
        .map(|clip| {
            let (requested_at, end) = (clip * 900, 20_000 + clip * 170);
            format!(
                r#"{{"family":"any","requestedAtMs":{requested_at},"steps":[{{"atMs":0,"status":"RENDERING","percent":0}},{{"atMs":9000,"status":"RENDERING","percent":50}},{{"atMs":{end},"status":"COMPLETE"}}]}}"#
            )
        })
        .collect();
    let folder = folder_with(&lines.join("\n"));
    let common = ["--traces", "traces.jsonl", "--together"];
    for order in ["newest", "oldest", "random"] {
        let arguments = [&common[..], &["--output", "json", "--order", order]].concat();
        let text = successful_stdout(run(&folder, &arguments));
        assert_eq!(text, successful_stdout(run(&folder, &arguments)));
        let report: Value = serde_json::from_str(&text).unwrap();
        let together = report["together"].as_object().unwrap();
        assert_eq!(together["clips"], 30);
        let count = |key: &str| together[key].as_u64().unwrap();
        let requests = count("listRequests") + count("heartbeatRequests") + count("clipRequests");
        let per_clip = together["requestsPerClip"].as_f64().unwrap();
        assert!((per_clip - requests as f64 / 30.0).abs() < 1e-9 && per_clip < 6.0);
        let delay = |key: &str| together[key].as_f64().unwrap();
        assert!(delay("delayMsMean") <= delay("delayMsMax"));
        assert!(delay("delayMsP95") <= delay("delayMsMax") && delay("delayMsMean") > 0.0);
    }
    let text = successful_stdout(run(&folder, &common));
    assert!(
        text.contains("one by one") && text.contains("x 0.5"),
        "{text}"
    );
}
