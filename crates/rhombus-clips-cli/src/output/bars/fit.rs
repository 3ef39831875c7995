//! What of a line has room on the terminal. The least important gives way first.

/// How wide the columns of all lines are at their widest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// 0 when there is but one clip.
    pub(super) clip: usize,
    pub(super) status: usize,
    /// The time left with its bounds.
    pub(super) left: usize,
    /// The time left alone.
    pub(super) short_left: usize,
    pub(super) requests: usize,
    pub(super) elapsed: usize,
    pub(super) operation: usize,
}

/// How wide the columns are. What has no room is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) clip: usize,
    pub(super) status: usize,
    pub(super) bar: usize,
    pub(super) left: usize,
    /// Whether the time left has room for its bounds.
    pub(super) with_bounds: bool,
    pub(super) requests: usize,
    pub(super) elapsed: usize,
    pub(super) operation: usize,
}

/// The spinner.
pub(super) const MARK: usize = 1;
/// Up to `100%`.
pub(super) const PERCENT: usize = 4;
/// As much of a clip's identifier as tells it from the others, and an ellipsis.
const SHORT_CLIP: usize = 9;
const USUAL_BAR: usize = 12;
const SHORT_BAR: usize = 8;
const LONGEST_BAR: usize = 30;
/// Less of an operation says nothing.
const SHORT_OPERATION: usize = 10;

impl Fit {
    /// As much as has room in a line of this width.
    pub(super) fn new(wanted: Wanted, width: usize) -> Self {
        let mut fit = Self {
            clip: wanted.clip,
            status: wanted.status,
            bar: USUAL_BAR,
            left: wanted.left,
            with_bounds: true,
            requests: wanted.requests,
            elapsed: wanted.elapsed,
            operation: wanted.operation,
        };
        let concessions: [&dyn Fn(&mut Self); 9] = [
            &|fit| fit.bar = SHORT_BAR,
            &|fit| fit.clip = fit.clip.min(SHORT_CLIP),
            &|fit| fit.operation = fit.operation.min(SHORT_OPERATION),
            &|fit| fit.elapsed = 0,
            &|fit| fit.operation = 0,
            &|fit| fit.requests = 0,
            &|fit| {
                fit.left = wanted.short_left;
                fit.with_bounds = false;
            },
            &|fit| fit.bar = 0,
            &|fit| fit.left = 0,
        ];
        for concede in concessions {
            if fit.width() <= width {
                break;
            }
            concede(&mut fit);
        }
        // What was conceded in one step may leave room.
        let mut spare = width.saturating_sub(fit.width());
        if fit.operation > 0 {
            spare -= grow(&mut fit.operation, wanted.operation, spare);
        }
        if fit.bar > 0 {
            grow(&mut fit.bar, LONGEST_BAR, spare);
        }
        fit
    }

    /// How long a line is, with a space between two columns.
    fn width(&self) -> usize {
        let columns = [
            MARK,
            self.clip,
            self.status,
            self.bar,
            PERCENT,
            self.left,
            self.requests,
            self.elapsed,
            self.operation,
        ];
        let there = columns.iter().filter(|width| **width > 0).count();
        columns.iter().sum::<usize>() + there - 1
    }
}

/// How much of the room was taken.
fn grow(width: &mut usize, wanted: usize, room: usize) -> usize {
    let more = wanted.saturating_sub(*width).min(room);
    *width += more;
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEVERAL: Wanted = Wanted {
        clip: 22,
        status: 10,
        left: 17,
        short_left: 6,
        requests: 6,
        elapsed: 0,
        operation: 16,
    };

    #[test]
    fn nothing_is_left_out_at_80_columns() {
        let fit = Fit::new(SEVERAL, 79);
        assert_eq!(fit.width(), 79);
        assert!(fit.with_bounds && fit.bar >= SHORT_BAR);
        assert_eq!((fit.clip, fit.requests, fit.operation), (9, 6, 16));
        let single = Wanted {
            clip: 0,
            elapsed: 5,
            ..SEVERAL
        };
        let fit = Fit::new(single, 79);
        assert_eq!(
            (fit.left, fit.requests, fit.elapsed, fit.operation),
            (17, 6, 5, 16)
        );
    }

    #[test]
    fn the_identifier_is_whole_where_it_has_room() {
        let fit = Fit::new(SEVERAL, 119);
        assert_eq!((fit.clip, fit.operation, fit.bar), (22, 16, 30));
    }

    #[test]
    fn the_least_important_gives_way() {
        let fit = Fit::new(SEVERAL, 62);
        assert_eq!((fit.operation, fit.requests, fit.left), (0, 6, 17));
        let fit = Fit::new(SEVERAL, 59);
        assert_eq!((fit.requests, fit.left), (0, 17));
        let fit = Fit::new(SEVERAL, 39);
        assert_eq!((fit.requests, fit.bar, fit.with_bounds), (0, 0, false));
        assert_eq!((fit.clip, fit.status, fit.left), (9, 10, 6));
        let fit = Fit::new(SEVERAL, 29);
        assert_eq!((fit.clip, fit.left), (9, 0));
    }

    #[test]
    fn a_line_is_as_long_as_it_may_be_or_as_short_as_it_can_be() {
        let shortest = Fit::new(SEVERAL, 0).width();
        for width in shortest..200 {
            assert!(Fit::new(SEVERAL, width).width() <= width, "{width}");
        }
    }
}
