//! Caches the parsed URL of an operation.
//!
//! The generated method formats the URL from the base URL and the operation's path for every
//! request, always with the same result: a client has one base URL, and this API has one
//! operation. Only the first URL is cached; any other is parsed on each request, so that the
//! cache stays correct, and of constant size, when operations are added.

use std::sync::OnceLock;

use reqwest::Url;

/// First URL that was parsed, with the text that it was parsed from.
#[derive(Clone, Debug, Default)]
pub(crate) struct UrlCache(OnceLock<(String, Url)>);

impl UrlCache {
    /// Returns the cached URL, or parses the text. Called by the generated method.
    pub(crate) fn get_or_parse(&self, text: String) -> Result<Url, String> {
        match self.0.get() {
            Some((cached, url)) if *cached == text => Ok(url.clone()),
            _ => {
                let url =
                    Url::parse(&text).map_err(|error| format!("invalid base URL: {error}"))?;
                // A concurrent request may have filled the cache first, with this URL or another.
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
    fn the_cache_never_returns_another_url() {
        let cache = UrlCache::default();
        let parse = |text: &str| cache.get_or_parse(text.to_owned()).map(String::from).ok();
        assert_eq!(parse("no base URL"), None);
        for _ in 0..2 {
            for text in ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"] {
                assert_eq!(parse(text).as_deref(), Some(text));
            }
            assert_eq!(parse("HTTP://HOST/a").as_deref(), Some("http://host/a"));
        }
    }
}
