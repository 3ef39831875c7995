//! `cargo xtask bench`: runs all benchmarks and updates the two result tables in the README.
//!
//! [`run`] starts the benchmarks one after another, [`results`] collects their output (with [`divan`]
//! as the parser where a benchmark prints no JSON), [`machine`] detects the environment and [`table`]
//! renders Markdown. Generating the tables keeps the README's numbers reproducible: each set of
//! results names its machine and commit.

pub(crate) mod divan;
pub(crate) mod machine;
pub(crate) mod results;
pub(crate) mod run;
pub(crate) mod table;

use std::fs;

use crate::error::{Error, Result};
use crate::workspace;

const OPENING: &str = "<!-- figures -->";
const CLOSING: &str = "<!-- /figures -->";

/// Runs all benchmarks, writes the tables into the README and returns them.
pub(crate) fn bench() -> Result<String> {
    let readme = workspace::root().join("README.md");
    let text = fs::read_to_string(&readme)
        .map_err(|e| Error::new(&readme, format!("not readable: {e}")))?;
    // Fail before the benchmarks, which take minutes.
    replace_table(&text, "").ok_or_else(|| {
        Error::new(
            &readme,
            format!("markers not found; add the lines {OPENING} and {CLOSING}"),
        )
    })?;
    let machine = machine::Machine::detect();
    let results = run::run_all()?;
    let table = table::render(&machine, &results)?;
    let text = replace_table(&text, &table).unwrap_or(text);
    fs::write(&readme, text).map_err(|e| Error::new(&readme, format!("not writable: {e}")))?;
    Ok(table)
}

/// Replaces the table between the markers; returns `None` if a marker is missing.
pub(crate) fn replace_table(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(OPENING)?;
    let (_, after) = rest.split_once(CLOSING)?;
    Some(format!("{before}{OPENING}\n{table}{CLOSING}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_between_the_markers_is_replaced() {
        let text = "a\n<!-- figures -->\nold\n<!-- /figures -->\nb\n";
        let updated = replace_table(text, "new\n").unwrap();
        assert_eq!(updated, "a\n<!-- figures -->\nnew\n<!-- /figures -->\nb\n");
        assert_eq!(replace_table("a\nb\n", "new\n"), None);
    }
}
