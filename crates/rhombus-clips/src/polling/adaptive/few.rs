//! The newest few of something, in place.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// At most `N` values, at most 255; of more the oldest goes. It needs no heap: a client may watch a
/// hundred thousand clips.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Few<T, const N: usize> {
    values: [T; N],
    count: u8,
}

impl<T: Copy + Default, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self {
            values: [T::default(); N],
            count: 0,
        }
    }
}

impl<T, const N: usize> Few<T, N> {
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

    /// From the oldest to the newest.
    pub(super) fn as_slice(&self) -> &[T] {
        &self.values[..self.count.into()]
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.values[..self.count.into()]
    }
}

impl<T: Serialize, const N: usize> Serialize for Few<T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_slice().serialize(serializer)
    }
}

impl<'de, T: Copy + Default + Deserialize<'de>, const N: usize> Deserialize<'de> for Few<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut few = Self::default();
        let values = Vec::deserialize(deserializer)?;
        values.into_iter().for_each(|value| few.push(value));
        Ok(few)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        let mut few = Few::<u8, 3>::default();
        (1..=5).for_each(|value| few.push(value));
        assert_eq!(few.as_slice(), [3, 4, 5]);
        few.clear();
        few.push(6);
        assert_eq!(few.as_slice(), [6]);
    }

    #[test]
    fn it_is_kept_as_a_list_of_any_length() {
        let few: Few<u8, 3> = serde_json::from_str("[1,2,3,4]").unwrap();
        assert_eq!(serde_json::to_string(&few).unwrap(), "[2,3,4]");
    }
}
