//! An endpoint for webhooks: verifies each request and prints its event.
//!
//! The signing secret comes from `KNOCK_WEBHOOK_SECRET`; the address may be given, and is
//! 127.0.0.1:8000 by default.

use std::env;
use std::error::Error;
use std::io::Read;

use knock::types::{Message, WebhookEvent, WebhookEventType};
use knock::webhook::Webhook;
use tiny_http::{Method, Request, Response, Server, StatusCode};

const LARGEST: u64 = 1 << 20;

#[allow(
    dead_code,
    reason = "the tests include this file for its other functions"
)]
fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let secrets = env::var("KNOCK_WEBHOOK_SECRET").map_err(|_| "set KNOCK_WEBHOOK_SECRET")?;
    // Two for the time in which one replaces the other: KNOCK_WEBHOOK_SECRET="new old".
    let webhook = Webhook::new(secrets.split_whitespace())?;
    let address = env::args().nth(1);
    let server = Server::http(address.as_deref().unwrap_or("127.0.0.1:8000"))?;
    println!("listening on http://{}", server.server_addr());
    for request in server.incoming_requests() {
        serve(&webhook, request);
    }
    Ok(())
}

/// Responds to a request.
pub fn serve(webhook: &Webhook, mut request: Request) {
    let status = status(webhook, &mut request);
    if let Err(error) = request.respond(Response::empty(status)) {
        eprintln!("the response could not be sent: {error}");
    }
}

fn status(webhook: &Webhook, request: &mut Request) -> StatusCode {
    if *request.method() != Method::Post {
        return StatusCode(405);
    }
    let mut headers = request.headers().iter();
    let signature = headers.find(|header| header.field.equiv("x-knock-signature"));
    let signature = signature.map(|header| header.value.to_string());
    let mut body = Vec::new();
    match request.as_reader().take(LARGEST + 1).read_to_end(&mut body) {
        Err(_) => return StatusCode(400),
        Ok(length) if length as u64 > LARGEST => return StatusCode(413),
        Ok(_) => {}
    }
    match webhook.event(signature.as_deref(), &body) {
        Ok(event) => {
            handle(&event);
            StatusCode(204)
        }
        Err(error) => {
            // Whoever sent it is told no more than that it was refused.
            eprintln!("refused: {error}");
            StatusCode(400)
        }
    }
}

/// Does what there is to do, at once: Knock waits for the response, and repeats what fails.
fn handle(event: &WebhookEvent) {
    match (&event.kind, event.data_as::<Message>()) {
        (WebhookEventType::MessageBounced, Ok(message)) => println!("bounced: {}", message.id),
        (kind, _) => println!("{kind}"),
    }
}
