//! Shell completions and manual pages of the `rhombus-clips` program.

use std::process::Command;

use rhombus_clips_tests::program::{program, text};

/// What the program prints.
fn run(arguments: &[&str]) -> String {
    let output = program().args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    text(&output.stdout)
}

const COMMANDS: [&str; 13] = [
    "get",
    "watch",
    "cameras",
    "list",
    "create",
    "cancel",
    "retry",
    "delete",
    "update",
    "simulate",
    "doctor",
    "completions",
    "man",
];

#[test]
fn scripts_name_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}, {command}");
        }
    }
}

#[test]
fn manual_pages_name_every_command() {
    let page = run(&["man"]);
    for command in COMMANDS {
        let name = format!("rhombus\\-clips\\-{command}(1)");
        assert!(page.contains(&name), "{page}");
        let page = run(&["man", command]);
        assert!(page.contains(".SH EXAMPLES"), "{page}");
        assert!(
            page.contains(&format!(".TH rhombus-clips-{command} 1")),
            "{page}"
        );
    }
}

#[cfg(unix)]
#[test]
fn bash_completes_the_options_of_a_command() {
    let script = run(&["completions", "bash"]);
    for (words, completed) in [
        ("rhombus-clips doc", "doctor"),
        ("rhombus-clips watch --timeo", "--timeout"),
        ("rhombus-clips doctor --region e", "eu"),
    ] {
        let words: Vec<_> = words.split(' ').collect();
        let [.., before, last] = words.as_slice() else {
            panic!("{words:?}");
        };
        let ask = format!(
            "{script}\nCOMP_WORDS=({}); COMP_CWORD={}\n_rhombus__clips rhombus-clips {last} {before}\n\
             printf %s \"${{COMPREPLY[*]}}\"",
            words.join(" "),
            words.len() - 1
        );
        let output = Command::new("bash")
            .args(["--norc", "-c", &ask])
            .output()
            .unwrap();
        assert_eq!(text(&output.stdout), completed, "{output:?}");
    }
}
