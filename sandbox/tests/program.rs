//! The program: its arguments, its first line, its exit codes.

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_knock-sandbox");

/// Ends the program when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_says_where_it_listens_and_serves() {
    let mut child = Command::new(PROGRAM)
        .args([
            "--addr",
            "127.0.0.1:0",
            "--api-key",
            "sk_mine",
            "--seed",
            "demo",
            "--rate-limits=x10",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let _running = Running(child);
    let url = line
        .strip_prefix("listening on ")
        .expect("the first line")
        .trim()
        .to_owned();
    let status = |key: &str| {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let request = agent
            .get(format!("{url}/v1/users/jane"))
            .header("authorization", format!("Bearer {key}"));
        request.call().unwrap().status().as_u16()
    };
    assert_eq!(status("sk_mine"), 200);
    assert_eq!(status("sk_other"), 401);
}

#[test]
fn help_and_mistakes() {
    let run = |arguments: &[&str]| Command::new(PROGRAM).args(arguments).output().unwrap();
    let help = run(&["--help"]);
    assert!(
        help.status.success() && String::from_utf8_lossy(&help.stdout).contains("--rate-limits")
    );
    for (arguments, hint) in [
        (&["--adr", "x"][..], "--adr"),
        (&["--addr", "nowhere"], "HOST:PORT"),
        (&["--seed", "moon"], "moon"),
        (&["--rate-limits=9=1"], "tier"),
        (&["--channel", "x"], "x"),
    ] {
        let wrong = run(arguments);
        assert_eq!(wrong.status.code(), Some(2));
        let message = String::from_utf8_lossy(&wrong.stderr).into_owned();
        assert!(message.contains(hint), "{arguments:?}: {message}");
    }
}
