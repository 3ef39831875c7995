//! What a client does to pace all its watches.

use std::time::Duration;

use rhombus_clips::polling::{Adaptive, Exponential, Fixed, History, PollPolicy, PollState};

/// What a client does to pace all its watches.
pub(crate) trait Policy {
    /// Its name, for people and machines.
    fn name(&self) -> &'static str;

    /// Where it comes from.
    fn description(&self) -> &'static str {
        ""
    }

    /// The poll policy of the client's next watch. What earlier ones learned is the policy's to keep.
    fn watch(&mut self) -> Box<dyn PollPolicy>;
}

/// Every policy that is measured, as a client has them that has watched nothing yet.
pub(crate) fn all() -> Vec<Box<dyn Policy>> {
    let second = Duration::from_secs(1);
    vec![
        Box::new(OfTheProduct(History::new())),
        always(
            "fixed-2s",
            "every 2 s, as Rhombus's React SDK",
            Fixed::new(2 * second),
        ),
        always(
            "fixed-5s",
            "every 5 s, as Rhombus's Python example",
            Fixed::new(5 * second),
        ),
        always(
            "google-lro",
            "1 s to 60 s, doubling, as Google's Rust client for long-running operations",
            Exponential::new(second, 2.0, 60 * second),
        ),
        always(
            "aws-waiter",
            "2 s to 120 s, doubling and random, as the waiters of AWS",
            AwsWaiter::new(2 * second, 120 * second),
        ),
        always(
            "azure-lro",
            "every 30 s, as the pollers of Azure",
            Fixed::new(30 * second),
        ),
    ]
}

/// What a client of the product does unless told otherwise.
struct OfTheProduct(History);

impl Policy for OfTheProduct {
    fn name(&self) -> &'static str {
        "adaptive"
    }

    fn description(&self) -> &'static str {
        "as the progress and the clips before say: the product's own"
    }

    fn watch(&mut self) -> Box<dyn PollPolicy> {
        Box::new(Adaptive::new(&self.0))
    }
}

/// The same poll policy for every watch.
struct Always<P> {
    name: &'static str,
    description: &'static str,
    poll_policy: P,
}

fn always<P: PollPolicy + Clone>(
    name: &'static str,
    description: &'static str,
    poll_policy: P,
) -> Box<dyn Policy> {
    Box::new(Always {
        name,
        description,
        poll_policy,
    })
}

impl<P: PollPolicy + Clone> Policy for Always<P> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn description(&self) -> &'static str {
        self.description
    }

    fn watch(&mut self) -> Box<dyn PollPolicy> {
        Box::new(self.poll_policy.clone())
    }
}

/// A random wait between the shortest and a bound that doubles up to the longest.
#[derive(Clone, Debug)]
struct AwsWaiter {
    shortest: Duration,
    bound: Duration,
    longest: Duration,
}

impl AwsWaiter {
    fn new(shortest: Duration, longest: Duration) -> Self {
        Self {
            shortest,
            bound: shortest,
            longest,
        }
    }
}

impl PollPolicy for AwsWaiter {
    fn next_delay(&mut self, seen: &PollState<'_>) -> Duration {
        let spread = self.bound.saturating_sub(self.shortest);
        self.bound = self.longest.min(self.bound.saturating_mul(2));
        self.shortest + spread.mul_f64(seen.random())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(name: &str, random: f64) -> Vec<u128> {
        let mut policies = all();
        let policy = policies.iter_mut().find(|policy| policy.name() == name);
        let mut poll_policy = policy.unwrap().watch();
        let seen = PollState::new(Duration::ZERO).with_random(random);
        (0..9)
            .map(|_| poll_policy.next_delay(&seen).as_millis())
            .collect()
    }

    #[test]
    fn each_paces_as_its_name_says() {
        assert_eq!(waits("fixed-2s", 0.9), [2_000; 9]);
        assert_eq!(waits("fixed-5s", 0.9), [5_000; 9]);
        assert_eq!(waits("azure-lro", 0.9), [30_000; 9]);
        assert_eq!(
            waits("google-lro", 0.9),
            [1, 2, 4, 8, 16, 32, 60, 60, 60].map(|seconds| seconds * 1_000)
        );
    }

    #[test]
    fn a_waiter_waits_between_the_shortest_and_a_bound_that_doubles() {
        assert_eq!(waits("aws-waiter", 0.0), [2_000; 9]);
        assert_eq!(
            waits("aws-waiter", 0.5),
            [2, 3, 5, 9, 17, 33, 61, 61, 61].map(|seconds| seconds * 1_000)
        );
    }

    #[test]
    fn names_are_fit_for_machines_and_each_is_one() {
        let mut names: Vec<&str> = all().iter().map(|policy| policy.name()).collect();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(
            names.iter().all(|name| name.chars().all(plain)),
            "{names:?}"
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len());
    }
}
