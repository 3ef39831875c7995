use super::*;

/// Returns the lengths of all spellings of a slash at the start of a text.
fn slashes(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    read(text.as_bytes(), 0, &mut |character, end| {
        if character == b'/' {
            ends.push(end);
        }
    });
    ends.dedup();
    ends
}

#[test]
fn every_escape_of_a_character_is_read() {
    for text in [
        "/",
        r"\/",
        r"\u002f",
        r"\u002F",
        r"\u{2f}",
        r"\u{0002F}",
        r"\U0000002f",
        r"\x2f",
        r"\x{2F}",
        r"\057",
        "%2f",
        "%2F",
        "%u002F",
        "&sol",
        "&#47",
        "&#047",
        "&#0000000000047",
        "&#x2f",
        "&#X002F",
        r"\\/",
        r"\\\\/",
        r"\\u002f",
        r"\\\\\\/",
        "%252f",
        "%25252F",
        "&amp;sol",
        "&amp;#x2f",
        "&amp;amp;#47",
        r"\u0026#47",
        r"%5Cu002f",
        r"\u0025u002F",
        r"&#92;/",
        "%26%2347",
        "%26%23%34%37",
        r"\u0026\u0023\u0034\u0037",
        "%25%32%46",
        "%25%32%352F",
        "&#37;&#50;&#70",
        r"%5C%75%30%30%32%66",
        r"\x26\x23\x34\x37",
        "&\0#\x004\x007",
        r"%5Cu%7B2f%7D",
        r"\2f",
        r"\2F ",
        r"\00002f ",
    ] {
        assert_eq!(slashes(text).last(), Some(&text.len()), "{text}");
    }
    for text in ["&sol;", "&#47;", "&#x0002f;", "&amp;#47;"] {
        assert_eq!(slashes(text), [text.len() - 1, text.len()], "{text}");
    }
}

#[test]
fn other_characters_are_not_read() {
    for text in [
        "",
        "x",
        r"\",
        r"\n",
        r"\u02f",
        r"\u00e9",
        r"\u{}",
        r"\x2",
        "%2",
        "%2g",
        "&",
        "&#",
        "&#x;",
        "&solo",
        "&soft;",
        "&#999999999999;",
        "&#4/",
    ] {
        assert!(
            slashes(text).iter().all(|end| text == "&solo" && *end == 4),
            "{text}"
        );
    }
}

#[test]
fn wide_characters_are_read_as_ascii() {
    for text in ["/\0%\x002\0F\0", "\0/\0%\x002\0F", "\0\0\0/\0\0\0%"] {
        let mut found = Vec::new();
        read(text.as_bytes(), 0, &mut |character, end| {
            found.push((character, end))
        });
        assert_eq!(found[0].0, b'/');
    }
    assert_eq!(slashes("%\x002\0F\0"), [5]);
}

#[test]
fn an_incomplete_spelling_is_recognized() {
    let is_cut = |text: &str| read(text.as_bytes(), 0, &mut |_, _| {});
    for text in [
        "", r"\", r"\u", r"\u00", r"\u{2", r"\x2", r"\05", "%", "%2", "%u00", "&", "&am", "&#",
        "&#4", "&#x", "&#x2", "&sol", r"\\", "%25", "&amp;", "&amp;#4",
    ] {
        assert!(is_cut(text), "{text}");
    }
    for text in ["a", "%zz", "&;", "&q;", r"\n ", r"\/ ", r"\uzzzz"] {
        assert!(!is_cut(text), "{text}");
    }
}

#[test]
fn the_names_are_sorted_and_fit() {
    assert!(REFERENCES.is_sorted());
    assert!(
        REFERENCES
            .iter()
            .all(|(name, _)| name.len() <= MAX_NAME_LENGTH)
    );
}
