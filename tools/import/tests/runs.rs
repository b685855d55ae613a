//! Runs that go well, partly well, or end early: their reports and their state.

mod support;

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use knock_sandbox::{BulkOutcome, Fault};
use serde_json::{Value, json};
use support::{PROGRAM, Scene, done};

const IDENTIFY: &str = "/v1/users/bulk/identify";

/// A service that does not take the key, so that a run ends early at once.
fn denied() -> Fault {
    Fault::status(401).on("POST", IDENTIFY)
}

/// Lines for more than one call.
fn two_chunks() -> String {
    (0..1001)
        .map(|n| format!("{{\"id\":\"u{n}\"}}\n"))
        .collect()
}

#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn mixed() -> Scene {
    let scene = Scene::new("users.ndjson", "{\"id\":\"a\"}\n{\"id\":\n{\"id\":\"c\"}\n");
    scene.sandbox.fault(Fault::bulk(BulkOutcome {
        failed_ids: vec!["c".to_owned()],
        ..Default::default()
    }));
    scene
}

#[test]
fn what_is_wrong_is_reported_by_record_and_by_user() {
    let scene = mixed();
    let done = scene.run(&[]);
    assert_eq!(done.status, 1);
    let lines: Vec<_> = done.report.lines().collect();
    assert!(
        lines[0].starts_with("record 2: it is not valid JSON"),
        "{done:?}"
    );
    assert!(lines[1].starts_with("user c: "), "{done:?}");
    assert_eq!(
        lines[2],
        "users.bulk.identify: 3 read, 2 accepted, 1 done, 1 failed, 1 bad records"
    );
    assert_eq!(scene.ids(), ["a"]);
}

#[test]
fn a_report_is_json_or_csv_for_programs() {
    let done = mixed().run(&["--report", "json"]);
    assert_eq!(done.status, 1);
    let report: Value = serde_json::from_str(&done.report).unwrap();
    assert_eq!((&report["read"], &report["failed"]), (&json!(3), &json!(1)));
    assert_eq!(report["failures"][0]["id"], "c");

    let done = mixed().run(&["--report=csv"]);
    let mut rows = csv::Reader::from_reader(done.report.as_bytes());
    assert_eq!(
        rows.headers().unwrap(),
        ["kind", "records", "id", "reason"].as_slice()
    );
    let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
    assert_eq!(
        (&rows[0][0], &rows[0][1], &rows[0][2]),
        ("bad_record", "2", "")
    );
    assert_eq!((&rows[1][0], &rows[1][1], &rows[1][2]), ("failed", "", "c"));
}

#[test]
fn a_dry_run_checks_everything_and_sends_nothing() {
    let scene = Scene::new("users.csv", "id,n\na,1\n..,2\nb\n");
    for arguments in [&["--dry-run"][..], &["--dry-run", "--delete"]] {
        let done = done(scene.command(arguments).env_remove("KNOCK_API_KEY"));
        assert_eq!(done.status, 1, "{done:?}");
        let lines: Vec<_> = done.report.lines().collect();
        assert!(lines[0].starts_with("record 2 (..): its id is"), "{done:?}");
        assert_eq!(
            lines[1],
            "record 3: line 4 has 1 cells, but the header has 2"
        );
        assert!(lines[2].starts_with("nothing was sent: "), "{done:?}");
    }
    assert!(scene.sandbox.requests().is_empty());
    assert_eq!(fs::read_dir(scene.folder.path()).unwrap().count(), 1);
    assert_eq!(
        Scene::new("users.csv", "id\na\n")
            .run(&["--dry-run"])
            .status,
        0
    );
}

#[test]
fn a_run_that_ends_early_leaves_its_state_and_a_hint_that_can_be_pasted() {
    let scene = Scene::new("it's users.csv", "Nr,n\na,1\nb,2\n");
    scene.sandbox.fault(denied());
    let early = scene.run(&["--map", "Nr=id"]);
    assert_eq!(early.status, 3, "{early:?}");
    assert!(early.report.starts_with("records 1-2: "), "{early:?}");
    let mode = fs::metadata(scene.state()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // A run that starts over would lose it.
    let over = scene.run(&["--map", "Nr=id"]);
    assert_eq!(over.status, 2);
    assert!(
        over.said.contains("a run that did not end"),
        "{}",
        over.said
    );

    let hint = early
        .said
        .lines()
        .find_map(|line| line.strip_prefix("go on with: "))
        .unwrap();
    let mut pasted = Command::new("sh");
    scene.equip(pasted.args(["-c", hint]));
    let resumed = done(&mut pasted);
    assert_eq!(resumed.status, 0, "{hint}: {resumed:?}");
    assert_eq!(scene.ids(), ["a", "b"]);
    assert!(!scene.state().exists(), "nothing is left to resume");

    let state = scene.state();
    let again = scene.run(&["--map", "Nr=id", "--resume", state.to_str().unwrap()]);
    assert_eq!(
        again.status, 0,
        "without a state it starts from the beginning"
    );
}

#[test]
fn a_run_that_is_killed_leaves_the_state_of_its_last_acknowledged_chunk() {
    let scene = Scene::new("users.ndjson", two_chunks());
    scene
        .sandbox
        .fault(Fault::silent().skip(1).on("POST", IDENTIFY));
    let mut running = scene.command(&[]).stdout(Stdio::null()).spawn().unwrap();
    wait_until("the second chunk is sent", || {
        scene.sandbox.requests_to("POST", IDENTIFY).len() == 2
    });
    running.kill().unwrap();
    running.wait().unwrap();

    scene.sandbox.clear_requests();
    let state = scene.state();
    let resumed = scene.run(&["--resume", state.to_str().unwrap()]);
    assert_eq!(resumed.status, 0, "{resumed:?}");
    assert_eq!(scene.ids().len(), 1001);
    let sent = scene.sandbox.requests_to("POST", IDENTIFY);
    let users = |body: &Option<Value>| body.as_ref().unwrap()["users"].as_array().unwrap().len();
    assert_eq!(
        sent.iter()
            .map(|request| users(&request.json))
            .collect::<Vec<_>>(),
        [1]
    );
    assert_eq!(fs::read_dir(scene.folder.path()).unwrap().count(), 1);
}

#[test]
fn a_run_that_is_told_to_end_keeps_its_state() {
    let scene = Scene::new("users.ndjson", "{\"id\":\"a\"}\n");
    // An operation that never comes to its end.
    let polled = Fault::status(503)
        .on("GET", "/v1/bulk_operations/*")
        .times(1000);
    scene.sandbox.fault(polled);
    let running = scene
        .command(&[])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until("the operation is followed", || {
        !scene
            .sandbox
            .requests_to("GET", "/v1/bulk_operations/*")
            .is_empty()
    });
    // The shell's own: a small system has no program of this name.
    let kill = format!("kill -TERM {}", running.id());
    let killed = Command::new("sh").args(["-c", &kill]).status();
    assert!(killed.unwrap().success());
    let output = running.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let state: Value = serde_json::from_slice(&fs::read(scene.state()).unwrap()).unwrap();
    assert_eq!(state["interrupted"]["reason"], "cancelled");
    assert_eq!(state["pending"][0]["user_ids"], json!(["a"]));
}

#[test]
fn a_state_is_never_read_or_written_through_a_link() {
    for (target, text) in [("elsewhere", Some("precious")), ("missing", None)] {
        let scene = Scene::new("users.ndjson", "{\"id\":\"a\"}\n");
        let target = scene.folder.path().join(target);
        if let Some(text) = text {
            fs::write(&target, text).unwrap();
        }
        symlink(&target, scene.state()).unwrap();
        let state = scene.state();
        for arguments in [&[][..], &["--resume", state.to_str().unwrap()]] {
            let done = scene.run(arguments);
            assert_eq!(done.status, 2, "{done:?}");
            assert!(done.said.contains("a symbolic link"), "{done:?}");
        }
        assert_eq!(fs::read_to_string(&target).ok().as_deref(), text);
        assert!(scene.sandbox.requests().is_empty());
    }
    let scene = Scene::new("users.ndjson", "{\"id\":\"a\"}\n");
    let device = scene.run(&["--resume", "/dev/full"]);
    assert_eq!(device.status, 2, "{device:?}");
    assert!(
        device.said.contains("/dev/full: not a regular file"),
        "{device:?}"
    );
}

/// A disk on which no file can grow, for the tool alone.
fn on_a_full_disk(scene: &Scene) -> Command {
    let mut command = Command::new("sh");
    let limited = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    command
        .args(["-c", limited, "sh", PROGRAM])
        .arg(&scene.file);
    scene.equip(&mut command);
    command
}

#[test]
fn a_full_disk_is_told_and_nothing_is_promised() {
    let scene = Scene::new("users.ndjson", "{\"id\":\"a\"}\n");
    scene.sandbox.fault(denied());
    let early = done(&mut on_a_full_disk(&scene));
    assert_eq!(early.status, 3, "{early:?}");
    assert!(early.said.contains("cannot be written to"), "{early:?}");
    assert!(
        early.said.contains("cannot be resumed, only started over"),
        "{early:?}"
    );
    assert!(!early.said.contains("go on with"), "{early:?}");
    assert_eq!(
        fs::read_dir(scene.folder.path()).unwrap().count(),
        1,
        "no half of a state is left"
    );

    let whole = done(&mut on_a_full_disk(&scene));
    assert_eq!(
        whole.status, 0,
        "it is told, and the run goes on: {whole:?}"
    );
    assert_eq!(
        whole.said.matches("the state cannot be written").count(),
        1,
        "{whole:?}"
    );
}

#[test]
fn a_disk_that_fills_up_leaves_the_earlier_state() {
    let scene = Scene::new("users.ndjson", "{\"id\":\"a\"}\n");
    scene.sandbox.fault(denied());
    assert_eq!(scene.run(&[]).status, 3);
    let before = fs::read(scene.state()).unwrap();

    scene.sandbox.fault(denied());
    let state = scene.state();
    let early = done(on_a_full_disk(&scene).arg("--resume").arg(&state));
    assert_eq!(early.status, 3, "{early:?}");
    assert!(
        early.said.contains("some records are sent again"),
        "{early:?}"
    );
    assert_eq!(fs::read(&state).unwrap(), before);
}

#[test]
fn a_report_that_cannot_be_written_costs_neither_state_nor_status() {
    let scene = Scene::new("users.ndjson", "{\"id\":\"a\"}\n");
    scene.sandbox.fault(denied());
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let mut command = scene.command(&[]);
    let early = command
        .stdout(full())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = early.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("the report could not be written: No space left"),
        "{said}"
    );
    assert!(said.contains("go on with: "), "{said}");
    assert!(scene.state().exists());
}

#[test]
fn blank_lines_are_no_records_and_a_mark_is_no_part_of_the_first() {
    let scene = Scene::new("users.JSONL", "\u{feff}\n{\"id\":\"a\"}\n \r\n");
    let done = scene.run(&[]);
    assert_eq!(done.status, 0, "{done:?}");
    assert!(done.report.contains("1 read"), "{done:?}");
    assert_eq!(scene.ids(), ["a"]);
}
