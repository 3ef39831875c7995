//! Prints the result table.

use std::io::{self, Write as _};

use crate::catalogue::Protocol;
use crate::row::Row;

/// Prints all rows and a total, and returns the number of failed rows.
///
/// The table is written to the process's standard output directly: the test harness would capture
/// `println!` and discard it if the test passes.
pub fn print(rows: &[Row]) -> usize {
    let width = |text: fn(&Row) -> usize| rows.iter().map(text).max().unwrap_or_default();
    let fault = width(|row| row.fault.chars().count());
    let occurrence = width(|row| row.occurrence.chars().count());
    let outcome = width(|row| row.outcome.to_string().len());
    let mut out = String::new();
    let mut line = |cells: [&str; 7]| {
        let [a, p, b, c, d, e, f] = cells;
        let text = format!("{a:fault$}  {p:8}  {b:occurrence$}  {c:6}  {d:outcome$}  {e:>8}  {f}");
        out.push_str(text.trim_end());
        out.push('\n');
    };
    line([
        "fault", "protocol", "affected", "call", "outcome", "requests", "result",
    ]);
    for row in rows {
        let result = match row.violations.as_slice() {
            [] => "ok".to_owned(),
            violations => format!("FAILED: {}", violations.join("; ")),
        };
        line([
            &row.fault,
            &row.protocol.to_string(),
            &row.occurrence,
            &row.entry_point.to_string(),
            &row.outcome.to_string(),
            &row.requests.to_string(),
            &result,
        ]);
    }
    let mut total = |name: &str, rows: &[&Row]| {
        let failed = rows.iter().filter(|row| !row.violations.is_empty()).count();
        let (all, ok) = (rows.len(), rows.len() - failed);
        out.push_str(&format!("{name}{all} cases: {ok} ok, {failed} failed\n"));
        failed
    };
    for protocol in Protocol::ALL {
        let rows = rows.iter().filter(|row| row.protocol == protocol);
        total(&format!("{protocol}: "), &rows.collect::<Vec<_>>());
    }
    let failed = total("", &rows.iter().collect::<Vec<_>>());
    let mut stdout = io::stdout().lock();
    stdout.write_all(b"\n").unwrap();
    stdout.write_all(out.as_bytes()).unwrap();
    failed
}
