//! A server that answers at once with the same bytes, so that what is measured is the client; and
//! the client that is measured.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use knock::{Client, Pacing};
use serde_json::{Value, json};

/// A client with everything on, its rate limits out of the way.
///
/// # Errors
///
/// `Config` for an address that cannot be called.
pub fn client(base_url: &str) -> knock::Result<Client> {
    let pacing = (1..=5).try_fold(Pacing::on(), |pacing, tier| pacing.limit(tier, 1e6))?;
    Client::builder()
        .api_key("sk_test_12345")
        .base_url(base_url)
        .pacing(pacing)
        .build()
}

/// One user, with custom properties and every usual field.
pub fn user(id: &str) -> Value {
    json!({
        "__typename": "User",
        "id": id,
        "name": "Jane Doe",
        "email": "jane@ingen.net",
        "phone_number": "+15555555555",
        "avatar": "https://cdn.ingen.net/avatars/jane.png",
        "timezone": "America/New_York",
        "locale": "en-US",
        "created_at": "2025-01-04T10:12:31.402Z",
        "updated_at": "2025-05-01T00:00:00.000Z",
        "plan": "pro",
        "seats": 12,
        "roles": ["admin", "billing"],
    })
}

/// A page of 50 feed items, about as large as the service sends.
pub fn feed() -> Value {
    let item = |n: usize| {
        json!({
            "__typename": "FeedItem",
            "id": format!("2FVHPWxRqNuXQ9krvNP5A6Z{n:04}"),
            "__cursor": format!("g3QAAAABZAALaW5zZXJ0ZWRfYXR0AAAAAl{n:04}"),
            "activities": [{
                "__typename": "Activity",
                "id": format!("2FVHPWxRqNuXQ9krvNP5A6X{n:04}"),
                "actor": user("john"),
                "recipient": user("jane"),
                "data": {"comment": "Life finds a way", "project": {"id": n, "name": "Isla Nublar"}},
                "inserted_at": "2025-05-01T00:00:00.000Z",
                "updated_at": "2025-05-01T00:00:00.000Z",
            }],
            "actors": [user("john")],
            "blocks": [{
                "type": "markdown",
                "name": "body",
                "content": "**{{ actor.name }}** commented on {{ project.name }}",
                "rendered": "<p><strong>John Hammond</strong> commented on Isla Nublar</p>",
            }],
            "data": {"comment": "Life finds a way", "project": {"id": n, "name": "Isla Nublar"}},
            "source": {
                "__typename": "NotificationSource",
                "key": "new-comment",
                "version_id": "7251cd3f-0028-4d1a-9466-ee79522ba3de",
                "categories": ["comments"],
            },
            "tenant": null,
            "total_activities": 1,
            "total_actors": 1,
            "archived_at": null,
            "clicked_at": null,
            "interacted_at": null,
            "link_clicked_at": null,
            "read_at": null,
            "seen_at": "2025-05-01T00:00:00.000Z",
            "inserted_at": "2025-05-01T00:00:00.000Z",
            "updated_at": "2025-05-01T00:00:00.000Z",
        })
    };
    json!({
        "entries": (0..50).map(item).collect::<Vec<_>>(),
        "meta": {"__typename": "FeedMeta", "total_count": 120, "unread_count": 50, "unseen_count": 0},
        "page_info": {"__typename": "PageInfo", "after": "g3QAAAABZAALaW5z", "before": null, "page_size": 50},
        "vars": {"app_name": "InGen"},
    })
}

/// A bulk operation that is at its end.
fn bulk_operation() -> Value {
    json!({
        "__typename": "BulkOperation",
        "id": "op",
        "name": "users.identify",
        "status": "completed",
        "estimated_total_rows": 1000,
        "processed_rows": 1000,
        "success_count": 1000,
        "error_count": 0,
        "inserted_at": "2025-05-01T00:00:00.000Z",
        "updated_at": "2025-05-01T00:00:00.000Z",
    })
}

struct Answers {
    user: Vec<u8>,
    feed: Vec<u8>,
    bulk: Vec<u8>,
}

/// Serves on a free port until the process ends.
pub fn serve() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let answers = Arc::new(Answers {
        user: answer(&user("jane")),
        feed: answer(&feed()),
        bulk: answer(&bulk_operation()),
    });
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = answers.clone();
            // A client that goes away ends its connection, and nothing else.
            thread::spawn(move || converse(stream, &answers).ok());
        }
    });
    Ok(address)
}

/// The body with the headers that the service sends around it.
fn answer(body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\n\
         date: Thu, 01 May 2025 00:00:00 GMT\r\n\
         content-type: application/json; charset=utf-8\r\n\
         content-length: {}\r\n\
         cache-control: max-age=0, private, must-revalidate\r\n\
         x-request-id: F_1sYkVx5Kn0yCEAAAXB\r\n\
         vary: accept-encoding\r\n\
         strict-transport-security: max-age=31536000\r\n\
         server: Cowboy\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

fn converse(mut stream: TcpStream, answers: &Answers) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(64 << 10, stream.try_clone()?);
    let mut line = String::new();
    let mut body = Vec::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = if line.contains("/feeds/") {
            &answers.feed
        } else if line.contains("/bulk") {
            &answers.bulk
        } else {
            &answers.user
        };
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        body.clear();
        reader.by_ref().take(length).read_to_end(&mut body)?;
        stream.write_all(answer)?;
    }
}
