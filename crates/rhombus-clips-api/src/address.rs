//! The address of an operation, taken apart once and not for every request.

use std::sync::OnceLock;

use reqwest::Url;

/// What the first address was taken apart into: a client has one base URL, and asks one operation
/// again and again. Another address is taken apart each time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Address(OnceLock<(String, Url)>);

impl Address {
    /// The generated method calls it with the base URL and the path of its operation.
    pub(crate) fn of(&self, text: String) -> Result<Url, String> {
        match self.0.get() {
            Some((known, url)) if *known == text => Ok(url.clone()),
            _ => {
                let url = Url::parse(&text)
                    .map_err(|error| format!("the base URL is not a URL: {error}"))?;
                // Somebody else may have been quicker, with this one or another.
                let _ = self.0.set((text, url.clone()));
                Ok(url)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_taken_for_what_it_is() {
        let address = Address::default();
        let of = |text: &str| address.of(text.to_owned()).map(String::from).ok();
        assert_eq!(of("no base URL"), None);
        for _ in 0..2 {
            for text in ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"] {
                assert_eq!(of(text).as_deref(), Some(text));
            }
            assert_eq!(of("HTTP://HOST/a").as_deref(), Some("http://host/a"));
        }
    }
}
