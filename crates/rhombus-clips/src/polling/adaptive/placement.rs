//! Where to place looks on a forecast, if none of them taught anything new.

use super::forecast::Sorted;

/// How many groups of equal weight a forecast is cut into.
const GROUPS: usize = 32;

/// A group of moments: its last, and the sums of the weights and of the moments times their weights
/// up to there.
#[derive(Clone, Copy, Default)]
struct Group {
    last: f64,
    weight: f64,
    moment: f64,
}

/// When to look first, in seconds from now, so that all looks until the one that sees the clip
/// done cost least: `price` for each, and every second of delay one.
///
/// A dynamic program over the forecast. With `cost(i)` what is still to be paid after a look at
/// moment i that saw nothing new, the best next look j minimizes the price, the delays of all that
/// is done between i and j, and `cost(j)` if it is not done by j:
///
/// ```text
/// cost(i) = price + min over j > i of (delays(i, j) + open(j) * cost(j)) / open(i)
/// delays(i, j) = (weight(j) - weight(i)) * at(j) - (moment(j) - moment(i))
/// ```
///
/// where weights and moments are sums up to there, and open is 1 - weight. All that depends on both
/// i and j is `-weight(i) * at(j)`: each j is a line over the weight before, and the least of all
/// lines is their lower envelope.
pub(super) fn first_look(forecast: &Sorted, price: f64, shortest: f64) -> f64 {
    let (groups, count) = groups(forecast);
    let groups = &groups[..count];
    let whole = groups.last().map_or(0.0, |group| group.weight);
    let mut looks = LowerEnvelope::default();
    let (mut first, mut after) = (shortest, 0.0);
    for (index, group) in groups.iter().enumerate().rev() {
        let at = group.last.max(shortest);
        looks.add(Line {
            slope: -at,
            height: group.weight * at - group.moment + after,
        });
        let before = match index {
            0 => Group::default(),
            _ => groups[index - 1],
        };
        let best = looks.least_at(before.weight);
        first = -best.slope;
        // What whoever looked at the end of the group before still has to pay.
        after = (whole - before.weight) * price + best.at(before.weight) + before.moment;
    }
    first
}

/// The groups of a forecast, and how many there are.
fn groups(forecast: &Sorted) -> ([Group; GROUPS], usize) {
    let mut groups = [Group::default(); GROUPS];
    let mut count = 0;
    let mut sums = Group::default();
    // The weight at which the next group begins.
    let mut next = 0.0;
    for moment in forecast.moments() {
        let (at, weight) = (f64::from(moment.at), f64::from(moment.weight));
        if sums.weight >= next && count < GROUPS {
            count += 1;
            next = ((sums.weight * GROUPS as f64) as u32 + 1) as f64 / GROUPS as f64;
        }
        sums = Group {
            last: at,
            weight: sums.weight + weight,
            moment: sums.moment + at * weight,
        };
        groups[count - 1] = sums;
    }
    (groups, count)
}

/// The least of many lines at each place. They are added from the steepest fall to the flattest,
/// and asked about from the right to the left, so that each is looked at but a few times.
#[derive(Default)]
struct LowerEnvelope {
    lines: [Line; GROUPS],
    /// Those before are not the least any more.
    first: usize,
    end: usize,
}

#[derive(Clone, Copy, Default)]
struct Line {
    slope: f64,
    height: f64,
}

impl Line {
    fn at(self, place: f64) -> f64 {
        self.slope * place + self.height
    }

    /// Whether it is nowhere below both of its neighbours, a steeper and a flatter line.
    fn is_above(self, steeper: Self, flatter: Self) -> bool {
        (steeper.height - self.height) * (flatter.slope - self.slope)
            <= (self.height - flatter.height) * (self.slope - steeper.slope)
    }
}

impl LowerEnvelope {
    fn add(&mut self, line: Line) {
        while let [.., steeper, last] = self.lines[self.first..self.end]
            && last.is_above(steeper, line)
        {
            self.end -= 1;
        }
        self.lines[self.end] = line;
        self.end += 1;
    }

    fn least_at(&mut self, place: f64) -> Line {
        while let [least, next, ..] = self.lines[self.first..self.end]
            && next.at(place) <= least.at(place)
        {
            self.first += 1;
        }
        self.lines[self.first]
    }
}

#[cfg(test)]
mod tests {
    use super::super::forecast::{Forecast, Guess};
    use super::*;

    fn first(median: f64, variance: f64, price: f64) -> f64 {
        let guess = Guess { median, variance };
        let forecast = Forecast::of(guess, 0.0, 99).sorted();
        first_look(&forecast, price, 0.25)
    }

    #[test]
    fn one_look_is_enough_for_what_is_certain() {
        let at = first(30.0, 0.0001, 0.5);
        assert!(at > 30.0 && at < 31.5, "{at}");
    }

    #[test]
    fn nobody_looks_before_there_is_a_chance() {
        let at = first(600.0, 0.01, 0.5);
        assert!(at > 350.0 && at < 600.0, "{at}");
    }

    #[test]
    fn dearer_looks_are_rarer() {
        assert!(first(60.0, 1.0, 4.0) > first(60.0, 1.0, 0.25));
    }

    /// What all lines say, tried one by one.
    #[test]
    fn the_envelope_is_the_least_of_all_lines() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..500 {
            let mut slopes: Vec<f64> = (0..GROUPS).map(|_| -random.f64()).collect();
            slopes[GROUPS / 2] = slopes[0];
            slopes.sort_by(f64::total_cmp);
            let (mut lines, mut envelope) = (Vec::new(), LowerEnvelope::default());
            let mut place = 1.0;
            for slope in slopes {
                let height = random.f64();
                lines.push(Line { slope, height });
                envelope.add(Line { slope, height });
                place -= random.f64() / 16.0;
                let all = lines.iter().map(|line| line.at(place));
                let least = all.fold(f64::INFINITY, f64::min);
                assert!((envelope.least_at(place).at(place) - least).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn nothing_to_wait_for_is_looked_for_at_once() {
        let forecast = Forecast::default().sorted();
        assert_eq!(first_look(&forecast, 0.5, 0.25), 0.25);
    }
}
