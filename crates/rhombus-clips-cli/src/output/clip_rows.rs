//! Clips as rows that are written one by one, before the next ones are known.
//!
//! The columns have fixed widths, because later rows must not change those that are written.

use console::truncate_str;

use super::clip_view::Details;
use super::table::{format_cell, format_length, format_size};
use crate::text::{format_utc, pad};

/// Widths of the columns before the title. Chosen: the longest values that are known, such as
/// `INITIATING` and `1023.99 MiB`.
const WIDTHS: [usize; 6] = [22, 10, 4, 23, 8, 11];

const HEADER: [&str; 7] = ["CLIP", "STATUS", "%", "RECORDED", "LENGTH", "SIZE", "TITLE"];

/// Formats the header.
pub(crate) fn format_header(width: Option<usize>) -> String {
    format_columns(&HEADER.map(str::to_owned), width)
}

/// Formats the row of a clip. A width truncates it.
pub(crate) fn format_row(details: &Details, width: Option<usize>) -> String {
    let percent = details
        .percent_complete
        .map(|percent| format!("{percent}%"));
    let length = details
        .duration_sec
        .map(|seconds| format_length(seconds).to_string());
    let cells = [
        details.clip_uuid.to_string(),
        format_cell(details.status.as_deref()),
        format_cell(percent.as_deref()),
        format_cell(details.recorded_at_ms.map(format_utc).as_deref()),
        format_cell(length.as_deref()),
        format_size(details.byte_count),
        format_cell(details.title.as_deref()),
    ];
    format_columns(&cells, width)
}

fn format_columns(cells: &[String; 7], width: Option<usize>) -> String {
    let [columns @ .., title] = cells;
    let mut line = String::new();
    for (cell, width) in columns.iter().zip(WIDTHS) {
        line.push_str(&pad(cell, width));
        line.push_str("  ");
    }
    line.push_str(title);
    let line = match width {
        Some(width) => truncate_str(&line, width, "…"),
        None => line.into(),
    };
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhombus_clips::ClipUuid;

    #[test]
    fn rows_are_aligned_with_their_header() {
        let details = Details {
            status: Some("RENDERING".to_owned()),
            percent_complete: Some(45),
            recorded_at_ms: Some(0),
            duration_sec: Some(65),
            byte_count: Some(1_572_864),
            title: Some("Dock\u{1b}: delivery".to_owned()),
            ..Details::empty(ClipUuid::from_bytes([0; 16]))
        };
        let empty = Details::empty(ClipUuid::from_bytes([1; 16]));
        let rows = [
            format_header(None),
            format_row(&details, None),
            format_row(&empty, None),
        ];
        assert_eq!(
            rows.concat(),
            "\
CLIP                    STATUS      %     RECORDED                 LENGTH    SIZE         TITLE
AAAAAAAAAAAAAAAAAAAAAA  RENDERING   45%   1970-01-01 00:00:00 UTC  00:01:05  1.50 MiB     Dock\u{fffd}: delivery
AQEBAQEBAQEBAQEBAQEBAQ  -           -     -                        -         -            -
"
        );
        assert_eq!(format_row(&empty, Some(24)), "AQEBAQEBAQEBAQEBAQEBAQ …\n");
    }
}
