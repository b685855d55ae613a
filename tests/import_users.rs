//! The import tool, as a cron job runs it.

mod support;
#[path = "../examples/import_users.rs"]
mod tool;

use std::fs;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use knock::Client;
use knock::bulk::{BulkCancel, BulkRun};
use knock_sandbox::{BulkOutcome, Fault, Sandbox};
use support::start;
use tempfile::TempDir;
use tool::{Arguments, import, parse};

/// Runs the tool: its exit status and its report.
fn run(client: &Client, arguments: &Arguments) -> (u8, String) {
    let mut report = Vec::new();
    let status = import(client, arguments, &BulkCancel::new(), &mut report).unwrap();
    (status, String::from_utf8(report).unwrap())
}

fn arguments(file: &Path) -> Arguments {
    Arguments {
        file: file.to_owned(),
        delete: false,
        resume: None,
    }
}

fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn ids(sandbox: &Sandbox) -> Vec<String> {
    let id = |user: &serde_json::Value| user["id"].as_str().unwrap().to_owned();
    sandbox.users().iter().map(id).collect()
}

#[test]
fn a_csv_file_is_imported_and_its_users_deleted() {
    let (sandbox, client) = start();
    let (_folder, file) = file(
        "users.csv",
        "id,email,plan\njane,jane@ingen.net,pro\n\"joe, 2\",,free\n",
    );
    let (status, report) = run(&client, &arguments(&file));
    assert_eq!(status, 0, "{report}");
    let jane = client.users().get("jane").unwrap();
    assert_eq!(
        (jane.email.as_deref(), &jane.properties["plan"]),
        (Some("jane@ingen.net"), &"pro".into())
    );
    assert!(client.users().get("joe, 2").unwrap().email.is_absent());

    let delete = Arguments {
        delete: true,
        ..arguments(&file)
    };
    assert_eq!(run(&client, &delete).0, 0);
    assert!(ids(&sandbox).is_empty());
}

#[test]
fn what_is_wrong_is_reported_by_record_and_by_user() {
    let (sandbox, client) = start();
    let failed_ids = vec!["c".to_owned()];
    sandbox.fault(Fault::bulk(BulkOutcome {
        failed_ids,
        ..Default::default()
    }));
    let (_folder, file) = file("users.ndjson", "{\"id\":\"a\"}\n{\"id\":\n{\"id\":\"c\"}\n");
    let (status, report) = run(&client, &arguments(&file));
    assert_eq!(status, 1);
    let lines: Vec<_> = report.lines().collect();
    assert!(
        lines[0].starts_with("record 2: it is not valid JSON"),
        "{report}"
    );
    assert!(lines[1].starts_with("user c: "), "{report}");
    assert_eq!(
        lines[2],
        "users.bulk.identify: 3 read, 2 accepted, 1 done, 1 failed, 1 bad records"
    );
    assert_eq!(ids(&sandbox), ["a"]);
}

#[test]
fn a_run_that_ends_early_leaves_its_state_and_goes_on() {
    let (sandbox, client) = start();
    let impatient = client.with_options(knock::CallOptions::new().max_retries(0));
    sandbox.fault(Fault::status(503).times(3));
    let (_folder, file) = file("users.ndjson", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
    let (status, report) = run(&impatient, &arguments(&file));
    assert_eq!(status, 3);
    assert!(report.starts_with("records 1 to 2: "), "{report}");

    let state = file.with_extension("ndjson.state.json");
    let resumed = Arguments {
        resume: Some(state.clone()),
        ..arguments(&file)
    };
    assert!(state.exists());
    assert_eq!(run(&client, &resumed).0, 0);
    assert_eq!(ids(&sandbox), ["a", "b"]);
    assert!(!state.exists(), "nothing is left to resume");
    assert_eq!(
        run(&client, &resumed).0,
        0,
        "without a state it starts over"
    );
}

/// A pipe whose reader is gone, or a disk that fails.
struct Broken;

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk fails"))
    }
}

#[test]
fn a_report_that_nobody_reads_costs_neither_state_nor_status() {
    let (sandbox, client) = start();
    let impatient = client.with_options(knock::CallOptions::new().max_retries(0));
    sandbox.fault(Fault::status(503).times(3));
    let (folder, file) = file("users.ndjson", "{\"id\":\"a\"}\n");
    let arguments = arguments(&file);
    let run = |client| import(client, &arguments, &BulkCancel::new(), &mut Broken).unwrap();
    assert_eq!(run(&impatient), 3);
    assert!(file.with_extension("ndjson.state.json").exists());
    assert_eq!(run(&client), 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_state_that_cannot_be_kept_does_not_hide_that_the_run_ended_early() {
    let (sandbox, client) = start();
    let impatient = client.with_options(knock::CallOptions::new().max_retries(0));
    sandbox.fault(Fault::status(503).times(3));
    let (folder, file) = file("users.ndjson", "{\"id\":\"a\"}\n");
    let arguments = Arguments {
        resume: Some(folder.path().join("missing/state.json")),
        ..arguments(&file)
    };
    let (status, report) = run(&impatient, &arguments);
    assert_eq!(status, 3);
    assert!(report.starts_with("records 1 to 1: "), "{report}");
}

#[test]
fn an_input_that_cannot_be_read_on_leaves_the_rest_to_a_resumed_run() {
    let (_sandbox, client) = start();
    let lines = "{\"id\":\"a\"}\n".as_bytes().chain(Broken);
    let rows = "id\na\n".as_bytes().chain(Broken);
    let cancels = [BulkCancel::new(), BulkCancel::new()];
    let lines = tool::lines(BufReader::new(lines), &cancels[0]);
    let rows = tool::csv_users(rows, &cancels[1]).unwrap();
    let run = |cancel| BulkRun::identify(&client).cancel_with(cancel);
    for summary in [run(&cancels[0]).run(lines), run(&cancels[1]).run(rows)] {
        assert!(!summary.is_complete());
        assert_eq!((summary.read, summary.bad_records.len()), (1, 0));
    }
}

#[test]
fn blank_lines_are_no_records() {
    let (sandbox, client) = start();
    let (_folder, file) = file("users.ndjson", "\n{\"id\":\"a\"}\n \r\n");
    let (status, report) = run(&client, &arguments(&file));
    assert_eq!(status, 0, "{report}");
    assert_eq!(ids(&sandbox), ["a"]);
}

#[test]
fn files_that_are_no_input_are_refused() {
    let (sandbox, client) = start();
    for (name, text, message) in [
        ("users.txt", "a", "must end in"),
        ("users.csv", "name\njane\n", "no column id"),
    ] {
        let (_folder, file) = file(name, text);
        let error = import(
            &client,
            &arguments(&file),
            &BulkCancel::new(),
            &mut Vec::new(),
        )
        .unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn the_command_line_is_read() {
    let given = |words: &[&str]| {
        parse(lexopt::Parser::from_args(
            words.iter().map(|word| word.to_string()),
        ))
    };
    let all = given(&["--delete", "u.csv", "--resume", "s.json"])
        .unwrap()
        .unwrap();
    assert!(
        all.delete
            && all.file == Path::new("u.csv")
            && all.resume.as_deref() == Some(Path::new("s.json"))
    );
    assert!(given(&["--help"]).unwrap().is_none());
    for wrong in [&["--delet", "u.csv"][..], &[], &["a.csv", "b.csv"]] {
        assert!(
            given(wrong)
                .err()
                .unwrap()
                .to_string()
                .contains("usage: import_users")
        );
    }
}
