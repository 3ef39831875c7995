//! Renders benchmark results as Markdown tables.

use super::results::{Machine, PolicyResult, Results};
use crate::error::Result;

/// Renders the environment, the table of costs and the table of poll policies.
pub(crate) fn render(machine: &Machine, results: &Results) -> Result<String> {
    let costs = [
        row(
            "CPU time per `get_clip`",
            format!(
                "{:.2}× the same call hand-written with `reqwest` and `serde`",
                results.get("call.cpu_ratio")?
            ),
        ),
        row(
            "allocations per `get_clip`",
            format!(
                "{} the hand-written call",
                difference(results.get("call.more_allocations")?)
            ),
        ),
        row(
            "CPU time per download of 1 GiB, verified",
            format!(
                "{:.2}× `curl -o FILE && openssl dgst -sha256 FILE`",
                results.get("download.cpu_ratio")?
            ),
        ),
        row(
            "peak memory of that download",
            format!("{:.0} MiB", results.get("download.peak_mib")?),
        ),
        row(
            "decode time",
            format!(
                "{:.2}× the generator's unmodified strict types",
                results.get("decode.time_ratio")?
            ),
        ),
        row(
            "heap per waiting watch (100,000 watches)",
            format!("{:.0} bytes", results.get("many.waiting_bytes")?),
        ),
        row(
            "start of 100,000 watches",
            format!("{:.0} ms", results.get("many.start_ms")?),
        ),
        row(
            "`watch_all` throughput, concurrency 16",
            format!(
                "{:.2}× a bare request loop with fixed polling, {:.2}× with adaptive",
                results.get("many.fixed_part")?,
                results.get("many.adaptive_part")?
            ),
        ),
        row(
            "`watch_all` throughput, relative to one task per request",
            format!(
                "{:.2}× with fixed polling, {:.2}× with adaptive",
                results.get("many.fixed_part_of_tasks")?,
                results.get("many.adaptive_part_of_tasks")?
            ),
        ),
        row(
            &format!(
                "p99 scheduling delay at {:.0} polls/s",
                results.get("many.late_rate")?
            ),
            format!(
                "{:.0} ms, including the response time",
                results.get("many.late_p99_ms")?
            ),
        ),
    ];
    let policies: String = results.policies().iter().map(policy_row).collect();
    let Machine {
        processor,
        cores,
        system,
        commit,
    } = machine;
    let cores = match cores {
        1 => "1 core".to_owned(),
        cores => format!("{cores} cores"),
    };
    Ok(format!(
        "Measured on {processor}, {cores}, {system}, at commit {commit}.\n\n\
         | measurement | result |\n|---|---|\n{}\n\
         | poll policy | polls per clip | mean delay | p95 delay |\n\
         |---|--:|--:|--:|\n{policies}",
        costs.concat()
    ))
}

fn policy_row(result: &PolicyResult) -> String {
    let PolicyResult { name, pooled } = result;
    let description = match name.as_str() {
        "fixed-2s" => ": every 2 s",
        "fixed-5s" => ": every 5 s",
        "google-lro" => ": default of Google's client libraries",
        "aws-waiter" => ": default of AWS's client libraries",
        "azure-lro" => ": default of Azure's client libraries",
        "adaptive" => ": default of this library",
        _ => "",
    };
    format!(
        "| `{name}`{description} | {:.1} | {:.1} s | {:.1} s |\n",
        pooled.polls_mean,
        pooled.delay_ms_mean / 1000.0,
        pooled.delay_ms_p95 / 1000.0
    )
}

fn row(measurement: &str, result: String) -> String {
    format!("| {measurement} | {result} |\n")
}

fn difference(more: f64) -> String {
    if more < 0.0 {
        format!("{:.0} fewer than", -more)
    } else {
        format!("{more:.0} more than")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_result_has_a_row_and_a_missing_result_is_an_error() {
        let machine = Machine {
            processor: "Some CPU".to_owned(),
            cores: 2,
            system: "Linux 6".to_owned(),
            commit: "0123abc + changes".to_owned(),
        };
        let mut results = Results::default();
        results.add_json(r#"{"decode.time_ratio": 0.984}"#).unwrap();
        let error = render(&machine, &results).unwrap_err().to_string();
        assert!(error.starts_with("call.cpu_ratio: "), "{error}");
        let json = r#"{"call.cpu_ratio": 1.012, "call.more_allocations": -7.0,
            "download.cpu_ratio": 1.12, "download.peak_mib": 14.4, "many.start_ms": 80.4,
            "many.waiting_bytes": 575.0, "many.fixed_part": 0.98, "many.adaptive_part": 0.7,
            "many.fixed_part_of_tasks": 0.91, "many.adaptive_part_of_tasks": 0.6,
            "many.late_rate": 8000.0, "many.late_p99_ms": 7.0}"#;
        results.add_json(json).unwrap();
        let policies = r#"{"policies": [{"name": "adaptive", "description": "", "pooled":
            {"clips": 9, "pollsMean": 7.25, "pollsP95": 9, "delayMsMean": 1500.0, "delayMsP95": 3000.0}}]}"#;
        results.add_policies(policies).unwrap();
        insta::assert_snapshot!(render(&machine, &results).unwrap());
    }
}
