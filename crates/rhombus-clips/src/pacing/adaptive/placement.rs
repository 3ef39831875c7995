//! Where to place looks on a forecast, if none of them taught anything new.

use super::forecast::Sorted;

/// How many groups of equal weight a forecast is cut into.
const GROUPS: usize = 32;

/// A group of moments: its last, its weight, and the sum of its moments times their weights.
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
/// where weights and moments are sums up to there, and open is 1 - weight. What depends on j alone
/// is computed once.
pub(super) fn first_look(forecast: &Sorted, price: f64, shortest: f64) -> f64 {
    let (groups, count) = groups(forecast);
    let mut ends = [End::default(); GROUPS];
    let (mut weight, mut moment) = (0.0, 0.0);
    for (end, group) in ends.iter_mut().zip(&groups[..count]) {
        end.before = weight;
        end.moment_before = moment;
        weight += group.weight;
        moment += group.moment;
        end.at = group.last.max(shortest);
        end.cost = weight * end.at - moment;
    }
    let mut first = shortest;
    for from in (0..count).rev() {
        let (earlier, later) = ends.split_at_mut(from);
        let Some(now) = later.first() else { break };
        let (mut best, mut best_at) = (f64::INFINITY, first);
        for end in &later[..count - from] {
            let cost = end.cost - now.before * end.at;
            if cost < best {
                (best, best_at) = (cost, end.at);
            }
        }
        first = best_at;
        // To look at the end of the group before costs as much more as is still open then.
        let open = weight - now.before;
        let cost = price + (best + now.moment_before) / open.max(1e-9);
        if let Some(end) = earlier.last_mut() {
            end.cost += open * cost;
        }
    }
    first
}

/// A look at the end of a group.
#[derive(Clone, Copy, Default)]
struct End {
    at: f64,
    /// What such a look costs, as far as it does not depend on the look before.
    cost: f64,
    /// Sums over the groups before.
    before: f64,
    moment_before: f64,
}

/// The groups of a forecast, and how many there are.
fn groups(forecast: &Sorted) -> ([Group; GROUPS], usize) {
    let mut groups = [Group::default(); GROUPS];
    let mut count = 0;
    let mut sum = 0.0;
    // What is before the first group has none.
    let mut begun = usize::MAX;
    for moment in forecast.moments() {
        let (at, weight) = (f64::from(moment.at), f64::from(moment.weight));
        let group = ((sum * GROUPS as f64) as usize).min(GROUPS - 1);
        sum += weight;
        if group != begun {
            begun = group;
            count += 1;
        }
        let group = &mut groups[count - 1];
        group.last = at;
        group.weight += weight;
        group.moment += at * weight;
    }
    (groups, count)
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
