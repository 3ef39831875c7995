//! Checks the language of the workspace's own Rust sources and Markdown files.
//!
//! Documentation is read by users who know other SDKs, so it must use the vocabulary and the
//! sentence forms of the field. Two properties can be checked mechanically: few sentences open with
//! an interrogative (such an opening line is a riddle rather than a summary), and a short list of
//! words that have a standard replacement does not occur.
//!
//! The check works on text. It knows just enough of Markdown to skip code blocks and tables.

use std::fs;
use std::path::{Path, PathBuf};

use xtask::workspace;

use crate::rust_segments::{SegmentKind, segments};

/// Words that must not open a sentence.
const INTERROGATIVES: [&str; 6] = ["what", "who", "whom", "whose", "how", "where"];

/// Permitted share of sentences that open with an interrogative. Chosen, not tuned: by a similar
/// count, the core crates of the Google Cloud and Azure SDKs and hyper are at 0.8 to 1.4 percent.
const MAX_SHARE: f64 = 0.03;

/// Terms without a legitimate use in this workspace, each with its replacement.
///
/// The list is short on purpose: a word belongs here only if every occurrence can be replaced by a
/// more precise one. Words with a legitimate use, such as "ask" or "whole", are left to review.
const DISCOURAGED: [(&str, &str); 12] = [
    // Indefinite persons: the text means a role that has a name.
    ("anybody", "any user, any client"),
    ("everybody", "all users, all clients"),
    ("nobody", "no user, no client"),
    ("somebody", "a user, a client"),
    ("whoever", "the caller, the user"),
    ("whom", "a sentence with a noun"),
    // Archaisms of which each has one standard word.
    ("anew", "again"),
    ("for ever", "indefinitely, without limit"),
    ("mend", "fix"),
    ("mended", "fixed"),
    // Former names of concepts.
    ("looker", "transport"),
    ("under way", "in flight, running"),
];

/// Files that may contain a discouraged term, as a path from the workspace root and the term. Name
/// the reason beside each entry; an entry without an occurrence fails the test.
const EXCEPTIONS: [(&str, &str); 2] = [
    // The name of a family seeds its traces: another name changes every figure of the measurement.
    ("xtask/polling/src/families/mod.rs", "under way"),
    ("xtask/polling/src/families/workloads.rs", "under way"),
];

/// Directories that contain no sources of this workspace: build output, and inputs that the fuzzer
/// found.
const SKIPPED_DIRECTORIES: [&str; 3] = ["target", "corpus", "artifacts"];

/// The file that contains the list of discouraged terms.
const THIS_FILE: &str = "tests/hygiene/prose.rs";

#[test]
fn few_sentences_open_with_an_interrogative() {
    let mut sentences = 0;
    let mut offenders = Vec::new();
    for source in sources() {
        for opening in source.openings() {
            sentences += 1;
            if opens_with_interrogative(&opening.text) {
                offenders.push(format!(
                    "{}:{}: {}",
                    source.path, opening.line, opening.text
                ));
            }
        }
    }
    assert!(sentences > 1000, "only {sentences} sentences found");
    let share = offenders.len() as f64 / f64::from(sentences);
    let summary = format!(
        "{} of {sentences} sentences ({:.1} %) open with an interrogative, at most {:.0} % may",
        offenders.len(),
        100.0 * share,
        100.0 * MAX_SHARE,
    );
    println!("{summary}");
    assert!(share < MAX_SHARE, "{summary}:\n{}", offenders.join("\n"));
}

#[test]
fn discouraged_terms_do_not_occur() {
    let mut offenders = Vec::new();
    let mut unused: Vec<_> = EXCEPTIONS.to_vec();
    for source in sources() {
        if source.path == THIS_FILE {
            continue;
        }
        let words = source.words();
        for (term, replacement) in DISCOURAGED {
            for line in occurrences(&words, term) {
                let exception = (source.path.as_str(), term);
                unused.retain(|entry| *entry != exception);
                if !EXCEPTIONS.contains(&exception) {
                    let path = &source.path;
                    offenders.push(format!("{path}:{line}: \"{term}\" (use: {replacement})"));
                }
            }
        }
    }
    assert!(
        offenders.is_empty(),
        "{} discouraged terms:\n{}",
        offenders.len(),
        offenders.join("\n")
    );
    assert!(unused.is_empty(), "exceptions without use: {unused:?}");
}

/// A source file, with its path from the workspace root.
struct Source {
    path: String,
    text: String,
}

/// A line that begins a sentence, with its number and without comment marker.
#[derive(Debug, PartialEq)]
struct Opening {
    line: usize,
    text: String,
}

impl Source {
    fn is_markdown(&self) -> bool {
        self.path.ends_with(".md")
    }

    /// Returns the lines that begin a sentence: of doc comments, or the paragraph openings of a
    /// Markdown file.
    fn openings(&self) -> Vec<Opening> {
        if self.is_markdown() {
            return paragraph_openings(&self.text);
        }
        let segments = segments(&self.text);
        let docs: Vec<_> = segments
            .iter()
            .filter(|segment| segment.kind == SegmentKind::DocComment)
            .map(|segment| (segment.line, segment.text.as_str()))
            .collect();
        sentence_openings(&docs)
    }

    /// Returns the words of all prose with their line numbers: of comments and string literals, or
    /// of an entire Markdown file.
    fn words(&self) -> Vec<(usize, String)> {
        if self.is_markdown() {
            return words_of(1, &self.text);
        }
        let segments = segments(&self.text);
        let words = segments.iter().flat_map(|segment| {
            let mut words = words_of(segment.line, &segment.text);
            if segment.kind == SegmentKind::String {
                // Separates literals, so that no phrase spans two of them.
                words.push((segment.line, String::new()));
            }
            words
        });
        words.collect()
    }
}

/// Reads all Rust and Markdown files of the workspace, in the order of their paths.
fn sources() -> Vec<Source> {
    let root = workspace::root();
    let mut paths = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            paths.push(path);
        }
    }
    for directory in ["crates", "xtask", "tests", "openapi"] {
        collect_paths(&root.join(directory), &mut paths);
    }
    paths.sort();
    let source = |path: PathBuf| Source {
        text: fs::read_to_string(&path).unwrap(),
        path: relative_path(root, &path),
    };
    paths.into_iter().map(source).collect()
}

fn collect_paths(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let extension = path.extension().unwrap_or_default();
        if path.is_dir() {
            if !SKIPPED_DIRECTORIES.contains(&name.as_str()) && !name.starts_with('.') {
                collect_paths(&path, paths);
            }
        } else if extension == "rs" || extension == "md" {
            paths.push(path);
        }
    }
}

/// Returns a path from the workspace root with `/` as separator on every system.
fn relative_path(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap();
    let names = relative.components().map(|part| part.as_os_str());
    let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
    names.join("/")
}

/// Returns the doc lines that begin a sentence: the first line of a block, and a line after a blank
/// line or after the end of a sentence.
fn sentence_openings(lines: &[(usize, &str)]) -> Vec<Opening> {
    let mut openings = Vec::new();
    let mut fence = Fence::default();
    let mut previous: Option<(usize, &str)> = None;
    for &(line, text) in lines {
        let text = text.trim();
        let follows = previous.filter(|(before, _)| before + 1 == line);
        if follows.is_none() {
            // A code block does not extend beyond its doc comment.
            fence = Fence::default();
        }
        let is_opening = follows.is_none_or(|(_, text)| ends_sentence(text));
        let is_code = fence.contains(text);
        if !is_code && is_opening && is_prose(text) {
            openings.push(Opening {
                line,
                text: text.to_owned(),
            });
        }
        previous = Some((line, if is_code { "" } else { text }));
    }
    openings
}

/// Returns the lines of a Markdown file that begin a paragraph, a heading or a list item.
fn paragraph_openings(text: &str) -> Vec<Opening> {
    let mut openings = Vec::new();
    let mut fence = Fence::default();
    let mut is_opening = true;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if fence.contains(line) || line.is_empty() {
            is_opening = true;
            continue;
        }
        let is_item = without_marker(line) != line;
        if (is_opening || is_item) && is_prose(line) {
            openings.push(Opening {
                line: index + 1,
                text: line.to_owned(),
            });
        }
        is_opening = line.starts_with('#');
    }
    openings
}

/// Tracks whether a line belongs to a fenced code block.
#[derive(Default)]
struct Fence {
    is_open: bool,
}

impl Fence {
    /// Advances to the next line and returns whether it is code or a fence.
    fn contains(&mut self, line: &str) -> bool {
        let is_fence = line.starts_with("```") || line.starts_with("~~~");
        let was_open = self.is_open;
        self.is_open ^= is_fence;
        is_fence || was_open
    }
}

/// Returns whether a line can begin a sentence: not blank, and not part of a table, of HTML or of a
/// link definition.
fn is_prose(line: &str) -> bool {
    let is_link_definition = line.starts_with('[') && line.contains("]: ");
    !line.is_empty() && !line.starts_with(['|', '<']) && !is_link_definition
}

/// Returns whether the next line begins a new sentence.
fn ends_sentence(line: &str) -> bool {
    let line = line.trim_end_matches(['*', '_', ')', '"', '`']);
    line.is_empty() || line.starts_with(['#', '|']) || line.ends_with(['.', '!', '?', ':'])
}

fn opens_with_interrogative(line: &str) -> bool {
    let line = without_marker(line).trim_start_matches(['*', '_', '[', '"', '(']);
    let end = line.find(|c: char| !c.is_alphabetic());
    let word = line[..end.unwrap_or(line.len())].to_lowercase();
    INTERROGATIVES.contains(&word.as_str())
}

/// Strips the marker of a heading, a quotation or a list item.
fn without_marker(line: &str) -> &str {
    let unmarked = line.trim_start_matches(['#', '>']).trim_start();
    let number = unmarked.trim_start_matches(|c: char| c.is_ascii_digit());
    let item = unmarked
        .strip_prefix("- ")
        .or_else(|| unmarked.strip_prefix("* "))
        .or_else(|| unmarked.strip_prefix("+ "))
        .or_else(|| (number != unmarked).then(|| number.strip_prefix(". "))?);
    item.unwrap_or(unmarked)
}

/// Splits a text into lower-case words with their line numbers.
fn words_of(first_line: usize, text: &str) -> Vec<(usize, String)> {
    let lines = text.split('\n').enumerate();
    let words = lines.flat_map(|(index, line)| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .map(move |word| (first_line + index, word.to_lowercase()))
    });
    words.collect()
}

/// Returns the line of each occurrence of a term of one or more words.
fn occurrences(words: &[(usize, String)], term: &str) -> Vec<usize> {
    let term: Vec<&str> = term.split(' ').collect();
    let matches = words.windows(term.len()).filter(|window| {
        let window = window.iter().map(|(_, word)| word.as_str());
        window.eq(term.iter().copied())
    });
    matches.map(|window| window[0].0).collect()
}

fn opening_lines(openings: &[Opening]) -> Vec<usize> {
    openings.iter().map(|opening| opening.line).collect()
}

#[test]
fn a_doc_line_begins_a_sentence_after_the_end_of_another() {
    let docs = [
        (1, " Returns the clip, with"),
        (2, " What continues the sentence."),
        (3, " It ends here (or not)."),
        (4, " Consists of the following:"),
        (5, " - an item that"),
        (6, "   continues"),
        (7, ""),
        (8, " The last paragraph"),
        (12, " Another block."),
    ];
    let openings = sentence_openings(&docs);
    assert_eq!(opening_lines(&openings), [1, 3, 4, 5, 8, 12]);
    assert_eq!(openings[0].text, "Returns the clip, with");
}

#[test]
fn code_blocks_and_tables_of_docs_contain_no_sentences() {
    let docs = [
        (1, " An example:"),
        (2, " ```"),
        (3, " let how = 1;"),
        (4, " ```"),
        (5, " | name | meaning |"),
        (6, " |---|---|"),
        (7, " The end."),
        // An unclosed code block ends with its doc comment.
        (8, " ```"),
        (11, " The next item."),
    ];
    assert_eq!(opening_lines(&sentence_openings(&docs)), [1, 7, 11]);
}

#[test]
fn a_paragraph_of_markdown_has_one_opening() {
    let text = "# Title\nFirst line\nWhat continues.\n\n- item\n  more\n- item\n\n\
                ```sh\nhow\n```\n\n| a | b |\n|---|---|\n| who | c |\n\n[link]: https://example\n\
                1. step\nLast line\n";
    assert_eq!(opening_lines(&paragraph_openings(text)), [1, 2, 5, 7, 18]);
}

#[test]
fn interrogatives_are_found_behind_markers() {
    for line in [
        "What a poll costs.",
        "- how it works",
        "# Where to start",
        "1. Who decides",
        "> **Whose** key",
        "What's new",
    ] {
        assert!(opens_with_interrogative(line), "{line}");
    }
    for line in [
        "However long it takes.",
        "`what` is a field.",
        "Returns what was sent.",
        "Whatever it is.",
        "7 days",
    ] {
        assert!(!opens_with_interrogative(line), "{line}");
    }
}

#[test]
fn a_term_may_span_lines_but_not_be_part_of_a_word() {
    let words = words_of(3, "requests Under\n  way, nobody's; nobodys no_body");
    assert_eq!(occurrences(&words, "under way"), [3]);
    assert_eq!(occurrences(&words, "nobody"), [4]);
    assert_eq!(occurrences(&words, "body"), [0; 0]);
}
