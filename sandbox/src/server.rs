//! The accept loop and the life of a connection.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::admin;
use crate::delivery;
use crate::errors::ApiError;
use crate::exchange::{Reply, Service};

/// Bodies beyond this are refused, so that no client can fill the memory.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Accepts connections until the task is dropped, which drops every connection with it.
///
/// Whenever `recycle` changes, the connections that are open close as soon as they are idle.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    recycle: watch::Receiver<()>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                service.connections_open.fetch_add(1, Ordering::Relaxed);
                let number = service.connections_opened.fetch_add(1, Ordering::Relaxed) + 1;
                tokio::spawn(connection(stream, service.clone(), number, recycle.clone()));
            }
            // Out of file descriptors, most likely: let some connections end first.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

/// The service ends a connection with this to have it taken out of hyper's hands.
#[derive(Debug)]
struct TakeOver;

impl std::fmt::Display for TakeOver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a fault takes the connection over")
    }
}

impl std::error::Error for TakeOver {}

async fn connection(
    stream: TcpStream,
    service: Arc<Service>,
    number: u64,
    mut recycle: watch::Receiver<()>,
) {
    // Without it small answers wait for the client's acknowledgement; failing to set it only costs time.
    let _ = stream.set_nodelay(true);
    recycle.mark_unchanged();
    let taken = Arc::new(Mutex::new(None));
    let (slot, handling) = (taken.clone(), service.clone());
    let handler = service_fn(move |request| {
        let (service, slot) = (handling.clone(), slot.clone());
        Box::pin(async move {
            let reply = answer(request, &service, number).await;
            if !reply.delay.is_zero() {
                tokio::time::sleep(reply.delay).await;
            }
            match reply.delivery {
                None => Ok::<Response<Full<Bytes>>, TakeOver>(reply.answer.into_response()),
                Some(delivery) => {
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some((delivery, reply.answer));
                    Err(TakeOver)
                }
            }
        })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), handler);
    loop {
        tokio::select! {
            _ = std::future::poll_fn(|cx| connection.poll_without_shutdown(cx)) => break,
            Ok(()) = recycle.changed() => std::pin::Pin::new(&mut connection).graceful_shutdown(),
        }
    }
    let stream = connection.into_parts().io.into_inner();
    let taken = taken.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((delivery, answer)) = taken {
        // The client may leave at any point of a faulty answer; that is its good right.
        let _ = delivery::play(stream, &delivery, &answer).await;
    } else {
        drop(stream);
    }
    service.connections_open.fetch_sub(1, Ordering::Relaxed);
}

async fn answer(request: Request<Incoming>, service: &Service, connection: u64) -> Reply {
    let (parts, body) = request.into_parts();
    let ordinary = |answer| Reply {
        answer,
        delay: std::time::Duration::ZERO,
        delivery: None,
    };
    let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return ordinary(ApiError::too_large(MAX_BODY_BYTES).into_answer());
        }
        Err(_) => {
            return ordinary(ApiError::bad_request("the body ended early").into_answer());
        }
    };
    if parts.uri.path().starts_with(admin::PREFIX) {
        return ordinary(admin::answer(service, &parts, &body));
    }
    service.exchange(parts, body, connection)
}
