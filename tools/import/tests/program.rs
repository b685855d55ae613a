//! The command line of the program.

mod support;

use std::process::Command;

use support::{PROGRAM, Scene, done};

#[test]
fn help_and_version_go_to_standard_output() {
    for (argument, text) in [
        ("--help", "Usage: knock-import"),
        ("-h", "--separator"),
        (
            "--version",
            concat!("knock-import ", env!("CARGO_PKG_VERSION"), "\n"),
        ),
        ("-V", "knock-import "),
    ] {
        let done = done(Command::new(PROGRAM).arg(argument));
        assert_eq!((done.status, done.said.as_str()), (0, ""));
        assert!(done.report.contains(text), "{argument}: {done:?}");
    }
    let help = done(Command::new(PROGRAM).arg("--help")).report;
    assert!(help.lines().all(|line| line.len() <= 100), "{help}");
}

#[test]
fn mistakes_are_one_line_and_a_pointer() {
    for (arguments, message) in [
        (&[][..], "there is no FILE"),
        (&["--delet", "u.csv"], "--delet"),
        (&["a.csv", "b.csv"], "b.csv"),
        (&["--separator", ";;", "u.csv"], "one ASCII character"),
        (&["--encoding", "klingon", "u.csv"], "klingon"),
        (&["--map", "email", "u.csv"], "COLUMN=NAME"),
        (&["--report", "xml", "u.csv"], "text, json or csv"),
        (&["--dry-run", "--resume", "s", "u.csv"], "no --resume"),
    ] {
        let done = done(Command::new(PROGRAM).args(arguments));
        assert_eq!(
            (done.status, done.report.as_str()),
            (2, ""),
            "{arguments:?}"
        );
        assert_eq!(done.said.lines().count(), 1, "{arguments:?}: {}", done.said);
        assert!(done.said.contains(message), "{arguments:?}: {}", done.said);
        assert!(
            done.said.trim_end().ends_with("see knock-import --help"),
            "{}",
            done.said
        );
    }
}

#[test]
fn files_that_are_no_input_are_refused_by_name() {
    for (name, text, arguments, message) in [
        ("users.txt", "a", &[][..], "must end in"),
        ("users", "a", &[], "must end in"),
        ("users.ndjson", "{}", &["--map", "a=b"], "are for CSV files"),
    ] {
        let scene = Scene::new(name, text);
        let done = scene.run(arguments);
        assert_eq!(done.status, 2, "{done:?}");
        assert!(done.said.contains(message), "{done:?}");
        assert!(scene.sandbox.requests().is_empty());
    }
    let missing = done(Command::new(PROGRAM).arg("/nowhere/users.csv"));
    assert_eq!(missing.status, 2);
    assert!(
        missing.said.contains("/nowhere/users.csv: No such file"),
        "{missing:?}"
    );
}
