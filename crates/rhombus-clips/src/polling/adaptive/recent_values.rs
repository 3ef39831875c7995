//! Fixed-capacity buffer of the newest values, stored inline.
//!
//! A client may watch a hundred thousand clips, each with a model of its own; an inline buffer
//! avoids a heap allocation per model. It must not know the type that it holds.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bounded buffer of the newest `N` (at most 255) values, ordered from the oldest to the newest.
///
/// A push to a full buffer evicts the oldest value and moves the others, which for the few values
/// used here costs less than a wrap-around index and keeps them one slice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RecentValues<T, const N: usize> {
    values: [T; N],
    count: u8,
}

impl<T: Copy + Default, const N: usize> Default for RecentValues<T, N> {
    fn default() -> Self {
        Self {
            values: [T::default(); N],
            count: 0,
        }
    }
}

impl<T, const N: usize> RecentValues<T, N> {
    pub(super) fn push(&mut self, value: T) {
        if usize::from(self.count) < N {
            self.count += 1;
        } else {
            self.values.rotate_left(1);
        }
        if let Some(last) = self.as_mut_slice().last_mut() {
            *last = value;
        }
    }

    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    /// Returns the values from the oldest to the newest.
    pub(super) fn as_slice(&self) -> &[T] {
        &self.values[..self.count.into()]
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.values[..self.count.into()]
    }
}

impl<T: Serialize, const N: usize> Serialize for RecentValues<T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_slice().serialize(serializer)
    }
}

impl<'de, T: Copy + Default + Deserialize<'de>, const N: usize> Deserialize<'de>
    for RecentValues<T, N>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut buffer = Self::default();
        let values = Vec::deserialize(deserializer)?;
        values.into_iter().for_each(|value| buffer.push(value));
        Ok(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn push_evicts_the_oldest_value() {
        let mut buffer = RecentValues::<u8, 3>::default();
        (1..=5).for_each(|value| buffer.push(value));
        assert_eq!(buffer.as_slice(), [3, 4, 5]);
        buffer.clear();
        buffer.push(6);
        assert_eq!(buffer.as_slice(), [6]);
    }

    #[test]
    fn a_serialized_list_of_any_length_is_accepted() {
        let buffer: RecentValues<u8, 3> = serde_json::from_str("[1,2,3,4]").unwrap();
        assert_eq!(serde_json::to_string(&buffer).unwrap(), "[2,3,4]");
    }
}
