//! Regions of the service.
//!
//! A file of its own because errors name regions in hints, and the validation of base URLs returns
//! errors.

/// The region of an organization and its API keys.
///
/// The base URLs are those of Rhombus's published API reference.
///
/// ```
/// use rhombus_clips::{Client, Region};
///
/// let client = Client::builder().api_key("0123456789").region(Region::Eu).build()?;
/// assert_eq!(Region::Eu.base_url(), "https://api2.eu.rhombussystems.com");
/// assert_eq!(Region::default(), Region::Us);
/// # Ok::<(), rhombus_clips::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// United States: `https://api2.rhombussystems.com`.
    #[default]
    Us,
    /// European Union: `https://api2.eu.rhombussystems.com`.
    Eu,
}

impl Region {
    /// The base URL of the service in this region.
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Us => "https://api2.rhombussystems.com",
            Self::Eu => "https://api2.eu.rhombussystems.com",
        }
    }

    /// The URL of the media host in this region, which has the files of the clips: that of Rhombus's guides. They
    /// name the one of the European Union, and no client of Rhombus's is known to use it.
    ///
    /// ```
    /// use rhombus_clips::Region;
    ///
    /// assert_eq!(Region::Us.media_url(), "https://media.rhombussystems.com");
    /// ```
    pub fn media_url(self) -> &'static str {
        match self {
            Self::Us => "https://media.rhombussystems.com",
            Self::Eu => "https://media.eu.rhombussystems.com",
        }
    }
}
