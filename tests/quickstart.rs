//! The quickstart: it runs to its end, and touches nothing but what it made.

#[path = "../examples/quickstart.rs"]
#[allow(dead_code, reason = "the tests call a part of it")]
mod quickstart;

use knock_sandbox::{Fault, Sandbox};
use quickstart::{Command, Stage, command, on_a_sandbox, show};

fn users(stage: &Stage) -> Vec<serde_json::Value> {
    stage.sandbox.as_ref().map(Sandbox::users).unwrap()
}

#[test]
fn it_deletes_the_users_it_made_and_no_others() {
    let stage = on_a_sandbox().unwrap();
    let before = users(&stage);
    show(&stage).unwrap();
    assert_eq!(users(&stage), before);
}

#[test]
fn it_deletes_the_users_it_made_where_something_fails() {
    let stage = on_a_sandbox().unwrap();
    let before = users(&stage);
    let fault = Fault::status(403).on("POST", "/v1/users/*/merge");
    stage.sandbox.as_ref().unwrap().fault(fault);
    let error = show(&stage).unwrap_err().to_string();
    assert!(error.contains("403"), "{error}");
    assert_eq!(users(&stage), before);
}

#[test]
fn nothing_but_an_argument_leads_to_the_service() {
    let command = |words: &[&str]| {
        command(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
            .map_err(|error| error.to_string())
    };
    assert_eq!(command(&[]), Ok(Command::Sandbox));
    assert_eq!(command(&["--service"]), Ok(Command::Service));
    assert_eq!(command(&["--help"]), Ok(Command::Help));
    for unknown in ["--servic", "--sandbox", "now", ""] {
        let error = command(&["--service", unknown]).unwrap_err();
        assert_eq!(error, format!("unknown argument {unknown:?}"));
    }
}
