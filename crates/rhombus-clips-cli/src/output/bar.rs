//! The parts that progress displays have in common.

use console::Style;

/// Frames of the spinner.
pub(crate) const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Renders a bar of this width; empty without a percentage.
pub(crate) fn render_bar(percent: Option<usize>, width: usize, style: &Style) -> String {
    let halves = percent.unwrap_or_default().min(100) * width * 2 / 100;
    let (full, half) = (halves / 2, halves % 2);
    let filled = format!("{}{}", "━".repeat(full), "╸".repeat(half));
    let rest = "─".repeat(width.saturating_sub(full + half));
    format!(
        "{}{}",
        style.apply_to(filled),
        style.clone().dim().apply_to(rest)
    )
}
