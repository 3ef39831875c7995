//! The figures as tables.

use super::figures::{Figures, PollPolicy};
use super::machine::Machine;
use crate::error::Result;

/// A table of costs and one of policies, and above them where that was measured.
pub(crate) fn table(machine: &Machine, figures: &Figures) -> Result<String> {
    let costs = [
        row(
            "processor time of one look-up",
            format!(
                "{:.2} of the same call written by hand with `reqwest` and `serde`",
                figures.of("call.cpu_ratio")?
            ),
        ),
        row(
            "allocations of one look-up",
            format!(
                "{} the same call written by hand",
                signed(figures.of("call.more_allocations")?)
            ),
        ),
        row(
            "time to decode an answer",
            format!(
                "{:.2} of the strict type that the generator makes untouched",
                figures.of("decode.time_ratio")?
            ),
        ),
        row(
            "heap of a watch that waits, of 100,000",
            format!("{:.0} bytes", figures.of("many.waiting_bytes")?),
        ),
        row(
            "start of 100,000 watches",
            format!("{:.0} ms", figures.of("many.start_ms")?),
        ),
        row(
            "requests in a second by `watch_all`, 16 at once",
            format!(
                "{:.2} of a bare loop of requests with fixed polling, {:.2} with adaptive",
                figures.of("many.fixed_part")?,
                figures.of("many.adaptive_part")?
            ),
        ),
        row(
            "the same beside a loop with a task for each request",
            format!(
                "{:.2} with fixed polling, {:.2} with adaptive",
                figures.of("many.fixed_part_of_tasks")?,
                figures.of("many.adaptive_part_of_tasks")?
            ),
        ),
        row(
            &format!(
                "lateness of 99 of 100 looks, at {:.0} in a second",
                figures.of("many.late_rate")?
            ),
            format!(
                "{:.0} ms at most, with the time that an answer takes",
                figures.of("many.late_p99_ms")?
            ),
        ),
    ];
    let policies: String = figures.policies().iter().map(policy_row).collect();
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
         | what | figure |\n|---|---|\n{}\n\
         | poll policy | looks for a clip | mean delay | 95 of 100 within |\n\
         |---|--:|--:|--:|\n{policies}",
        costs.concat()
    ))
}

fn policy_row(poll_policy: &PollPolicy) -> String {
    let PollPolicy { name, pooled } = poll_policy;
    let whose = match name.as_str() {
        "fixed-2s" => ": a look every 2 s",
        "fixed-5s" => ": a look every 5 s",
        "google-lro" => ": the default of Google's libraries",
        "aws-waiter" => ": the default of AWS's libraries",
        "azure-lro" => ": the default of Azure's libraries",
        "adaptive" => ": this library's own",
        _ => "",
    };
    format!(
        "| `{name}`{whose} | {:.1} | {:.1} s | {:.1} s |\n",
        pooled.polls_mean,
        pooled.delay_ms_mean / 1000.0,
        pooled.delay_ms_p95 / 1000.0
    )
}

fn row(what: &str, figure: String) -> String {
    format!("| {what} | {figure} |\n")
}

fn signed(more: f64) -> String {
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
    fn every_figure_has_its_row_and_a_missing_one_is_named() {
        let machine = Machine {
            processor: "Some CPU".to_owned(),
            cores: 2,
            system: "Linux 6".to_owned(),
            commit: "0123abc + changes".to_owned(),
        };
        let mut figures = Figures::default();
        figures.add("decode.time_ratio", 0.984);
        let error = table(&machine, &figures).unwrap_err().to_string();
        assert!(error.starts_with("call.cpu_ratio: "), "{error}");
        let json = r#"{"call.cpu_ratio": 1.012, "call.more_allocations": -7.0, "many.start_ms": 80.4,
            "many.waiting_bytes": 575.0, "many.fixed_part": 0.98, "many.adaptive_part": 0.7,
            "many.fixed_part_of_tasks": 0.91, "many.adaptive_part_of_tasks": 0.6,
            "many.late_rate": 8000.0, "many.late_p99_ms": 7.0}"#;
        figures.add_json(json).unwrap();
        let policies = r#"{"policies": [{"name": "adaptive", "description": "", "pooled":
            {"clips": 9, "pollsMean": 7.25, "pollsP95": 9, "delayMsMean": 1500.0, "delayMsP95": 3000.0}}]}"#;
        figures.add_policies(policies).unwrap();
        insta::assert_snapshot!(table(&machine, &figures).unwrap());
    }
}
