//! Where to place looks on a forecast, if none of them taught anything new.

use super::forecast::Sorted;

/// How many groups of equal weight a forecast is cut into.
const GROUPS: usize = 32;

/// A group of moments: its last, its weight, and the sum of its moments times their weights.
#[derive(Clone, Copy)]
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
/// is done between i and j, and `cost(j)` if it is not done by j.
pub(super) fn first_look(forecast: &Sorted, price: f64, shortest: f64) -> f64 {
    let groups = groups(forecast);
    let count = groups.len();
    // Sums over all groups before each.
    let mut weights = vec![0.0; count + 1];
    let mut moments = vec![0.0; count + 1];
    for (index, group) in groups.iter().enumerate() {
        weights[index + 1] = weights[index] + group.weight;
        moments[index + 1] = moments[index] + group.moment;
    }
    let mut costs = vec![0.0; count + 1];
    let mut first = shortest;
    for from in (0..count).rev() {
        let open = (weights[count] - weights[from]).max(1e-9);
        let mut best = f64::INFINITY;
        for to in from + 1..=count {
            let at = groups[to - 1].last.max(shortest);
            let delays = (weights[to] - weights[from]) * at - (moments[to] - moments[from]);
            let still_open = weights[count] - weights[to];
            let cost = price + (delays + still_open * costs[to]) / open;
            if cost < best {
                best = cost;
                if from == 0 {
                    first = at;
                }
            }
        }
        costs[from] = best;
    }
    first
}

fn groups(forecast: &Sorted) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::with_capacity(GROUPS + 1);
    let mut begun = usize::MAX;
    let mut sum = 0.0;
    for &(at, weight) in forecast.moments() {
        let group = (sum * GROUPS as f64) as usize;
        sum += weight;
        match groups.last_mut() {
            Some(last) if group == begun => {
                last.last = at;
                last.weight += weight;
                last.moment += at * weight;
            }
            _ => {
                begun = group;
                groups.push(Group {
                    last: at,
                    weight,
                    moment: at * weight,
                });
            }
        }
    }
    groups
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

    #[test]
    fn nothing_to_wait_for_is_looked_for_at_once() {
        let forecast = Forecast::default().sorted();
        assert_eq!(first_look(&forecast, 0.5, 0.25), 0.25);
    }
}
