//! Colours of the window: always dark, with a border that is visible on dark pages.

use crate::screen::{Colour, Style};

pub(super) const PAPER: &str = "#161b22";
pub(super) const RIM: &str = "#3d444d";
pub(super) const BUTTON: &str = "#3d444d";

const TEXT: &str = "#e6edf3";

/// The 16 standard terminal colours in order.
const NAMED: [&str; 16] = [
    "#484f58", "#ff7b72", "#56d364", "#e3b341", "#6cb6ff", "#d2a8ff", "#4cc9d9", "#d1d7e0",
    "#6e7681", "#ffa198", "#7ee787", "#f2cc60", "#96d0ff", "#e2c5ff", "#7ce3ee", "#ffffff",
];

/// Returns the CSS rules for the classes used by [`attributes`].
pub(super) fn rules() -> String {
    let mut rules = format!("text{{fill:{TEXT}}}.b{{font-weight:bold}}.d{{opacity:.5}}");
    for (index, colour) in NAMED.iter().enumerate() {
        rules.push_str(&format!(".c{index}{{fill:{colour}}}"));
    }
    rules
}

/// Returns the SVG attributes for a style; empty, or with a leading space.
pub(super) fn attributes(style: Style) -> String {
    let mut classes = Vec::new();
    let mut exact = String::new();
    match style.colour {
        Colour::Plain => {}
        Colour::Named(index) => classes.push(format!("c{index}")),
        Colour::Exact(red, green, blue) => {
            exact = format!(" style=\"fill:#{red:02x}{green:02x}{blue:02x}\"");
        }
    }
    if style.is_bold {
        classes.push("b".to_owned());
    }
    if style.is_dim {
        classes.push("d".to_owned());
    }
    match classes.is_empty() {
        true => exact,
        false => format!(" class=\"{}\"{exact}", classes.join(" ")),
    }
}
