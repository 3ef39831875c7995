//! The media host of a client: set by hand, or that of the base URL's region.

use reqwest::Url;

use super::endpoint::Endpoint;
use crate::Region;
use crate::error::{Error, Result, Setting};
use crate::transport::media::MediaHost;

const REGIONS: [Region; 2] = [Region::Us, Region::Eu];

/// Returns the media host; `None` if none is set and the base URL is not a region's.
pub(super) fn media_host(
    media_url: Option<&str>,
    endpoint: &Endpoint,
    allows_plain_http: bool,
) -> Result<Option<MediaHost>> {
    let region_of = |of: fn(Region) -> &'static str, host: &str| {
        let host_of = |region: &Region| of(*region).trim_start_matches("https://") == host;
        REGIONS.into_iter().find(host_of)
    };
    let region = region_of(Region::base_url, endpoint.host());
    let url = match (media_url, region) {
        (Some(url), _) => url,
        (None, Some(region)) => region.media_url(),
        (None, None) => return Ok(None),
    };
    let media = Endpoint::parse_setting(url, allows_plain_http, Setting::MediaUrl)?;
    if let (Some(region), Some(other)) = (region, region_of(Region::media_url, media.host()))
        && region != other
    {
        let message = format!(
            "the media URL is that of region {other:?}, and the base URL that of region {region:?}"
        );
        return Err(Error::configuration(message).with_setting(Setting::MediaUrl));
    }
    let url = Url::parse(media.base_url()).map_err(|_| {
        Error::configuration("the media URL is invalid").with_setting(Setting::MediaUrl)
    })?;
    Ok(Some(MediaHost {
        endpoint: media,
        url,
        other_hosts: other_hosts(region),
    }))
}

/// Returns further media hosts of a region. Rhombus's Go tool has used this one since March 2026.
fn other_hosts(region: Option<Region>) -> &'static [&'static str] {
    match region {
        Some(Region::Us) => &["media.rhombussystems.com", "mediaapi-v2.rhombussystems.com"],
        Some(Region::Eu) => &["media.eu.rhombussystems.com"],
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media_url(media_url: Option<&str>, base_url: &str) -> Result<Option<String>> {
        let endpoint = Endpoint::parse(base_url, false)?;
        let host = media_host(media_url, &endpoint, false)?;
        Ok(host.map(|host| host.url.to_string()))
    }

    #[test]
    fn it_is_of_the_same_region_or_set_by_hand() {
        let us = Region::Us.base_url();
        let url = |media, base| media_url(media, base).unwrap();
        assert_eq!(url(None, us).unwrap(), "https://media.rhombussystems.com/");
        assert_eq!(
            url(None, Region::Eu.base_url()).unwrap(),
            "https://media.eu.rhombussystems.com/"
        );
        assert_eq!(url(None, "https://gateway.example"), None);
        assert_eq!(
            url(Some("https://media.example/x/"), us).unwrap(),
            "https://media.example/x"
        );
    }

    #[test]
    fn that_of_another_region_and_plain_http_are_refused() {
        let us = Region::Us.base_url();
        for (url, reason) in [
            (Region::Eu.media_url(), "region Eu"),
            ("http://media.example", "plain HTTP"),
            ("media.example", "such as https://media.rhombussystems.com"),
        ] {
            let error = media_url(Some(url), us).unwrap_err();
            assert_eq!(error.setting(), Some(Setting::MediaUrl));
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
