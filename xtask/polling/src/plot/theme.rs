//! Colors of a plot, for light and dark mode.

use plotters::style::RGBColor;

pub(super) const BACKGROUND: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
pub(super) const TEXT: RGBColor = RGBColor(0x1F, 0x23, 0x28);
pub(super) const MUTED: RGBColor = RGBColor(0x59, 0x63, 0x6E);
pub(super) const GRID: RGBColor = RGBColor(0xE0, 0xE4, 0xE8);
pub(super) const ACCENT: RGBColor = RGBColor(0x09, 0x69, 0xDA);

/// Colors of the light mode and their counterparts in the dark mode.
const DARK: [(RGBColor, RGBColor); 5] = [
    (BACKGROUND, RGBColor(0x0D, 0x11, 0x17)),
    (TEXT, RGBColor(0xE6, 0xED, 0xF3)),
    (MUTED, RGBColor(0x9D, 0xA7, 0xB3)),
    (GRID, RGBColor(0x2B, 0x31, 0x39)),
    (ACCENT, RGBColor(0x58, 0xA6, 0xFF)),
];

/// Adds a style sheet for dark mode to an SVG. Its rules take precedence over the color attributes of
/// the elements.
pub(super) fn with_dark_mode(svg: &str) -> String {
    let mut rules = String::new();
    for (light, dark) in DARK {
        let (light, dark) = (hex(light), hex(dark));
        for property in ["fill", "stroke"] {
            rules += &format!("[{property}=\"{light}\"]{{{property}:{dark}}}\n");
        }
    }
    let style = format!("<style>\n@media (prefers-color-scheme: dark) {{\n{rules}}}\n</style>\n");
    // After the opening tag.
    match svg
        .find("<svg")
        .and_then(|at| Some(at + svg.get(at..)?.find('>')? + 1))
    {
        Some(at) => {
            let (opening, rest) = svg.split_at(at);
            format!("{opening}\n{style}{}", rest.trim_start())
        }
        None => svg.to_owned(),
    }
}

fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_is_inside_the_svg_element() {
        let themed = with_dark_mode("<svg width=\"1\">\n<rect fill=\"#FFFFFF\"/></svg>");
        assert!(themed.starts_with("<svg width=\"1\">\n<style>"), "{themed}");
        assert!(
            themed.contains("[fill=\"#FFFFFF\"]{fill:#0D1117}"),
            "{themed}"
        );
        assert!(
            themed.ends_with("</style>\n<rect fill=\"#FFFFFF\"/></svg>"),
            "{themed}"
        );
    }
}
