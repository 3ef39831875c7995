//! Aligned columns of text.
//!
//! Widths are those on a terminal, where a character may take two cells.

use console::{measure_text_width, truncate_str};

/// Returns the rows as aligned columns, two spaces apart. A width truncates the lines.
pub(crate) fn align_columns<const N: usize>(rows: &[[String; N]], width: Option<usize>) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = measure_text_width(cell).max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&pad(cell, width));
            line.push_str("  ");
        }
        let line = line.trim_end();
        match width {
            Some(width) => text.push_str(&truncate_str(line, width, "…")),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// Pads a text with trailing spaces to a width on the terminal.
pub(crate) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(measure_text_width(text));
    format!("{text}{}", " ".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_for_wide_characters() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [
            row(["CLIP", "TITLE", "SIZE"]),
            row(["a", "搬入口", "1"]),
            row(["abcdef", "Tür", ""]),
        ];
        assert_eq!(
            align_columns(&rows, None),
            "CLIP    TITLE   SIZE\na       搬入口  1\nabcdef  Tür\n"
        );
        assert_eq!(
            align_columns(&rows, Some(12)),
            "CLIP    TIT…\na       搬…\nabcdef  Tür\n"
        );
    }
}
