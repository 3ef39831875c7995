//! The order of pages, and its end.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::ClipUuid;
use crate::error::{Error, ErrorKind, Result};

/// Pages without a clip in a row, each with the token of another. Chosen, not tuned: a service may filter
/// after it has cut the pages, and hardly twenty times in a row.
const MAX_EMPTY_PAGES: u32 = 20;
/// Pages that have nothing but clips of the page that all are compared with. Chosen, not tuned: a clip that
/// is created in between shifts the list, so that a page of one clip may come twice.
const MAX_REPEATED_PAGES: u32 = 5;
/// Pages of a list. Chosen as more than there are: ten million clips at the default size.
const MAX_PAGES: u64 = 50_000;

/// Position in the pages of a list. It takes eight bytes per page beside one page of identifiers.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Hashes of the tokens so far.
    tokens: HashSet<u64>,
    count: u64,
    empty_pages: u32,
    /// The page that later ones are compared with. It is replaced after 1, 2, 4, 8 pages, and so on, so that
    /// a cycle of pages of any length comes back to it.
    reference: HashSet<ClipUuid>,
    repeated_pages: u32,
    previous: HashSet<ClipUuid>,
}

impl Pages {
    /// Takes the clips of a page and the token of the next. Returns the token; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the pages have no end.
    pub(super) fn next(
        &mut self,
        clips: &[ClipUuid],
        token: Option<String>,
    ) -> Result<Option<String>> {
        self.count += 1;
        self.empty_pages = match clips {
            [] => self.empty_pages + 1,
            _ => 0,
        };
        let is_repeated =
            !clips.is_empty() && clips.iter().all(|uuid| self.reference.contains(uuid));
        self.repeated_pages += u32::from(is_repeated);
        if self.count.is_power_of_two() {
            self.reference = clips.iter().copied().collect();
            self.repeated_pages = 0;
        }
        self.previous = clips.iter().copied().collect();
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        let mut hasher = DefaultHasher::new();
        token.hash(&mut hasher);
        let problem = if !self.tokens.insert(hasher.finish()) {
            "a page token came again"
        } else if self.empty_pages >= MAX_EMPTY_PAGES {
            "too many pages in a row are empty"
        } else if self.repeated_pages >= MAX_REPEATED_PAGES {
            "the same clips came again and again"
        } else if self.count >= MAX_PAGES {
            "there are too many pages"
        } else {
            return Ok(Some(token));
        };
        let message = format!(
            "the list of clips has no end: {problem}, after {} pages",
            self.count
        );
        Err(Error::new(ErrorKind::Decode, message).with_status(200))
    }

    /// Returns whether a clip was on the page before: a clip that is created in between shifts the others.
    pub(super) fn is_duplicate(&self, uuid: ClipUuid) -> bool {
        self.previous.contains(&uuid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuid(number: u64) -> ClipUuid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        ClipUuid::from_bytes(bytes)
    }

    /// Follows pages until their end or an error; returns the number of pages.
    fn follow(
        clips: impl Fn(u64) -> Vec<ClipUuid>,
        token: impl Fn(u64) -> Option<String>,
    ) -> (u64, Option<String>) {
        let mut pages = Pages::default();
        for number in 0.. {
            match pages.next(&clips(number), token(number)) {
                Ok(Some(_)) => {}
                Ok(None) => return (number + 1, None),
                Err(error) => {
                    assert!(error.is_decode());
                    return (number + 1, Some(error.to_string()));
                }
            }
        }
        unreachable!("a list has an end");
    }

    fn distinct(number: u64) -> Option<String> {
        Some(format!("token {number}"))
    }

    #[test]
    fn a_missing_or_empty_token_is_the_end() {
        for end in [None, Some(String::new())] {
            let token = |number| {
                if number < 9 {
                    distinct(number)
                } else {
                    end.clone()
                }
            };
            assert_eq!(follow(|number| vec![uuid(number)], token), (10, None));
        }
    }

    #[test]
    fn a_token_that_comes_again_is_an_error() {
        for (cycle, pages) in [(1, 2), (2, 3), (7, 8)] {
            let token = |number| distinct(number % cycle);
            let (count, error) = follow(|number| vec![uuid(number)], token);
            assert_eq!(count, pages);
            assert!(error.unwrap().contains("a page token came again"));
        }
    }

    #[test]
    fn pages_that_repeat_are_an_error() {
        for (before, cycle) in [(0, 1), (0, 2), (0, 3), (5, 1), (5, 2), (40, 7), (1, 100)] {
            let clips = |number: u64| {
                let number = match number.checked_sub(before) {
                    Some(after) => before + after % cycle,
                    None => number,
                };
                vec![uuid(2 * number), uuid(2 * number + 1)]
            };
            let (count, error) = follow(clips, distinct);
            assert!(
                error.unwrap().contains("the same clips"),
                "{before} {cycle}"
            );
            assert!(
                count <= 16 * (before + cycle) + 16,
                "{before} {cycle}: {count}"
            );
        }
    }

    #[test]
    fn some_empty_pages_are_none() {
        let sparse = |number: u64| match number % 20 {
            0 => vec![uuid(number)],
            _ => Vec::new(),
        };
        let token = |number| if number < 999 { distinct(number) } else { None };
        assert_eq!(follow(sparse, token), (1000, None));
        let (count, error) = follow(|_| Vec::new(), distinct);
        assert_eq!(count, u64::from(MAX_EMPTY_PAGES));
        assert!(error.unwrap().contains("too many pages in a row are empty"));
    }

    #[test]
    fn an_insert_that_shifts_the_list_is_no_repetition() {
        let clips = |number: u64| vec![uuid(number - number / 2)];
        let token = |number| {
            if number < 5_000 {
                distinct(number)
            } else {
                None
            }
        };
        assert_eq!(follow(clips, token).1, None);
    }

    #[test]
    fn pages_of_new_clips_without_end_are_an_error() {
        let (count, error) = follow(|number| vec![uuid(number)], distinct);
        assert_eq!(count, MAX_PAGES);
        assert!(error.unwrap().contains("there are too many pages"));
    }
}
