//! Spellings of a character in received text.
//!
//! A character may be escaped as JSON, programming languages, URLs and HTML do, and the escape may itself
//! be escaped, as by JSON inside of JSON. NUL bytes are skipped, so that text in UTF-16 or UTF-32 reads as
//! ASCII. Nothing is decoded into memory: a reading is a character and the place where its spelling ends.

/// Number of layers of different escapes that are read. Chosen, not tuned: a gateway that quotes a response in an
/// error page, which a proxy quotes in JSON, makes three.
const MAX_LAYERS: u32 = 3;

/// Longest spelling of an introducer by repetition: of `\`, in backslashes, and of `%` and `&`, in `25` and
/// `amp;`. Chosen, not tuned: four layers of JSON make sixteen backslashes.
const MAX_REPETITIONS: usize = 16;

/// Names of the HTML character references for ASCII punctuation.
const REFERENCES: [(&[u8], u8); 46] = [
    (b"AMP", b'&'),
    (b"DiacriticalGrave", b'`'),
    (b"GT", b'>'),
    (b"Hat", b'^'),
    (b"LT", b'<'),
    (b"QUOT", b'"'),
    (b"UnderBar", b'_'),
    (b"VerticalLine", b'|'),
    (b"amp", b'&'),
    (b"apos", b'\''),
    (b"ast", b'*'),
    (b"bsol", b'\\'),
    (b"colon", b':'),
    (b"comma", b','),
    (b"commat", b'@'),
    (b"dash", b'-'),
    (b"dollar", b'$'),
    (b"equals", b'='),
    (b"excl", b'!'),
    (b"grave", b'`'),
    (b"gt", b'>'),
    (b"hyphen", b'-'),
    (b"lbrace", b'{'),
    (b"lbrack", b'['),
    (b"lcub", b'{'),
    (b"lowbar", b'_'),
    (b"lpar", b'('),
    (b"lsqb", b'['),
    (b"lt", b'<'),
    (b"midast", b'*'),
    (b"num", b'#'),
    (b"percnt", b'%'),
    (b"period", b'.'),
    (b"plus", b'+'),
    (b"quest", b'?'),
    (b"quot", b'"'),
    (b"rbrace", b'}'),
    (b"rbrack", b']'),
    (b"rcub", b'}'),
    (b"rpar", b')'),
    (b"rsqb", b']'),
    (b"semi", b';'),
    (b"sol", b'/'),
    (b"tilde", b'~'),
    (b"verbar", b'|'),
    (b"vert", b'|'),
];

/// Length of the longest name.
const MAX_NAME_LENGTH: usize = 16;

/// Number of digits that are read of a number of any length. Chosen, not tuned: more zeros than anything
/// writes.
const MAX_DIGITS: u32 = 64;

/// Characters that start an escape sequence.
pub(crate) const INTRODUCERS: [u8; 3] = *b"\\%&";

/// Passes each reading of the character at `start` to `found`: the ASCII character, and the end of its
/// spelling. Returns whether the text ends before a spelling is complete.
pub(crate) fn read(text: &[u8], start: usize, found: &mut dyn FnMut(u8, usize)) -> bool {
    read_layers(text, start, MAX_LAYERS, found)
}

fn read_layers(text: &[u8], start: usize, layers: u32, found: &mut dyn FnMut(u8, usize)) -> bool {
    let Some((literal, end)) = next(text, start) else {
        return true;
    };
    found(literal, end);
    if !INTRODUCERS.contains(&literal) {
        return false;
    }
    let Some(layers) = layers.checked_sub(1) else {
        read_repetitions(text, literal, end, found);
        return false;
    };
    let mut is_cut = false;
    let mut read_escape = |introducer, end| {
        is_cut |= match introducer {
            b'\\' => {
                found(introducer, end);
                read_backslash(text, end, layers, found)
            }
            b'%' => read_percent(text, end, layers, found),
            b'&' => read_reference(text, end, layers, found),
            _ => false,
        }
    };
    let is_introducer_cut = read_layers(text, start, layers, &mut read_escape);
    is_cut || is_introducer_cut
}

/// Reads an introducer that is escaped by itself, any number of times: `\\\\`, `%2525`, `&amp;amp;`.
fn read_repetitions(text: &[u8], introducer: u8, start: usize, found: &mut dyn FnMut(u8, usize)) {
    let repeated: &[u8] = match introducer {
        b'\\' => b"\\",
        b'%' => b"25",
        _ => b"amp;",
    };
    let mut at = start;
    for _ in 1..MAX_REPETITIONS {
        for expected in repeated {
            match next(text, at) {
                Some((byte, end)) if byte == *expected => at = end,
                _ => return,
            }
        }
        found(introducer, at);
    }
}

/// Reads what follows a backslash: `\u002f`, `\u{2f}`, `\U0000002f`, `\x2f`, `\x{2f}`, `\057`, `\/`, and
/// the escape of CSS, `\2f` or `\00002f` with a space after it.
fn read_backslash(
    text: &[u8],
    start: usize,
    layers: u32,
    found: &mut dyn FnMut(u8, usize),
) -> bool {
    // A run of backslashes is a repetition, whose last one is followed by something else.
    if let Some((b'\\', end)) = next(text, start)
        && let Some((b'\\', _)) = next(text, end)
    {
        return false;
    }
    let Some((kind, end)) = part(text, start, layers) else {
        return true;
    };
    match kind {
        b'u' => read_hex(text, end, 4, layers, found),
        b'U' => read_hex(text, end, 8, layers, found),
        b'x' => read_hex(text, end, 2, layers, found),
        _ if kind.is_ascii_hexdigit() => {
            for (radix, max) in [(8, 3), (16, 6)] {
                for count in 1..=max {
                    let digits = Digits::read(text, start, radix, count, layers);
                    if digits.count < count {
                        break;
                    }
                    found_ascii(digits.value, digits.end, found);
                    if let (16, Some((b' ', end))) = (radix, next(text, digits.end)) {
                        found_ascii(digits.value, end, found);
                    }
                }
            }
            next(text, Digits::read(text, start, 16, 6, layers).end).is_none()
        }
        // A backslash is a repetition.
        b'\\' => false,
        _ => {
            if kind.is_ascii_punctuation() {
                found(kind, end);
            }
            false
        }
    }
}

/// Reads a number of hexadecimal digits, or any number in braces.
fn read_hex(
    text: &[u8],
    start: usize,
    count: u32,
    layers: u32,
    found: &mut dyn FnMut(u8, usize),
) -> bool {
    let start = match read_punctuation(text, start, b'{', layers) {
        Punctuation::Cut => return true,
        Punctuation::Absent => return read_digits(text, start, count, layers, found),
        Punctuation::Found(end) => end,
    };
    let digits = Digits::read(text, start, 16, MAX_DIGITS, layers);
    match read_punctuation(text, digits.end, b'}', layers) {
        Punctuation::Cut => return true,
        Punctuation::Found(end) if digits.count > 0 => found_ascii(digits.value, end, found),
        Punctuation::Found(_) | Punctuation::Absent => {}
    }
    false
}

/// Reads a number of hexadecimal digits.
fn read_digits(
    text: &[u8],
    start: usize,
    count: u32,
    layers: u32,
    found: &mut dyn FnMut(u8, usize),
) -> bool {
    let digits = Digits::read(text, start, 16, count, layers);
    if digits.count == count {
        found_ascii(digits.value, digits.end, found);
        return false;
    }
    next(text, digits.end).is_none()
}

/// Reads what follows a percent sign: `%2f`, or `%u002f`.
fn read_percent(text: &[u8], start: usize, layers: u32, found: &mut dyn FnMut(u8, usize)) -> bool {
    let (start, count) = match part(text, start, layers) {
        None => return true,
        Some((b'u' | b'U', end)) => (end, 4),
        Some(_) => (start, 2),
    };
    read_digits(text, start, count, layers, found)
}

/// Reads what follows an ampersand: `&sol;`, `&#47;`, `&#x2f;`, each with or without the semicolon.
fn read_reference(
    text: &[u8],
    start: usize,
    layers: u32,
    found: &mut dyn FnMut(u8, usize),
) -> bool {
    let (code, end) = match read_punctuation(text, start, b'#', layers) {
        Punctuation::Cut => return true,
        Punctuation::Found(end) => {
            let (start, radix) = match part(text, end, layers) {
                None => return true,
                Some((b'x' | b'X', end)) => (end, 16),
                Some(_) => (end, 10),
            };
            let digits = Digits::read(text, start, radix, MAX_DIGITS, layers);
            if digits.count == 0 {
                return next(text, digits.end).is_none();
            }
            (digits.value, digits.end)
        }
        Punctuation::Absent => match read_name(text, start, layers) {
            Name::Known(code, end) => (code.into(), end),
            Name::Unknown { is_cut } => return is_cut,
        },
    };
    found_ascii(code, end, found);
    match read_punctuation(text, end, b';', layers) {
        Punctuation::Found(end) => found_ascii(code, end, found),
        Punctuation::Absent => {}
        Punctuation::Cut => return true,
    }
    false
}

/// Punctuation of an escape sequence, which may be escaped by itself, as in `&%2347%3B`.
enum Punctuation {
    Found(usize),
    Absent,
    Cut,
}

fn read_punctuation(text: &[u8], start: usize, expected: u8, layers: u32) -> Punctuation {
    let mut longest = None;
    let is_cut = read_layers(text, start, layers, &mut |character, end| {
        if character == expected {
            longest = longest.max(Some(end));
        }
    });
    match longest {
        Some(end) => Punctuation::Found(end),
        None if is_cut => Punctuation::Cut,
        None => Punctuation::Absent,
    }
}

enum Name {
    Known(u8, usize),
    Unknown { is_cut: bool },
}

/// Reads the longest name of a character reference.
fn read_name(text: &[u8], start: usize, layers: u32) -> Name {
    let mut name = [0; MAX_NAME_LENGTH];
    let (mut length, mut at, mut known) = (0, start, None);
    while let Some(slot) = name.get_mut(length) {
        match part(text, at, layers) {
            None => {
                let read = name.get(..length).unwrap_or_default();
                let is_cut = REFERENCES.iter().any(|(name, _)| name.starts_with(read));
                return known.unwrap_or(Name::Unknown { is_cut });
            }
            Some((letter, end)) if letter.is_ascii_alphabetic() => {
                *slot = letter;
                at = end;
                length += 1;
            }
            Some(_) => break,
        }
        let read = name.get(..length).unwrap_or_default();
        if let Some((_, code)) = REFERENCES.iter().find(|(name, _)| *name == read) {
            known = Some(Name::Known(*code, at));
        }
    }
    known.unwrap_or(Name::Unknown { is_cut: false })
}

struct Digits {
    value: u32,
    count: u32,
    end: usize,
}

impl Digits {
    /// Reads at most `max` digits.
    fn read(text: &[u8], start: usize, radix: u32, max: u32, layers: u32) -> Self {
        let mut digits = Self {
            value: 0,
            count: 0,
            end: start,
        };
        while digits.count < max {
            let digit = part(text, digits.end, layers)
                .and_then(|(byte, end)| Some((char::from(byte).to_digit(radix)?, end)));
            let Some((digit, end)) = digit else {
                break;
            };
            digits.value = digits.value.saturating_mul(radix).saturating_add(digit);
            digits.count = digits.count.saturating_add(1);
            digits.end = end;
        }
        digits
    }
}

fn found_ascii(code: u32, end: usize, found: &mut dyn FnMut(u8, usize)) {
    if let Some(character) = u8::try_from(code).ok().filter(u8::is_ascii) {
        found(character, end);
    }
}

/// Returns the next character of an escape sequence, which may be escaped by itself, and the place after
/// it. An introducer that starts no escape stands for itself.
fn part(text: &[u8], start: usize, layers: u32) -> Option<(u8, usize)> {
    let (mut literal, mut end) = next(text, start)?;
    for _ in 0..=MAX_NULS {
        if !INTRODUCERS.contains(&literal) {
            break;
        }
        let mut longest = None;
        read_layers(text, end - 1, layers, &mut |character, end| {
            if !INTRODUCERS.contains(&character) && longest.is_none_or(|(_, longest)| end > longest)
            {
                longest = Some((character, end));
            }
        });
        match longest {
            Some((0, nul_end)) => (literal, end) = next(text, nul_end)?,
            Some(longest) => return Some(longest),
            None => break,
        }
    }
    Some((literal, end))
}

/// Number of NUL bytes in a row that are skipped: UTF-32 has three before each character.
pub(crate) const MAX_NULS: usize = 3;

/// Returns the next byte after the NUL bytes of UTF-16 and UTF-32, and the place after it.
fn next(text: &[u8], start: usize) -> Option<(u8, usize)> {
    let rest = text.get(start..)?;
    let mut bytes = rest.iter().take(MAX_NULS + 1);
    let index = match bytes.position(|byte| *byte != 0) {
        None if rest.len() > MAX_NULS => MAX_NULS,
        index => index?,
    };
    Some((*rest.get(index)?, start + index + 1))
}

#[cfg(test)]
mod tests;
