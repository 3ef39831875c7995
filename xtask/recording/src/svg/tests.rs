use roxmltree::{Document, Node};

use super::*;
use crate::frames;
use crate::terminal::{Output, Size};

/// Creates a recording with a progress line and text that must be escaped.
fn recording() -> Recording {
    let output = [
        (0, "\x1b[36m⠋\x1b[0m RENDERING  50%\r\nsteady"),
        (1000, "\r\x1b[A\x1b[36m⠙\x1b[0m RENDERING  75%"),
        (3200, "\r\x1b[2K\x1b[1;32m✓\x1b[0m <done> & well"),
    ]
    .map(|(at, text)| Output {
        at: Duration::from_millis(at),
        bytes: text.as_bytes().to_vec(),
    });
    Recording {
        command: "program --with <this>".to_owned(),
        columns: 24,
        frames: frames::frames(
            &output,
            Size {
                rows: 3,
                columns: 24,
            },
        ),
    }
}

fn element<'a>(document: &'a Document<'_>, id: &str) -> Node<'a, 'a> {
    let found = document
        .descendants()
        .find(|node| node.attribute("id") == Some(id));
    found.unwrap_or_else(|| panic!("no {id}"))
}

/// Returns the text and vertical position of each line of the strip.
fn shown(document: &Document<'_>) -> Vec<(usize, String)> {
    let uses = |node: Node<'_, '_>| -> Vec<(String, usize)> {
        node.children()
            .filter(|child| child.has_tag_name("use"))
            .map(|child| {
                let target = child.attribute("href").unwrap().trim_start_matches('#');
                let y = child.attribute("y").map_or(0, |y| y.parse().unwrap());
                (target.to_owned(), y)
            })
            .collect()
    };
    let text = |line: &str| -> String {
        let runs = uses(element(document, line));
        let texts = runs.iter().map(|(run, _)| element(document, run).text());
        texts.map(Option::unwrap).collect::<Vec<_>>().join("|")
    };
    uses(element(document, "strip"))
        .iter()
        .map(|(line, y)| (*y, text(line)))
        .collect()
}

#[test]
fn frames_contain_their_lines_at_their_positions() {
    let picture = picture(&recording());
    let document = Document::parse(&picture).unwrap();
    let expected = [
        (40, "⠋|RENDERING|50%"),
        (60, "steady"),
        (80, "⠙|RENDERING|75%"),
        (100, "steady"),
        (120, "✓|<done> & well"),
        (140, "steady"),
    ]
    .map(|(y, text)| (y, text.to_owned()));
    assert_eq!(shown(&document), expected);
}

#[test]
fn repeated_runs_and_lines_are_defined_once() {
    let picture = picture(&recording());
    for text in [">RENDERING<", ">steady<"] {
        assert_eq!(picture.matches(text).count(), 1, "{text}");
    }
}

#[test]
fn frames_start_on_time_and_the_last_one_remains() {
    let picture = picture(&recording());
    let document = Document::parse(&picture).unwrap();
    let style = document
        .descendants()
        .find(|node| node.has_tag_name("style"));
    let style = style.and_then(|style| style.text()).unwrap();
    // 0.8 s before the first, 3.2 s to the last, which stays for 5 s.
    assert!(
        style.contains("{#strip{animation:strip 9.0s step-end infinite}}"),
        "{style}"
    );
    let times = "0%{transform:translateY(-0px)}8.89%{transform:translateY(-40px)}\
                 20.00%{transform:translateY(-80px)}44.44%{transform:translateY(-120px)}";
    assert!(style.contains(times), "{style}");
    // Without the animation.
    assert!(
        style.contains("\n#strip{transform:translateY(-120px)}"),
        "{style}"
    );
}

#[test]
fn picture_has_a_title_and_no_scripts() {
    let picture = picture(&recording());
    let document = Document::parse(&picture).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    assert_eq!(
        element(&document, "title").text(),
        Some("program --with <this>")
    );
    let desc = element(&document, "desc").text().unwrap();
    assert!(desc.ends_with("\n✓ <done> & well\nsteady\n"), "{desc}");
    let names: Vec<&str> = document
        .descendants()
        .filter(Node::is_element)
        .map(|node| node.tag_name().name())
        .collect();
    assert!(!names.contains(&"script"), "{names:?}");
}

#[test]
fn styles_and_positions_are_attributes() {
    let picture = picture(&recording());
    let document = Document::parse(&picture).unwrap();
    let run = |text| {
        let mut texts = document
            .descendants()
            .filter(|node| node.has_tag_name("text"));
        texts.find(|node| node.text() == Some(text)).unwrap()
    };
    assert_eq!(run("✓").attribute("class"), Some("c2 b"));
    assert_eq!(run("⠋").attribute("class"), Some("c6"));
    let percent = run("50%");
    assert_eq!(percent.attribute("class"), None);
    // Behind 13 cells, and 3 of them wide.
    assert_eq!(percent.attribute("x"), Some("109.2"));
    assert_eq!(percent.attribute("textLength"), Some("25.2"));
}

/// The picture in the README.
#[test]
fn committed_picture_has_the_current_format() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.github/watch.svg");
    let picture = std::fs::read_to_string(path).unwrap();
    let document = Document::parse(&picture).unwrap();
    assert!(shown(&document).len() > 100);
    assert!(picture.len() < 150_000, "{} bytes", picture.len());
}
