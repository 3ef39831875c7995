//! The table of all cases.

use std::io::{self, Write as _};

use crate::row::Row;

/// Prints all rows and the counts, and says how many rows have a flaw.
///
/// It writes past the test harness, which would keep what a test prints until it fails.
pub fn print(rows: &[Row]) -> usize {
    let width = |text: fn(&Row) -> usize| rows.iter().map(text).max().unwrap_or_default();
    let fault = width(|row| row.fault.chars().count());
    let form = width(|row| row.form.chars().count());
    let outcome = width(|row| row.outcome.to_string().len());
    let mut out = String::new();
    let mut line = |cells: [&str; 6]| {
        let [a, b, c, d, e, f] = cells;
        let text = format!("{a:fault$}  {b:form$}  {c:8}  {d:outcome$}  {e:>5}  {f}");
        out.push_str(text.trim_end());
        out.push('\n');
    };
    line(["fault", "form", "asked by", "outcome", "tries", "verdict"]);
    for row in rows {
        let verdict = match row.flaws.as_slice() {
            [] => "ok".to_owned(),
            flaws => format!("NOT OK: {}", flaws.join("; ")),
        };
        line([
            &row.fault,
            &row.form,
            &row.way.to_string(),
            &row.outcome.to_string(),
            &row.tries.to_string(),
            &verdict,
        ]);
    }
    let flawed = rows.iter().filter(|row| !row.flaws.is_empty()).count();
    let ok = rows.len() - flawed;
    out.push_str(&format!("{} cases: {ok} ok, {flawed} not ok\n", rows.len()));
    let mut stdout = io::stdout().lock();
    stdout.write_all(b"\n").unwrap();
    stdout.write_all(out.as_bytes()).unwrap();
    flawed
}
