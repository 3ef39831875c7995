//! Columns of text.

use console::{measure_text_width, truncate_str};

/// Rows with their cells below each other, two spaces apart. With a width, no line is longer.
pub(crate) fn aligned<const N: usize>(rows: &[[String; N]], width: Option<usize>) -> String {
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
            line.push_str(&padded(cell, width));
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

/// The text with spaces behind it, as wide as this on a terminal.
pub(crate) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(measure_text_width(text));
    format!("{text}{}", " ".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_below_each_other_however_wide_their_characters() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [
            row(["CLIP", "TITLE", "SIZE"]),
            row(["a", "搬入口", "1"]),
            row(["abcdef", "Tür", ""]),
        ];
        assert_eq!(
            aligned(&rows, None),
            "CLIP    TITLE   SIZE\na       搬入口  1\nabcdef  Tür\n"
        );
        assert_eq!(
            aligned(&rows, Some(12)),
            "CLIP    TIT…\na       搬…\nabcdef  Tür\n"
        );
    }
}
