//! What a client does to pace all its watches.

use std::time::Duration;

use rhombus_clips::pacing::{Exponential, Fixed, Observation, Pacing};

/// What a client does to pace all its watches.
pub(crate) trait Policy {
    /// Its name, for people and machines.
    fn name(&self) -> &'static str;

    /// Where it comes from.
    fn description(&self) -> &'static str {
        ""
    }

    /// The pacing of the client's next watch. What earlier ones learned is the policy's to keep.
    fn watch(&mut self) -> Box<dyn Pacing>;
}

/// Every policy that is measured, as a client has them that has watched nothing yet.
pub(crate) fn all() -> Vec<Box<dyn Policy>> {
    let second = Duration::from_secs(1);
    vec![
        // ADAPTIVE: the product's own policy goes here, with a history that its watches share.
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
            "1 s to 60 s, doubling, as Google's long-running operations",
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

/// The same pacing for every watch.
struct Always<P> {
    name: &'static str,
    description: &'static str,
    pacing: P,
}

fn always<P: Pacing + Clone>(
    name: &'static str,
    description: &'static str,
    pacing: P,
) -> Box<dyn Policy> {
    Box::new(Always {
        name,
        description,
        pacing,
    })
}

impl<P: Pacing + Clone> Policy for Always<P> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn description(&self) -> &'static str {
        self.description
    }

    fn watch(&mut self) -> Box<dyn Pacing> {
        Box::new(self.pacing.clone())
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

impl Pacing for AwsWaiter {
    fn next_look(&mut self, seen: &Observation<'_>) -> Duration {
        let spread = self.bound.saturating_sub(self.shortest);
        self.bound = self.longest.min(self.bound.saturating_mul(2));
        self.shortest + spread.mul_f64(seen.random())
    }
}
