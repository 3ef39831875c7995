//! Characters that must not reach a terminal, a log line or raw JSON.
//!
//! Control characters steer a terminal. Format characters are invisible: they reverse the order of the
//! text around them, hide text, or make different texts look the same. Where scripts and emoji need
//! them to be written correctly, they are text like any other.
//!
//! The ranges are those of Unicode 17: `Default_Ignorable_Code_Point`, which has room for future format
//! characters, `Bidi_Control`, and the general category `Cf` without the signs that are visible, such as
//! those before Arabic numbers.

use std::ops::RangeInclusive;

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const BLACK_FLAG: char = '\u{1f3f4}';
const CANCEL_TAG: char = '\u{e007f}';

/// Format characters and other invisible ones, without those that depend on their neighbors.
const HIDDEN: [RangeInclusive<char>; 20] = [
    // Soft hyphen, combining grapheme joiner, Arabic letter mark.
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    // Hangul fillers, inherent vowels of Khmer, Mongolian vowel separator.
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180e}'..='\u{180e}',
    // Zero-width space, marks of direction, separators of lines and paragraphs, embeddings, overrides.
    '\u{200b}'..='\u{200b}',
    '\u{200e}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    // Word joiner, invisible operators, isolates, deprecated format characters.
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fdd0}'..='\u{fdef}',
    // Byte order mark, half-width Hangul filler, interlinear annotations.
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    // Formats of hieroglyphs, shorthand and music.
    '\u{13430}'..='\u{13440}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    // Tags.
    '\u{e0000}'..='\u{e00ff}',
    '\u{e01f0}'..='\u{e0fff}',
];

/// Blocks of scripts in which a joiner changes the shape of its neighbors: Arabic and related scripts,
/// and those of Indic origin.
const JOINING_SCRIPTS: [RangeInclusive<char>; 16] = [
    '\u{600}'..='\u{8ff}',
    '\u{900}'..='\u{dff}',
    '\u{f00}'..='\u{109f}',
    '\u{1700}'..='\u{18af}',
    '\u{1900}'..='\u{1cff}',
    '\u{a800}'..='\u{aaff}',
    '\u{abc0}'..='\u{abff}',
    '\u{fb50}'..='\u{fdff}',
    '\u{fe70}'..='\u{fefc}',
    '\u{10a00}'..='\u{10a5f}',
    '\u{10ac0}'..='\u{10aff}',
    '\u{10b80}'..='\u{10baf}',
    '\u{10d00}'..='\u{10d3f}',
    '\u{10ec0}'..='\u{10fdf}',
    '\u{11000}'..='\u{11fff}',
    '\u{1e900}'..='\u{1e95f}',
];

/// Blocks with the emoji that joiners combine.
const PICTOGRAPHS: [RangeInclusive<char>; 6] = [
    '\u{2190}'..='\u{21ff}',
    '\u{2300}'..='\u{23ff}',
    '\u{25a0}'..='\u{27bf}',
    '\u{2900}'..='\u{297f}',
    '\u{2b00}'..='\u{2bff}',
    '\u{1f000}'..='\u{1faff}',
];

/// Returns the characters of a text, each with whether a program may show it where it is.
///
/// Text of the service, such as the title of a clip, may contain anything. A control character steers a
/// terminal, and a format character hides text or reverses its order. Both are marked with `false`, so
/// that a program can replace or escape them. Joiners, variation selectors and tags are marked with `true`
/// where scripts and emoji need them. Error messages of `rhombus-clips` contain none of the characters
/// marked with `false`.
///
/// ```
/// let title = "Dock 4\u{1b}[2J\u{202e} \u{1f469}\u{200d}\u{1f680}";
/// let shown = rhombus_clips_api::displayable_characters(title)
///     .map(|(c, is_displayable)| if is_displayable { c } else { '\u{fffd}' });
/// assert_eq!(
///     shown.collect::<String>(),
///     "Dock 4\u{fffd}[2J\u{fffd} \u{1f469}\u{200d}\u{1f680}"
/// );
/// ```
pub fn displayable_characters(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut context = Context::default();
    text.char_indices().map(move |(index, c)| {
        let rest = text.get(index + c.len_utf8()..).unwrap_or_default();
        (c, context.accept(c, rest))
    })
}

/// The characters before the next one, as far as they decide about it.
#[derive(Default)]
struct Context {
    previous: Option<char>,
    /// Last character that is not a variation selector.
    base: Option<char>,
    /// Number of tags that complete the flag before them.
    tags: usize,
}

impl Context {
    fn accept(&mut self, c: char, rest: &str) -> bool {
        let is_selector = is_variation_selector(c);
        let is_displayable = match c {
            ' '..='~' => true,
            _ if self.tags > 0 => true,
            ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER => self.is_joined(c, rest.chars().next()),
            _ if is_selector => self.has_variant(c),
            c => !c.is_control() && !contains(&HIDDEN, c) && !is_noncharacter(c),
        };
        self.tags = match c {
            BLACK_FLAG => count_tags(rest),
            _ => self.tags.saturating_sub(1),
        };
        self.previous = is_displayable.then_some(c);
        if !is_selector {
            self.base = self.previous;
        }
        is_displayable
    }

    /// Returns whether a joiner changes how the character before it is written.
    fn is_joined(&self, joiner: char, next: Option<char>) -> bool {
        let is_next_in = |ranges| next.is_some_and(|next| contains(ranges, next));
        let is_joiner = joiner == ZERO_WIDTH_JOINER;
        match self.base {
            Some(base) if contains(&JOINING_SCRIPTS, base) => {
                is_joiner || is_virama(base) || is_next_in(&JOINING_SCRIPTS)
            }
            // Persian joins its endings to words and numbers of other scripts in this way.
            Some(base) if !is_joiner && base.is_alphanumeric() => is_next_in(&JOINING_SCRIPTS),
            Some(base) => is_joiner && contains(&PICTOGRAPHS, base) && is_next_in(&PICTOGRAPHS),
            None => false,
        }
    }

    /// Returns whether the character before a variation selector may have variants.
    fn has_variant(&self, selector: char) -> bool {
        self.previous.is_some_and(|base| match selector {
            '\u{180b}'..='\u{180f}' => matches!(base, '\u{1800}'..='\u{18af}'),
            // Of ideographs.
            '\u{e0100}'..='\u{e01ef}' => {
                matches!(base, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
            }
            // Digits begin keycaps.
            _ => match base.is_ascii() {
                true => matches!(base, '0'..='9' | '#' | '*'),
                false => !base.is_whitespace() && !is_variation_selector(base),
            },
        })
    }
}

fn contains(ranges: &[RangeInclusive<char>], c: char) -> bool {
    ranges.iter().any(|range| range.contains(&c))
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns whether a code point is none of a character, as the last two of every plane.
fn is_noncharacter(c: char) -> bool {
    u32::from(c) & 0xfffe == 0xfffe
}

/// Returns whether a character is the sign of an Indic script for a missing vowel.
fn is_virama(c: char) -> bool {
    match c {
        // The blocks of these scripts are alike.
        '\u{900}'..='\u{d7f}' => u32::from(c) & 0x7f == 0x4d,
        '\u{dca}' | '\u{f84}' | '\u{1039}' | '\u{103a}' | '\u{1714}' | '\u{17d2}' => true,
        _ => false,
    }
}

/// Returns the number of tags at the start of a text that complete a flag, such as that of Scotland; 0 if
/// they are none. The longest name of a region has six.
fn count_tags(text: &str) -> usize {
    let is_tag = |c: &char| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let count = text.chars().take(7).take_while(is_tag).count();
    let has_end = text.chars().nth(count) == Some(CANCEL_TAG);
    match count {
        3..=6 if has_end => count + 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the text with `_` for each character that is not shown.
    fn shown(text: &str) -> String {
        let shown = displayable_characters(text)
            .map(|(c, is_displayable)| if is_displayable { c } else { '_' });
        shown.collect()
    }

    #[test]
    fn writing_stays_intact() {
        for text in [
            "Front door (2)~",
            "T\u{fc}r, Se\u{f1}or, e\u{301}",
            // Hebrew with vowels, Arabic, Persian with non-joiners and a final joiner, Urdu.
            "\u{5e9}\u{5c1}\u{5b8}\u{5dc}\u{5d5}\u{5b9}\u{5dd}",
            "\u{645}\u{631}\u{62d}\u{628}\u{627} \u{600}\u{661}",
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645} \u{6f1} \u{647}\u{200d}.\u{634}",
            "PDF\u{200c}\u{647}\u{627} 2026\u{200c}\u{645} \u{6f5}\u{200c}\u{627}\u{645}",
            // Hindi with both joiners, one at the end of a word; Bengali, Malayalam, Sinhala.
            "\u{915}\u{94d}\u{200d}\u{937} \u{915}\u{94d}\u{200c}\u{937}",
            "\u{936}\u{94d}\u{930}\u{940}\u{92e}\u{93e}\u{928}\u{94d}\u{200c} x",
            "\u{9b0}\u{200d}\u{9cd}\u{9af}",
            "\u{d05}\u{d35}\u{d28}\u{d4d}\u{200d}",
            "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}",
            "\u{642c}\u{5165}\u{53e3} \u{8fbb}\u{e0100} \u{d55c}\u{ae00} \u{e01}\u{e33}",
            "\u{1820}\u{180b}",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn emoji_stay_intact() {
        for text in [
            "\u{1f600}\u{2764}\u{fe0f}\u{a9}\u{fe0f}1\u{fe0f}\u{20e3}#\u{fe0f}\u{20e3}",
            "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}",
            "\u{1f469}\u{1f3fd}\u{200d}\u{1f680} \u{2764}\u{fe0f}\u{200d}\u{1f525}",
            "\u{1f3f3}\u{fe0f}\u{200d}\u{26a7}\u{fe0f} \u{1f3f4}\u{200d}\u{2620}\u{fe0f}",
            "\u{1f642}\u{200d}\u{2194}\u{fe0f} \u{1f426}\u{200d}\u{2b1b}",
            "\u{1f441}\u{fe0f}\u{200d}\u{1f5e8}\u{fe0f} \u{1f1e9}\u{1f1ea}",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}!",
        ] {
            assert_eq!(shown(text), text, "{}", text.escape_unicode());
        }
    }

    #[test]
    fn hidden_characters_are_not_shown() {
        let hidden = "\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180e}\u{200b}\
                      \u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2063}\u{2066}\u{2069}\u{206a}\
                      \u{206f}\u{3164}\u{fdd0}\u{feff}\u{ffa0}\u{fff9}\u{fffb}\u{ffff}\u{13430}\u{1bca0}\u{1d173}\
                      \u{e0001}\u{e0041}\u{e007f}\u{10ffff}";
        for c in hidden.chars() {
            assert_eq!(shown(&format!("a{c}b")), "a_b", "{}", c.escape_unicode());
            assert_eq!(shown(&format!("\u{5d0}{c}\u{5d0}")), "\u{5d0}_\u{5d0}");
        }
    }

    #[test]
    fn joiners_and_selectors_without_an_effect_are_not_shown() {
        for (text, expected) in [
            ("pay\u{200d}pal\u{200c}", "pay_pal_"),
            ("\u{200d}a \u{200c}", "_a _"),
            ("\u{645}\u{200c}\u{200c}\u{645}", "\u{645}__\u{645}"),
            ("\u{645}\u{200c} x", "\u{645}_ x"),
            ("\u{1f600}\u{200d}", "\u{1f600}_"),
            ("\u{1f600}\u{200d}a", "\u{1f600}_a"),
            ("\u{1f600}\u{e0100}", "\u{1f600}_"),
            ("PDF\u{200d}\u{647}", "PDF_\u{647}"),
            ("a\u{fe0f}b\u{e0100}", "a_b_"),
            ("\u{2764}\u{fe0f}\u{fe0f}\u{fe01}", "\u{2764}\u{fe0f}__"),
            ("\u{8fbb}\u{e0100}\u{e0101}", "\u{8fbb}\u{e0100}_"),
            ("\u{1f3f4}\u{e0067}\u{e0062}", "\u{1f3f4}__"),
            ("\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}x", "\u{1f3f4}___x"),
            (
                "\u{1f600}\u{e0067}\u{e0062}\u{e0073}\u{e007f}",
                "\u{1f600}____",
            ),
        ] {
            assert_eq!(shown(text), expected, "{}", text.escape_unicode());
        }
    }
}
