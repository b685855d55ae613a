//! The memory of a bulk run does not grow with its input. A test of its own process, since it
//! measures all of it.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use knock::bulk::{BulkRun, Json};
use knock::{Client, Pacing};
use serde_json::json;

const MOST_GROWTH: u64 = 32 << 20;

/// Answers every call with a bulk operation that is at its end, and remembers nothing.
fn serve(stream: TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let operation = json!({
        "id": "op", "name": "users.identify", "status": "completed", "estimated_total_rows": 1000,
        "processed_rows": 1000, "success_count": 1000, "inserted_at": "", "updated_at": "",
    });
    let body = operation.to_string();
    let mut line = String::new();
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let header = line.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            io::copy(&mut reader.by_ref().take(length), &mut io::sink())?;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            reader.get_mut().write_all((head + &body).as_bytes())?;
        }
    }
}

/// The most memory that the process held since the last reset, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: u64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kilobytes << 10
}

#[test]
fn two_hundred_megabytes_pass_through_a_few() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().flatten().try_for_each(serve));
    let client = Client::builder()
        .api_key("sk_test")
        .base_url(url)
        .pacing(Pacing::off())
        .build()
        .unwrap();
    let text = "x".repeat(2000);
    let user = |n: usize| Json(format!(r#"{{"id":"user-{n}","text":"{text}"}}"#));
    assert!(
        BulkRun::identify(&client)
            .run((0..1000).map(user))
            .is_success()
    );

    // Makes the kernel forget the peak so far.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let start = peak();
    let summary = BulkRun::identify(&client).run((0..100_000).map(user));
    let growth = peak() - start;
    assert!(summary.is_success(), "{summary}");
    assert!(growth < MOST_GROWTH, "it grew by {growth} bytes");
}
