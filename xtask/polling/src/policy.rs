//! Client policies: the poll policies that are compared with each other.
//!
//! Besides the library's own, these are the schedules of other clients, so that the report is a
//! comparison. It must not know about traces.

use std::time::Duration;

use rhombus_clips::polling::{Adaptive, Exponential, Fixed, History, PollPolicy, PollState, Term};

/// Poll policy of all watches of one client.
pub(crate) trait ClientPolicy {
    /// Returns the name: lower-case letters, digits and hyphens.
    fn name(&self) -> &'static str;

    /// Returns a description for display, with the origin of the policy.
    fn description(&self) -> &'static str {
        ""
    }

    /// Returns the poll policy of the client's next watch, which may use what earlier ones learned.
    fn poll_policy(&mut self) -> Box<dyn PollPolicy>;
}

/// Returns all measured policies, of a client without history.
pub(crate) fn all() -> Vec<Box<dyn ClientPolicy>> {
    let second = Duration::from_secs(1);
    vec![
        adaptive_without(None),
        stateless(
            "fixed-2s",
            "every 2 s, like Rhombus's React SDK",
            Fixed::new(2 * second),
        ),
        stateless(
            "fixed-5s",
            "every 5 s, like Rhombus's Python example",
            Fixed::new(5 * second),
        ),
        stateless(
            "google-lro",
            "1 s to 60 s, doubling, like Google's Rust client for long-running operations",
            Exponential::new(second, 2.0, 60 * second),
        ),
        stateless(
            "aws-waiter",
            "2 s to 120 s, doubling, with jitter, like AWS waiters",
            AwsWaiter::new(2 * second, 120 * second),
        ),
        stateless(
            "azure-lro",
            "every 30 s, like Azure pollers",
            Fixed::new(30 * second),
        ),
    ]
}

/// Returns the default policy of the library, without this term of its model.
pub(crate) fn adaptive_without(term: Option<Term>) -> Box<dyn ClientPolicy> {
    Box::new(AdaptivePolicy {
        history: History::new(),
        without: term,
    })
}

/// Default policy of the library.
struct AdaptivePolicy {
    history: History,
    without: Option<Term>,
}

impl ClientPolicy for AdaptivePolicy {
    fn name(&self) -> &'static str {
        "adaptive"
    }

    fn description(&self) -> &'static str {
        "scheduled by forecast, the default of this library"
    }

    fn poll_policy(&mut self) -> Box<dyn PollPolicy> {
        let policy = Adaptive::new(&self.history);
        Box::new(match self.without {
            Some(term) => policy.without(term),
            None => policy,
        })
    }
}

/// Policy that starts each watch with the same poll policy, so that nothing is learned.
struct Stateless<P> {
    name: &'static str,
    description: &'static str,
    poll_policy: P,
}

fn stateless<P: PollPolicy + Clone>(
    name: &'static str,
    description: &'static str,
    poll_policy: P,
) -> Box<dyn ClientPolicy> {
    Box::new(Stateless {
        name,
        description,
        poll_policy,
    })
}

impl<P: PollPolicy + Clone> ClientPolicy for Stateless<P> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn description(&self) -> &'static str {
        self.description
    }

    fn poll_policy(&mut self) -> Box<dyn PollPolicy> {
        Box::new(self.poll_policy.clone())
    }
}

/// Random delay between a minimum and a bound that doubles up to a maximum.
#[derive(Clone, Debug)]
struct AwsWaiter {
    min: Duration,
    bound: Duration,
    max: Duration,
}

impl AwsWaiter {
    fn new(min: Duration, max: Duration) -> Self {
        Self {
            min,
            bound: min,
            max,
        }
    }
}

impl PollPolicy for AwsWaiter {
    fn next_delay(&mut self, state: &PollState<'_>) -> Duration {
        let spread = self.bound.saturating_sub(self.min);
        self.bound = self.max.min(self.bound.saturating_mul(2));
        self.min + spread.mul_f64(state.random())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(name: &str, random: f64) -> Vec<u128> {
        let mut policies = all();
        let policy = policies.iter_mut().find(|policy| policy.name() == name);
        let mut poll_policy = policy.unwrap().poll_policy();
        let state = PollState::new(Duration::ZERO).with_random(random);
        (0..9)
            .map(|_| poll_policy.next_delay(&state).as_millis())
            .collect()
    }

    #[test]
    fn delays_match_the_policy_names() {
        assert_eq!(delays("fixed-2s", 0.9), [2_000; 9]);
        assert_eq!(delays("fixed-5s", 0.9), [5_000; 9]);
        assert_eq!(delays("azure-lro", 0.9), [30_000; 9]);
        assert_eq!(
            delays("google-lro", 0.9),
            [1, 2, 4, 8, 16, 32, 60, 60, 60].map(|seconds| seconds * 1_000)
        );
    }

    #[test]
    fn the_aws_waiter_draws_between_the_minimum_and_a_doubling_bound() {
        assert_eq!(delays("aws-waiter", 0.0), [2_000; 9]);
        assert_eq!(
            delays("aws-waiter", 0.5),
            [2, 3, 5, 9, 17, 33, 61, 61, 61].map(|seconds| seconds * 1_000)
        );
    }

    #[test]
    fn names_are_unique_identifiers() {
        let mut names: Vec<&str> = all().iter().map(|policy| policy.name()).collect();
        let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(
            names.iter().all(|name| name.chars().all(is_allowed)),
            "{names:?}"
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len());
    }
}
