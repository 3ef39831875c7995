//! `cargo xtask bench`: what the benchmarks measure, as the two tables that the README quotes.
//!
//! [`run`] runs them one after the other, [`figures`] takes in what they print ([`divan`] what is
//! printed for people alone), [`machine`] says where that was, and [`table`] writes it down.

pub(crate) mod divan;
pub(crate) mod figures;
pub(crate) mod machine;
pub(crate) mod run;
pub(crate) mod table;

use std::fs;

use crate::error::{Error, Result};
use crate::workspace;

const OPENING: &str = "<!-- figures -->\n";
const CLOSING: &str = "<!-- /figures -->";

/// Measures everything, writes the tables into the README, and gives them back.
pub(crate) fn bench() -> Result<String> {
    let readme = workspace::root().join("README.md");
    let text = fs::read_to_string(&readme)
        .map_err(|e| Error::new(&readme, format!("not readable: {e}")))?;
    // Before minutes go by for nothing.
    quoting(&text, "").ok_or_else(|| {
        Error::new(
            &readme,
            format!("no place for the figures: it needs the lines {OPENING} and {CLOSING}"),
        )
    })?;
    let machine = machine::Machine::of_this_one();
    let figures = run::figures()?;
    let table = table::table(&machine, &figures)?;
    let text = quoting(&text, &table).unwrap_or(text);
    fs::write(&readme, text).map_err(|e| Error::new(&readme, format!("not writable: {e}")))?;
    Ok(table)
}

/// The text with another table between the markers; `None` where there are none.
pub(crate) fn quoting(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(OPENING)?;
    let (_, after) = rest.split_once(CLOSING)?;
    Some(format!("{before}{OPENING}{table}{CLOSING}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_the_place_of_the_one_before() {
        let text = "a\n<!-- figures -->\nold\n<!-- /figures -->\nb\n";
        let quoted = quoting(text, "new\n").unwrap();
        assert_eq!(quoted, "a\n<!-- figures -->\nnew\n<!-- /figures -->\nb\n");
        assert_eq!(quoting("a\nb\n", "new\n"), None);
    }
}
