//! A host that is asked while a call waits may end it, or make calls of its own.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use knock::bulk::{BulkCancel, InterruptionReason};
use knock::types::{IdentifyUserRequest, MergeUserRequest};
use knock::{CallOptions, Client, ErrorKind, Pacing};

use crate::clock::within;
use crate::closing::unhurried;
use crate::raw_server::{FullPort, QUEUED, RawServer, USER, answer};
use crate::support::KEY;

thread_local! {
    static ASKED: RefCell<Option<Rc<dyn Fn() -> bool>>> = const { RefCell::new(None) };
}

/// Answers the questions of this thread's calls, so that other tests do not notice.
pub fn when_asked(function: impl Fn() -> bool + 'static) {
    ASKED.set(Some(Rc::new(function)));
    knock::set_interrupt_hook(Some(Box::new(|| {
        // What the function calls does not ask it again.
        let Some(function) = ASKED.take() else {
            return false;
        };
        let answer = function();
        ASKED.set(Some(function));
        answer
    })));
}

fn client_of(server: &RawServer) -> Client {
    let builder = Client::builder().api_key(KEY).base_url(server.url());
    builder.pacing(Pacing::off()).build().unwrap()
}

/// Has this thread's calls make another call whenever they are asked; how many there were.
fn call_when_asked() -> Arc<AtomicUsize> {
    let server = RawServer::answering(answer(USER));
    let client = client_of(&server);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    when_asked(move || {
        // Kept as long as it is called.
        let _ = &server;
        client.users().get("jane").unwrap();
        counted.fetch_add(1, Ordering::SeqCst);
        false
    });
    calls
}

#[test]
fn an_interrupted_call_is_not_sent_again() {
    let server = RawServer::start(|connection| {
        if connection.request().is_some() {
            connection.send(answer(USER));
        }
        connection.request();
        connection.wait_for_close();
    });
    let client = client_of(&server);
    client.users().get("jane").unwrap();
    // The second goes over a connection that was used before.
    when_asked(|| true);
    let identify = || client.users().identify("jane", &IdentifyUserRequest::new());
    let error = within(Duration::from_secs(1), || identify().unwrap_err());
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Interrupted, 1)
    );
    assert!(error.may_have_been_processed());
    assert_eq!((server.requests(), server.connections()), (2, 1));
}

/// Through a name, one address and a proxy.
#[test]
fn connecting_is_interrupted() {
    let port = FullPort::new();
    let named = port.url().replace("127.0.0.1", "localhost");
    for builder in [
        Client::builder().base_url(port.url()),
        Client::builder().base_url(named),
        Client::builder()
            .base_url("https://api.knock.invalid")
            .proxy(port.url()),
    ] {
        let builder = builder
            .api_key(KEY)
            .connect_timeout(Duration::from_secs(60));
        let client = builder.build().unwrap();
        when_asked(|| true);
        let error = within(Duration::from_secs(1), || {
            client.users().get("jane").unwrap_err()
        });
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
        assert!(!error.may_have_been_processed());
    }
}

#[test]
fn an_interrupted_bulk_run_ends_and_leaves_what_cancels_others() {
    let server = RawServer::answering(answer(QUEUED));
    let cancel = BulkCancel::new();
    let client = client_of(&server);
    let run = unhurried(&client)
        .cancel_with(&cancel)
        .on_progress(|_| when_asked(|| true));
    let summary = within(Duration::from_secs(1), || run.run(["jane"]));
    let reason = summary.interrupted.unwrap().reason;
    assert_eq!(reason, InterruptionReason::Cancelled);
    assert_eq!((server.requests(), summary.pending.len()), (1, 1));
    assert!(!cancel.is_cancelled());
}

#[test]
fn an_interrupted_wait_for_a_bulk_operation_says_so() {
    let server = RawServer::answering(answer(QUEUED));
    let client = client_of(&server);
    when_asked(|| true);
    let wait = || client.bulk_operations().wait("b1", Duration::from_secs(30));
    let error = within(Duration::from_secs(1), || wait().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(error.operation(), Some("bulk_operations.get"));
}

#[test]
fn a_call_keeps_its_deadline_while_the_host_makes_another() {
    let server = RawServer::start(|connection| {
        connection.request();
        connection.wait_for_close();
    });
    let calls = call_when_asked();
    let deadline = Duration::from_millis(400);
    let client = client_of(&server).with_options(CallOptions::new().deadline(deadline));
    let error = within(deadline, || client.users().get("jane").unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(calls.load(Ordering::SeqCst) > 0);
}

#[test]
fn a_call_knows_that_it_was_sent_when_the_host_made_another_meanwhile() {
    let calls = call_when_asked();
    let server = RawServer::start(move |connection| {
        connection.request();
        while calls.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
    });
    let merge = MergeUserRequest::new("ian");
    let error = client_of(&server).users().merge("jane", &merge);
    let error = error.unwrap_err();
    assert!(error.may_have_been_processed(), "{error}");
    assert_eq!((server.requests(), error.attempts()), (1, 1));
}
