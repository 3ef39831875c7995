//! Comments and string literals of a Rust source. It knows just enough of Rust to tell them from code.

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum SegmentKind {
    /// One line of a doc comment.
    DocComment,
    /// One line comment, or an entire block comment.
    Comment,
    String,
}

/// Prose in a Rust source, without the marks that delimit it.
#[derive(Debug, PartialEq)]
pub(crate) struct Segment {
    pub(crate) kind: SegmentKind,
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// Extracts the comments and string literals of a Rust source.
pub(crate) fn segments(source: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let (mut rest, mut line) = (source, 1);
    let mut after_identifier = false;
    while let Some(first) = rest.chars().next() {
        let token = if after_identifier && first.is_alphanumeric() {
            None
        } else {
            Token::parse(rest)
        };
        let length = token
            .as_ref()
            .map_or(first.len_utf8(), |token| token.length);
        if let Some(Token {
            prose: Some((kind, text)),
            ..
        }) = token
        {
            let text = text.to_owned();
            segments.push(Segment { kind, line, text });
        }
        // The last letter of an identifier is not the prefix of a literal.
        after_identifier = length == 1 && (first.is_alphanumeric() || first == '_');
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    segments
}

/// A comment or literal at the beginning of a text.
struct Token<'s> {
    length: usize,
    /// Content of a comment or string; a character literal has none.
    prose: Option<(SegmentKind, &'s str)>,
}

impl<'s> Token<'s> {
    fn parse(text: &'s str) -> Option<Self> {
        if let Some(comment) = text.strip_prefix("//") {
            let comment = comment.lines().next().unwrap_or_default();
            Some(Self::line_comment(comment))
        } else if text.starts_with("/*") {
            let length = block_comment_length(text);
            Some(Self {
                length,
                prose: Some((SegmentKind::Comment, &text[2..length])),
            })
        } else if text.starts_with('\'') {
            let length = character_length(text)?;
            Some(Self {
                length,
                prose: None,
            })
        } else {
            Self::string(text)
        }
    }

    /// Parses a line comment, given without its `//`.
    fn line_comment(comment: &'s str) -> Self {
        let is_doc =
            comment.starts_with('!') || comment.starts_with('/') && !comment.starts_with("//");
        let prose = if is_doc {
            (SegmentKind::DocComment, &comment[1..])
        } else {
            (SegmentKind::Comment, comment)
        };
        Self {
            length: 2 + comment.len(),
            prose: Some(prose),
        }
    }

    /// Parses a plain, byte, C or raw string literal.
    fn string(text: &'s str) -> Option<Self> {
        let unprefixed = text.trim_start_matches(['b', 'c']);
        let raw = unprefixed.strip_prefix('r');
        let hashed = raw.unwrap_or(unprefixed);
        let content = hashed.trim_start_matches('#');
        let hashes = hashed.len() - content.len();
        let content = content.strip_prefix('"')?;
        if raw.is_none() && hashes > 0 || text.len() - unprefixed.len() > 1 {
            return None;
        }
        let closing = format!("\"{}", "#".repeat(hashes));
        let end = match raw {
            Some(_) => content.find(&closing),
            None => end_of_string(content),
        };
        let end = end.unwrap_or(content.len());
        let before = text.len() - content.len();
        Some(Self {
            length: (before + end + closing.len()).min(text.len()),
            prose: Some((SegmentKind::String, &content[..end])),
        })
    }
}

/// Returns the position of the quote that ends a string literal.
fn end_of_string(content: &str) -> Option<usize> {
    let mut is_escaped = false;
    content.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })
}

/// Returns the length of a character literal; a lifetime is not one.
fn character_length(text: &str) -> Option<usize> {
    let content = text.strip_prefix('\'')?;
    if content.starts_with('\\') {
        let after_escaped = content.get(2..)?;
        return Some(3 + after_escaped.find('\'')? + 1);
    }
    let character = content.chars().next()?.len_utf8();
    content[character..]
        .starts_with('\'')
        .then_some(character + 2)
}

/// Returns the length of a block comment, with those nested in it.
fn block_comment_length(text: &str) -> usize {
    let (mut depth, mut position) = (0_usize, 0);
    while position < text.len() {
        let rest = &text.as_bytes()[position..];
        let delimiter = rest.starts_with(b"/*") || rest.starts_with(b"*/");
        if rest.starts_with(b"/*") {
            depth += 1;
        } else if delimiter {
            depth -= 1;
        }
        position += if delimiter { 2 } else { 1 };
        if depth == 0 {
            break;
        }
    }
    position
}

#[test]
fn comments_and_strings_are_separated_from_code() {
    let source = r####"//! Module.
/// Doc with "quotes".
//// Not doc.
fn f<'a>(x: &'a str) -> char { '"' } // after code
const A: &str = "a \"b\" // c"; /* one /* two */
three */ const B: &str = r#"raw " string"#;
const C: [u8; 2] = [b'\'', b'"']; for r in "x" {}
"####;
    let found: Vec<_> = segments(source)
        .into_iter()
        .map(|segment| (segment.line, segment.kind, segment.text))
        .collect();
    let expected = [
        (1, SegmentKind::DocComment, " Module."),
        (2, SegmentKind::DocComment, " Doc with \"quotes\"."),
        (3, SegmentKind::Comment, "// Not doc."),
        (4, SegmentKind::Comment, " after code"),
        (5, SegmentKind::String, r#"a \"b\" // c"#),
        (5, SegmentKind::Comment, " one /* two */\nthree */"),
        (6, SegmentKind::String, "raw \" string"),
        (7, SegmentKind::String, "x"),
    ];
    let expected = expected.map(|(line, kind, text)| (line, kind, text.to_owned()));
    assert_eq!(found, expected);
}
