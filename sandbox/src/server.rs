//! The accept loop and the life of a connection.

use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::access;
use crate::admin;
use crate::delivery;
use crate::errors::ApiError;
use crate::exchange::{Reply, Service};

/// Bodies beyond this are refused, so that no client can fill the memory.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Path of the API.
const API_PREFIX: &str = "/v1/";

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
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
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
    recycle: watch::Receiver<()>,
) {
    // Without it small answers wait for the client's acknowledgement; failing to set it only costs time.
    let _ = stream.set_nodelay(true);
    let mut open = Some(stream);
    while let Some(stream) = open {
        open = serve_connection(stream, &service, number, recycle.clone()).await;
    }
    service.connections_open.fetch_sub(1, Ordering::Relaxed);
}

/// Answers requests until the connection ends or a fault takes it over; one that survives its fault comes back.
async fn serve_connection(
    stream: TcpStream,
    service: &Arc<Service>,
    number: u64,
    mut recycle: watch::Receiver<()>,
) -> Option<TcpStream> {
    recycle.mark_unchanged();
    let local = stream.local_addr().map(|addr| addr.ip()).ok();
    let taken = Arc::new(Mutex::new(None));
    let handler = service_fn(|request| {
        let (service, taken) = (service.clone(), taken.clone());
        Box::pin(async move {
            let reply = answer(request, &service, number, local).await;
            if !reply.delay.is_zero() {
                tokio::time::sleep(reply.delay).await;
            }
            match reply.delivery {
                None => Ok::<Response<Full<Bytes>>, TakeOver>(reply.answer.into_response()),
                Some(delivery) => {
                    *taken.lock().unwrap_or_else(PoisonError::into_inner) =
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
            _ = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break,
            Ok(()) = recycle.changed() => std::pin::Pin::new(&mut connection).graceful_shutdown(),
        }
    }
    let stream = connection.into_parts().io.into_inner();
    let (delivery, answer) = taken
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()?;
    // The client may leave at any point of a faulty answer; that is its good right.
    delivery::play(stream, &delivery, &answer)
        .await
        .ok()
        .flatten()
}

async fn answer(
    request: Request<Incoming>,
    service: &Service,
    connection: u64,
    local: Option<IpAddr>,
) -> Reply {
    let (parts, body) = request.into_parts();
    let ordinary = |answer| Reply {
        answer,
        delay: Duration::ZERO,
        delivery: None,
    };
    let is_api = parts.uri.path().starts_with(API_PREFIX);
    let admitted =
        access::check_host(&parts, local, &service.config.hosts).and_then(|()| match is_api {
            // A page of another origin cannot send a key, which no preflight allows.
            true => Ok(()),
            false => access::check_origin(&parts),
        });
    if let Err(refused) = admitted {
        return ordinary(refused.into_answer());
    }
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
