//! Faults of servers that break the rules of HTTP, or of TCP's patience.

use std::io::Write;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use knock::ErrorKind::{Api, Response, Timeout, Transport};

use crate::matrix::{Call, Row, Server};
use crate::raw_server::{Connection, USER, answer, with_headers};
use Call::{Delete, Get, GetJson, Merge, PutLarge};

/// A server that reads a request and then does this.
fn row(
    fault: &'static str,
    call: Call,
    script: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> Row {
    let serve = move |connection: &mut Connection| {
        if connection.request().is_some() {
            script(connection);
        }
    };
    Row::new(fault, call, Server::Raw(Box::new(serve)))
}

/// A server that answers a request with these bytes and closes.
fn sends(fault: &'static str, call: Call, bytes: impl Into<Vec<u8>>) -> Row {
    let bytes = bytes.into();
    row(fault, call, move |connection| {
        connection.send(&bytes);
    })
}

/// A response of 200 with these headers, whose body ends with the connection.
fn unframed(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\n");
    [head.as_bytes(), body.as_ref()].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gzipped(body: impl AsRef<[u8]>) -> Vec<u8> {
    with_headers("200 OK", "content-encoding: gzip\r\n", body)
}

pub fn rows() -> Vec<Row> {
    let rows = [
        heads(),
        informational(),
        framing(),
        compression(),
        contents(),
        redirects(),
        errors(),
        stalls(),
    ];
    rows.into_iter().flatten().collect()
}

fn heads() -> Vec<Row> {
    let long = format!("x-a: {}\r\n", "a".repeat(1000));
    let huge = format!("x-a: {}\r\n", "a".repeat(70_000));
    let old = format!("HTTP/1.0 200 OK\r\n\r\n{USER}");
    vec![
        row("headers without end", Get, move |connection| {
            connection.send("HTTP/1.1 200 OK\r\n");
            connection.send_for_ever(&long);
        })
        .fails(Response)
        .retryable(),
        row("a header without end", Get, |connection| {
            connection.send("HTTP/1.1 200 OK\r\nx-a: ");
            connection.send_for_ever("aaaaaaaaaaaaaaaa");
        })
        .fails(Response)
        .retryable(),
        row("small headers without end", Merge, |connection| {
            connection.send("HTTP/1.1 200 OK\r\n");
            connection.send_for_ever("a: b\r\n");
        })
        .fails(Response)
        .unsure(),
        sends(
            "a head over 64 KiB",
            Get,
            with_headers("200 OK", &huge, USER),
        )
        .fails(Response)
        .retryable(),
        sends("not HTTP", Get, "SSH-2.0-OpenSSH_9.2\r\n")
            .fails(Response)
            .retryable(),
        sends("status 000", Get, "HTTP/1.1 000 Nothing\r\n\r\n")
            .fails(Response)
            .retryable(),
        sends("half a status line", Get, "HTTP/1.1 2")
            .fails(Response)
            .retryable(),
        sends("half a status line", Merge, "HTTP/1.1 2")
            .fails(Response)
            .unsure(),
        sends("HTTP/1.0", Get, old),
        sends(
            "`connection: close`",
            Get,
            with_headers("200 OK", "connection: close\r\n", USER),
        ),
    ]
}

fn informational() -> Vec<Row> {
    let hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let continued = "HTTP/1.1 100 Continue\r\n\r\n";
    let first = [continued.as_bytes(), hints.as_bytes(), &answer(USER)].concat();
    let large = USER.replacen('{', &format!("{{\"bio\":\"{}\",", "x".repeat(150_000)), 1);
    let before_large = [hints.as_bytes(), &answer(large)].concat();
    vec![
        sends("1xx before the response", Get, first),
        sends("1xx before a large answer", Get, before_large),
        row("1xx without end", Get, move |connection| {
            connection.send_for_ever(hints);
        })
        .fails(Response)
        .retryable(),
        sends(
            "101, another protocol",
            Get,
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n",
        )
        .fails(Response)
        .status(101),
    ]
}

fn framing() -> Vec<Row> {
    let length =
        |length: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{USER}");
    let chunked = |chunks: &str| unframed("transfer-encoding: chunked\r\n", chunks);
    let half = unframed("", &USER[..20]);
    let signed = format!("+{:x}\r\n{USER}\r\n0\r\n\r\n", USER.len());
    let tiny = USER.chars().fold(String::new(), |chunks, it| {
        chunks + "1\r\n" + &it.to_string() + "\r\n"
    });
    let tiny = tiny + "0\r\n\r\n";
    vec![
        sends("length too long", Get, length("1000"))
            .fails(Response)
            .status(200)
            .retryable(),
        sends("length too short", Get, length("10"))
            .fails(Response)
            .status(200),
        sends("length that is no number", Get, length("many"))
            .fails(Response)
            .retryable(),
        sends(
            "two lengths",
            Get,
            with_headers("200 OK", "content-length: 3\r\n", USER),
        )
        .fails(Response)
        .retryable(),
        sends("no length", Get, unframed("", USER)),
        row("no length, ended by a reset", Get, move |connection| {
            connection.send(&half);
            connection.reset();
        })
        .fails(Response)
        .status(200)
        .retryable(),
        sends("chunks cut short", Get, chunked("5\r\n{\"id\""))
            .fails(Response)
            .status(200)
            .retryable(),
        sends("a chunk that is none", Get, chunked("five\r\n{\"id\""))
            .fails(Response)
            .status(200)
            .retryable(),
        sends("a chunk size with a sign", Get, chunked(&signed))
            .fails(Response)
            .status(200)
            .retryable(),
        sends("tiny chunks", Get, chunked(&tiny)),
        sends(
            "a transfer coding that was not asked for",
            Get,
            unframed("transfer-encoding: gzip, chunked\r\n", "0\r\n\r\n"),
        )
        .fails(Response)
        .status(200)
        .retryable(),
        row("a chunk's line without end", Get, move |connection| {
            connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;");
            connection.send_for_ever("aaaaaaaaaaaaaaaa");
        })
        .fails(Response)
        .status(200)
        .retryable(),
        sends(
            "204 with a body",
            Delete,
            with_headers("204 No Content", "", USER),
        ),
        sends(
            "a body where none is due",
            Delete,
            answer(r#"{"ok": true}"#),
        ),
        sends("HTML where no body is due", Delete, answer("<html>"))
            .fails(Response)
            .status(200)
            .unsure(),
    ]
}

fn compression() -> Vec<Row> {
    let whole = gzip(USER.as_bytes());
    let half = whole[..whole.len() / 2].to_vec();
    let nothing = gzip(b"").repeat(1000);
    let (start, end) = USER.as_bytes().split_at(20);
    let members = [gzip(start), gzip(b""), gzip(end)].concat();
    let followed = [&whole[..], b"\0\0 and more"].concat();
    let half_followed = [&whole[..], &half].concat();
    vec![
        sends("gzip", Get, gzipped(&whole)),
        sends(
            "gzip by its other names",
            Get,
            with_headers("200 OK", "content-encoding: X-GZip\r\n", &whole),
        ),
        sends("gzip without a body", Delete, gzipped("")),
        sends("gzip in several members", Get, gzipped(members)),
        sends("bytes after gzip", Get, gzipped(followed)),
        sends(
            "half a gzip member after another",
            Get,
            gzipped(half_followed),
        )
        .fails(Response)
        .status(200)
        .retryable(),
        sends("gzip that is none", Get, gzipped(USER))
            .fails(Response)
            .status(200)
            .retryable(),
        sends("gzip cut short", Get, gzipped(half))
            .fails(Response)
            .status(200)
            .retryable(),
        row("gzip of 64 MiB, for a limit of 1", Get, |connection| {
            connection.send(gzipped(gzip(&vec![b' '; 64 << 20])));
        })
        .fails(Response)
        .status(200)
        .retryable(),
        row("gzip of nothing without end", Get, move |connection| {
            connection.send(unframed("content-encoding: gzip\r\n", ""));
            connection.send_for_ever(&nothing);
        })
        .fails(Response)
        .status(200)
        .retryable(),
    ]
}

fn contents() -> Vec<Row> {
    let with_id = |id: &[u8]| {
        let (before, after) = USER.split_once("jane").unwrap();
        answer([before.as_bytes(), id, after.as_bytes()].concat())
    };
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = answer(USER.replace("\"jane\"", &format!("\"jane\",\"a\":{nested}")));
    let large = answer(" ".repeat(2 << 20));
    let marked = format!("\u{feff}{USER}");
    vec![
        sends("a body over the limit", Get, large)
            .fails(Response)
            .status(200)
            .retryable(),
        row("a body without end", Get, |connection| {
            connection.send(unframed("", ""));
            connection.send_for_ever([b' '; 4096]);
        })
        .fails(Response)
        .status(200)
        .retryable(),
        sends("not UTF-8", Get, with_id(b"\xff\xfe"))
            .fails(Response)
            .status(200),
        sends("not UTF-8", GetJson, with_id(b"\xff\xfe"))
            .fails(Response)
            .status(200),
        sends("NUL within a string", Get, with_id(b"\0"))
            .fails(Response)
            .status(200),
        sends("NUL within a string", GetJson, with_id(b"\0"))
            .fails(Response)
            .status(200),
        sends("NUL, escaped", GetJson, with_id(br"\u0000")),
        sends("half a surrogate pair", Get, with_id(br"\ud83d")),
        sends("half a surrogate pair", GetJson, with_id(br"\ud83d")),
        sends("a byte order mark", Get, answer(marked.clone())),
        sends("a byte order mark", GetJson, answer(marked)),
        sends("nested 100,000 deep", Get, deep.clone())
            .fails(Response)
            .status(200),
        sends("nested 100,000 deep", GetJson, deep)
            .fails(Response)
            .status(200),
        sends("an empty body", Get, answer(""))
            .fails(Response)
            .status(200),
        sends("an empty body", GetJson, answer(""))
            .fails(Response)
            .status(200),
        sends("another type", Get, answer("[1]"))
            .fails(Response)
            .status(200),
    ]
}

fn redirects() -> Vec<Row> {
    let to = |place: &str| {
        with_headers(
            "307 Temporary Redirect",
            &format!("location: {place}\r\n"),
            "",
        )
    };
    vec![
        sends(
            "redirect to another host",
            Get,
            to("https://elsewhere.test/"),
        )
        .fails(Response)
        .status(307),
        sends("redirect to itself", Get, to("/v1/users/jane"))
            .fails(Response)
            .status(307),
        sends(
            "redirect to another host",
            Merge,
            to("https://elsewhere.test/"),
        )
        .fails(Response)
        .status(307),
    ]
}

fn errors() -> Vec<Row> {
    let soon = "retry-after-ms: 1\r\n";
    let cut = format!("HTTP/1.1 503 Away\r\n{soon}content-length: 1000\r\n\r\n{{\"code\"");
    let large = with_headers("404 Not Found", "", " ".repeat(2 << 20));
    vec![
        sends("503 with a body cut short", Get, cut)
            .attempts(3)
            .connections(3)
            .fails(Api)
            .status(503)
            .retryable(),
        sends("404 with a body of 2 MiB", Get, large)
            .fails(Api)
            .status(404),
        sends(
            "502 that is HTML",
            Get,
            with_headers("502 Bad", soon, "<html>"),
        )
        .attempts(3)
        .connections(3)
        .fails(Api)
        .status(502)
        .retryable(),
        sends("status 799", Get, with_headers("799 What", soon, "{}"))
            .attempts(3)
            .connections(3)
            .fails(Api)
            .status(799)
            .retryable(),
    ]
}

fn stalls() -> Vec<Row> {
    let unread = |connection: &mut Connection| connection.wait_for_the_end();
    vec![
        row("body, a byte at a time", Get, |connection| {
            connection.send(answer(USER).split_last_chunk::<60>().unwrap().0);
            while connection.send(" ") {
                thread::sleep(Duration::from_millis(20));
            }
        })
        .deadline(400)
        .fails(Timeout)
        .status(200)
        .retryable(),
        Row::new(
            "server that never reads",
            PutLarge,
            Server::Raw(Box::new(unread)),
        )
        .deadline(400)
        .fails(Timeout)
        .retryable()
        .unsure()
        .arrived(0),
        Row::new("no response to connecting", Merge, Server::Full)
            .deadline(400)
            .fails(Timeout)
            .retryable()
            .unsent(),
        Row::new("nobody listens", Merge, Server::Nobody)
            .deadline(900)
            .fails(Transport)
            .retryable()
            .unsent(),
    ]
}
