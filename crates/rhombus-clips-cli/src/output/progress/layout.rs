//! The column layout of the progress display.
//!
//! A fixed order of concessions decides which columns shrink or disappear on a narrow terminal,
//! least important first. All lines share one layout.

/// Widths at which no column is truncated, for all lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DesiredWidths {
    /// 0 when only one clip is watched.
    pub(super) uuid: usize,
    pub(super) status: usize,
    /// Remaining time with its interval.
    pub(super) remaining: usize,
    /// Remaining time without its interval.
    pub(super) short_remaining: usize,
    pub(super) requests: usize,
    pub(super) elapsed: usize,
    pub(super) operation: usize,
}

/// Column widths in use. A hidden column has width 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) uuid: usize,
    pub(super) status: usize,
    pub(super) bar: usize,
    pub(super) remaining: usize,
    /// Whether the remaining time is shown with its interval.
    pub(super) has_interval: bool,
    pub(super) requests: usize,
    pub(super) elapsed: usize,
    pub(super) operation: usize,
}

/// Width of the spinner or the symbol of an outcome.
pub(super) const MARKER_WIDTH: usize = 1;
/// Width of a percentage up to `100%`.
pub(super) const PERCENT_WIDTH: usize = 4;

// Widths in columns. Chosen: so that a line of 80 columns has all of its columns, not tuned.
/// Width of a truncated UUID: enough characters to be unique in practice, and an ellipsis.
const SHORT_UUID_WIDTH: usize = 9;
const DEFAULT_BAR_WIDTH: usize = 12;
const MIN_BAR_WIDTH: usize = 8;
const MAX_BAR_WIDTH: usize = 30;
/// Minimum width of a truncated operation; a shorter excerpt is not useful.
const MIN_OPERATION_WIDTH: usize = 10;

impl Layout {
    /// Computes the layout of a line of this width.
    pub(super) fn new(desired: DesiredWidths, line_width: usize) -> Self {
        let mut layout = Self {
            uuid: desired.uuid,
            status: desired.status,
            bar: DEFAULT_BAR_WIDTH,
            remaining: desired.remaining,
            has_interval: true,
            requests: desired.requests,
            elapsed: desired.elapsed,
            operation: desired.operation,
        };
        let concessions: [&dyn Fn(&mut Self); 9] = [
            &|layout| layout.bar = MIN_BAR_WIDTH,
            &|layout| layout.uuid = layout.uuid.min(SHORT_UUID_WIDTH),
            &|layout| layout.operation = layout.operation.min(MIN_OPERATION_WIDTH),
            &|layout| layout.elapsed = 0,
            &|layout| layout.operation = 0,
            &|layout| layout.requests = 0,
            &|layout| {
                layout.remaining = desired.short_remaining;
                layout.has_interval = false;
            },
            &|layout| layout.bar = 0,
            &|layout| layout.remaining = 0,
        ];
        for concede in concessions {
            if layout.width() <= line_width {
                break;
            }
            concede(&mut layout);
        }
        // The last concession may have freed more than was needed.
        let mut spare = line_width.saturating_sub(layout.width());
        if layout.operation > 0 {
            spare -= grow(&mut layout.operation, desired.operation, spare);
        }
        if layout.bar > 0 {
            grow(&mut layout.bar, MAX_BAR_WIDTH, spare);
        }
        layout
    }

    /// Returns the width of a line, with a space between columns.
    fn width(&self) -> usize {
        let columns = [
            MARKER_WIDTH,
            self.uuid,
            self.status,
            self.bar,
            PERCENT_WIDTH,
            self.remaining,
            self.requests,
            self.elapsed,
            self.operation,
        ];
        let visible = columns.iter().filter(|width| **width > 0).count();
        columns.iter().sum::<usize>() + visible - 1
    }
}

/// Grows a column towards its desired width and returns the width that was used up.
fn grow(width: &mut usize, desired: usize, spare: usize) -> usize {
    let growth = desired.saturating_sub(*width).min(spare);
    *width += growth;
    growth
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEVERAL: DesiredWidths = DesiredWidths {
        uuid: 22,
        status: 10,
        remaining: 17,
        short_remaining: 6,
        requests: 6,
        elapsed: 0,
        operation: 16,
    };

    #[test]
    fn all_columns_are_visible_at_80_columns() {
        let layout = Layout::new(SEVERAL, 79);
        assert_eq!(layout.width(), 79);
        assert!(layout.has_interval && layout.bar >= MIN_BAR_WIDTH);
        assert_eq!((layout.uuid, layout.requests, layout.operation), (9, 6, 16));
        let single = DesiredWidths {
            uuid: 0,
            elapsed: 5,
            ..SEVERAL
        };
        let layout = Layout::new(single, 79);
        assert_eq!(
            (
                layout.remaining,
                layout.requests,
                layout.elapsed,
                layout.operation
            ),
            (17, 6, 5, 16)
        );
    }

    #[test]
    fn the_entire_uuid_is_visible_on_a_wide_terminal() {
        let layout = Layout::new(SEVERAL, 119);
        assert_eq!((layout.uuid, layout.operation, layout.bar), (22, 16, 30));
    }

    #[test]
    fn less_important_columns_are_hidden_first() {
        let layout = Layout::new(SEVERAL, 62);
        assert_eq!(
            (layout.operation, layout.requests, layout.remaining),
            (0, 6, 17)
        );
        let layout = Layout::new(SEVERAL, 59);
        assert_eq!((layout.requests, layout.remaining), (0, 17));
        let layout = Layout::new(SEVERAL, 39);
        assert_eq!(
            (layout.requests, layout.bar, layout.has_interval),
            (0, 0, false)
        );
        assert_eq!((layout.uuid, layout.status, layout.remaining), (9, 10, 6));
        let layout = Layout::new(SEVERAL, 29);
        assert_eq!((layout.uuid, layout.remaining), (9, 0));
    }

    #[test]
    fn lines_never_exceed_the_width() {
        let shortest = Layout::new(SEVERAL, 0).width();
        for width in shortest..200 {
            assert!(Layout::new(SEVERAL, width).width() <= width, "{width}");
        }
    }
}
