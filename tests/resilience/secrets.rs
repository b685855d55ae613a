//! Keys and tokens are in no error, log line or debug output, not even when a server sends
//! them back.

use std::sync::{Arc, Mutex};

use knock::types::{
    ChannelDataContent, InlineChannelDataRequest, InlineIdentifyUserRequest,
    PreferenceCenterSignedUrlResponse, SlackConnection, SlackIncomingWebhookConnection,
    SlackTokenConnection,
};
use knock::{CallOptions, Client, Error, Level};
use knock_sandbox::{Fault, Sandbox};
use serde_json::json;

use crate::raw_server::{RawServer, answer, with_headers};
use crate::support::KEY;

const TOKEN: &str = "token.of.jane";
const SECRETS: [&str; 3] = [KEY, TOKEN, "token.for.this.call"];

fn client(url: String) -> Client {
    let client = Client::builder()
        .api_key(KEY)
        .user_token(TOKEN)
        .base_url(url)
        .max_retries(0)
        .build()
        .unwrap();
    let options = CallOptions::new().header("x-knock-user-token", SECRETS[2]);
    client.with_options(options.unwrap())
}

fn assert_clean(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

fn assert_error_is_clean(error: &Error) {
    assert_clean(&error.to_string());
    assert_clean(&format!("{error:?} {error:#?}"));
    assert_clean(&error.to_json().to_string());
    let fields = [
        error.body(),
        error.code(),
        error.error_type(),
        error.request_id(),
    ];
    fields.iter().flatten().for_each(|text| assert_clean(text));
    assert_clean(&format!("{:?}", error.errors()));
}

#[test]
fn an_error_answer_that_echoes_them() {
    let sandbox = Sandbox::start();
    let client = client(sandbox.url());
    for secret in SECRETS {
        sandbox.fault(
            Fault::status(422)
                .header("x-request-id", secret)
                .body(json!({
                    "code": secret, "type": secret, "message": format!("Bearer {secret}?"),
                    "errors": [{"field": secret, "message": secret, "type": secret}],
                })),
        );
        let error = client.users().get("jane").unwrap_err();
        assert_eq!(error.status(), Some(422));
        assert!(error.message().contains("[secret]"), "{error}");
        assert_error_is_clean(&error);
    }
}

/// JSON has many ways to write a key: with escapes, as the key of an object, as text in text.
#[test]
fn an_error_response_that_echoes_them_escaped() {
    let escaped = |secret: &str| -> String {
        let unicode = |byte: u8| format!("\\u{byte:04x}");
        secret.bytes().map(unicode).collect()
    };
    for secret in SECRETS {
        let unicode = escaped(secret);
        let in_text = unicode.replace('\\', "\\\\");
        let body = format!(
            r#"{{"code": "{unicode}", "message": "{in_text}", "type": "{secret}", "{unicode}": 1.50,
                "errors": [{{"field": "{unicode}", "message": "{unicode}", "type": "{unicode}"}}],
                "deep": {{"list": [{{"{unicode}": "é {unicode}\n"}}], "cut": "{unicode}"#
        );
        for body in [format!("{body}\"}}}}"), body] {
            let server = RawServer::answering(with_headers("422 Unprocessable", "", &body));
            let error = client(server.url()).users().get("jane").unwrap_err();
            assert_error_is_clean(&error);
            // Nothing that a parser would find, either.
            let shown = error.body().unwrap();
            assert!(!shown.contains("\\u00"), "{shown}");
            assert!(shown.contains(r#""[secret]": 1.50"#), "{shown}");
        }
    }
}

#[test]
fn a_key_with_a_slash_that_is_escaped() {
    let key = "sk_test_1/2+3";
    let body = r#"{"message": "sk_test_1\/2+3?", "sk_test_1\u002f2+3": "\/"}"#;
    let server = RawServer::answering(with_headers("401 Unauthorized", "", body));
    let client = Client::builder().api_key(key).base_url(server.url());
    let error = client.build().unwrap().users().get("jane").unwrap_err();
    assert!(error.message().ends_with("[secret]?"), "{error}");
    assert_eq!(
        error.body(),
        Some(r#"{"message": "[secret]?", "[secret]": "\/"}"#)
    );
}

/// A key or token may also be set as a header.
#[test]
fn an_error_answer_that_echoes_a_header_of_the_client() {
    let body = json!({"message": format!("{KEY} or {TOKEN}")}).to_string();
    let server = RawServer::answering(with_headers("401 Unauthorized", "", body));
    let client = Client::builder()
        .api_key("sk_test_another")
        .header("Authorization", format!("Bearer {KEY}"))
        .header("X-Knock-User-Token", TOKEN)
        .base_url(server.url());
    let error = client.build().unwrap().users().get("jane").unwrap_err();
    assert!(error.message().ends_with("[secret] or [secret]"), "{error}");
    assert_error_is_clean(&error);
}

#[test]
fn other_answers_that_echo_them() {
    for secret in SECRETS {
        let id = format!("x-request-id: {secret}\r\n");
        let location = format!("{id}location: https://{secret}/\r\n");
        for bytes in [
            answer(format!("\"{secret}\"")),
            answer(format!("{{\"id\": [\"{secret}\"]}}")),
            with_headers("200 OK", &id, "<html>"),
            with_headers("302 Found", &location, ""),
            format!("HTTP/1.1 200 OK\r\n{secret}\r\n\r\n").into_bytes(),
            format!("{secret}\r\n\r\n").into_bytes(),
            format!("HTTP/1.1 200 OK\r\n{id}content-length: {secret}\r\n\r\n").into_bytes(),
            format!("HTTP/1.1 200 OK\r\n{id}transfer-encoding: chunked\r\n\r\n{secret}\r\n")
                .into_bytes(),
            format!("HTTP/1.1 200 OK\r\n{id}content-length: 99\r\n\r\n{secret}").into_bytes(),
        ] {
            let server = RawServer::start(move |connection| {
                if connection.request().is_some() {
                    connection.send(&bytes);
                }
            });
            let client = client(server.url());
            assert_error_is_clean(&client.users().get("jane").unwrap_err());
            let json = client.call_json("users.get", r#"{"user_id": "jane"}"#);
            if let Err(error) = json {
                assert_error_is_clean(&error);
            }
        }
    }
}

#[test]
fn settings_and_options() {
    let builder = Client::builder()
        .api_key(KEY)
        .user_token(TOKEN)
        .proxy(format!("http://user:{KEY}@127.0.0.1:1"))
        .header("x-secret", TOKEN);
    assert_clean(&format!("{builder:?}"));
    let client = builder.build().unwrap();
    assert_clean(&format!("{client:?}"));
    let options = CallOptions::new().user_token(SECRETS[2]).unwrap();
    assert_clean(&format!("{options:?}"));
    let wrong = format!(r#"{{"api_key": ["{KEY}"], "user_token": {{"{TOKEN}": 1}}}}"#);
    assert_clean(&Client::from_json(&wrong).unwrap_err().to_string());
    let wrong = Client::from_json(&format!("\"{KEY}\"")).unwrap_err();
    assert_clean(&wrong.to_string());
    let credentials = Client::builder().base_url(format!("https://jane:{KEY}@127.0.0.1"));
    assert_clean(&format!("{credentials:?}"));
    let wrong = Client::builder().api_key(KEY).proxy(format!("://{KEY}@"));
    assert_clean(&wrong.build().unwrap_err().to_string());
    let wrong = Client::builder()
        .api_key(format!("{KEY}\n2"))
        .user_token(TOKEN);
    assert_clean(&wrong.build().unwrap_err().to_string());
}

#[test]
fn what_an_answer_shows_of_itself() {
    let server = RawServer::answering(with_headers(
        "200 OK",
        &format!("x-echo: Bearer {KEY}\r\nx-request-id: {TOKEN}\r\n"),
        crate::raw_server::USER,
    ));
    let user = client(server.url()).users().get("jane").unwrap();
    assert_clean(&format!("{user:?}"));
}

/// Those of others: whoever reads a log could act for them.
#[test]
fn what_channels_and_links_are_reached_with() {
    let webhook = format!("https://hooks.test/{TOKEN}");
    let slack = |connection: SlackConnection| ChannelDataContent::slack([connection]);
    let data = [
        ("push", ChannelDataContent::push_tokens([TOKEN])),
        (
            "slack",
            slack(SlackTokenConnection::channel(TOKEN, "C1").into()),
        ),
        (
            "webhook",
            slack(SlackIncomingWebhookConnection::new(webhook).into()),
        ),
    ];
    let data = data.map(|(channel, data)| (channel.to_owned(), data));
    let user = InlineIdentifyUserRequest::new("jane").email("jane@ingen.net");
    let user = user.channel_data(InlineChannelDataRequest::from(data));
    let shown = format!("{user:?}");
    assert_clean(&shown);
    assert!(
        shown.contains("jane@ingen.net") && shown.contains("C1"),
        "{shown}"
    );
    let link = json!({"url": format!("https://preferences.test/{TOKEN}"), "token": TOKEN});
    let link: PreferenceCenterSignedUrlResponse = serde_json::from_value(link).unwrap();
    assert_clean(&format!("{link:?}"));
}

#[test]
fn log_lines() {
    let lines = Arc::new(Mutex::new(String::new()));
    let sink = lines.clone();
    let write = move |_: Level, line: &str| sink.lock().unwrap().push_str(line);
    knock::set_logger(Level::Debug, Some(Box::new(write)));
    let sandbox = Sandbox::start();
    let client = client(sandbox.url());
    for status in [200, 404, 503] {
        let fault = Fault::status(status).header("x-request-id", KEY);
        sandbox.fault(fault);
        let _ = client.users().get("jane");
    }
    sandbox.fault(Fault::raw(format!("HTTP/1.1 {KEY}\r\n\r\n")));
    let _ = client.users().get("jane");
    knock::set_logger(Level::Debug, None);
    let lines = lines.lock().unwrap();
    assert!(lines.contains("users.get attempt=1 503"), "{lines}");
    assert_clean(&lines);
}

/// A server reads a key without what was pasted around it, and shows it so.
#[test]
fn keys_and_tokens_with_more_around_them() {
    let body = json!({"message": format!("{KEY} and {TOKEN}")}).to_string();
    let server = RawServer::start(move |connection| {
        while let Some(request) = connection.request() {
            assert!(request.contains(&format!("authorization: Bearer {KEY}\r\n")));
            assert!(request.contains(&format!("x-knock-user-token: {TOKEN}\r\n")));
            connection.send(with_headers("401 Unauthorized", "", &body));
        }
    });
    let (key, token) = (format!(" {KEY}\r\n"), format!("\t{TOKEN} \n"));
    let config = json!({"api_key": key, "user_token": token, "base_url": server.url()});
    let from_json = Client::from_json(&config.to_string()).unwrap();
    let built = Client::builder().api_key(&key).base_url(server.url());
    let options = CallOptions::new().user_token(&token).unwrap();
    let built = built.build().unwrap().with_options(options);
    for client in [from_json, built] {
        let error = client.users().get("jane").unwrap_err();
        assert!(
            error.message().ends_with("[secret] and [secret]"),
            "{error}"
        );
        assert_error_is_clean(&error);
        let request = json!({"user_id": "jane", "request_options": {"user_token": token}});
        let error = client.call_json("users.get", &request.to_string());
        assert_error_is_clean(&error.unwrap_err());
    }
}

#[test]
fn headers_with_quotes_around_a_secret() {
    let body = json!({"message": format!("{KEY} and {TOKEN}")}).to_string();
    let server = RawServer::answering(with_headers("401 Unauthorized", "", body));
    let client = Client::builder()
        .api_key("sk_test_another")
        .header("authorization", format!("bearer  \"{KEY}\" "))
        .header("x-knock-user-token", format!("'{TOKEN}'"))
        .base_url(server.url());
    let error = client.build().unwrap().users().get("jane").unwrap_err();
    assert!(
        error.message().ends_with("[secret] and [secret]"),
        "{error}"
    );
    assert_error_is_clean(&error);
}

#[test]
fn keys_and_tokens_that_cannot_be_meant() {
    let sandbox = Sandbox::start();
    for (wrong, reason) in [
        (format!("\"{TOKEN}\""), "quotes"),
        (format!(" '{TOKEN}'\n"), "quotes"),
        (format!("Bearer {TOKEN}"), "white space"),
        (format!("{TOKEN}\u{a0}"), "cannot be sent"),
        (format!("{TOKEN}\n{TOKEN}"), "cannot be sent"),
        (" \n".into(), ""),
        (String::new(), ""),
    ] {
        let client = || Client::builder().base_url(sandbox.url());
        let config = |key: &str| json!({"api_key": "sk_test_1", key: wrong}).to_string();
        let request = json!({"user_id": "jane", "request_options": {"user_token": wrong}});
        let call = client().api_key(KEY).build().unwrap();
        let call = call.call_json("users.get", &request.to_string());
        for (error, name) in [
            (client().api_key(&wrong).build().unwrap_err(), "api_key"),
            (
                Client::from_json(&config("api_key")).unwrap_err(),
                "api_key",
            ),
            (
                client()
                    .api_key(KEY)
                    .user_token(&wrong)
                    .build()
                    .unwrap_err(),
                "user_token",
            ),
            (
                Client::from_json(&config("user_token")).unwrap_err(),
                "user_token",
            ),
            (
                CallOptions::new().user_token(&wrong).unwrap_err(),
                "user-token",
            ),
            (call.unwrap_err(), "user-token"),
        ] {
            let message = error.message();
            assert!(
                message.contains(name) && message.contains(reason),
                "{message}"
            );
            assert!(!matches!(error.kind(), knock::ErrorKind::Api), "{error}");
            assert_error_is_clean(&error);
        }
    }
    assert!(sandbox.requests().is_empty());
}
