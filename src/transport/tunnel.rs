//! A tunnel through an HTTP proxy, made by `CONNECT`.

use std::fmt;
use std::io;

use ureq::Error;
use ureq::http::StatusCode;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport,
};
use ureq_proto::parser::try_parse_response;

use crate::transport::attempt::Attempt;
use crate::transport::proxy::Proxy;
use crate::transport::resolver::host_and_port;

/// The headers of a proxy's response may be this many.
const MOST_HEADERS: usize = 64;
const MOST_HEAD_BYTES: usize = 64 << 10;

/// First in the chain: a tunnel, where there is a proxy.
pub(super) struct TunnelConnector(pub Option<Proxy>);

impl fmt::Debug for TunnelConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TunnelConnector")
    }
}

impl<In: Transport> Connector<In> for TunnelConnector {
    type Out = Either<In, Tunnel>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        // The whole chain is run for the connection to the proxy as well.
        let proxy = match &self.0 {
            Some(proxy) if chained.is_none() && !Attempt::is_tunnelling() => proxy,
            _ => return Ok(chained.map(Either::A)),
        };
        Attempt::update(|attempt| attempt.tunnelling = true);
        let tunnel = open(proxy, details);
        Attempt::update(|attempt| attempt.tunnelling = false);
        tunnel.map(|tunnel| Some(Either::B(tunnel)))
    }
}

fn open(proxy: &Proxy, details: &ConnectionDetails) -> Result<Tunnel, Error> {
    let mut connection = (details.run_connector)(&ConnectionDetails {
        uri: &proxy.uri,
        addrs: details.addrs.clone(),
        config: details.config,
        request_level: details.request_level,
        resolver: details.resolver,
        now: details.now,
        timeout: details.timeout,
        current_time: details.current_time.clone(),
        run_connector: details.run_connector.clone(),
        register_shutdown: details.register_shutdown.clone(),
    })?;
    let request = request(proxy, details)?;
    let mut unsent = &request[..];
    while !unsent.is_empty() {
        let output = connection.buffers().output();
        let fits = unsent.len().min(output.len());
        output[..fits].copy_from_slice(&unsent[..fits]);
        connection.transmit_output(fits, details.timeout)?;
        unsent = &unsent[fits..];
    }
    let status = receive_status(&mut *connection, details.timeout)?;
    if status.is_success() {
        // The host behind it was asked nothing yet.
        if !connection.buffers().input().is_empty() {
            let reason = "the proxy sent more than a response to CONNECT";
            return Err(Error::ConnectProxyFailed(reason.into()));
        }
        return Ok(Tunnel(connection));
    }
    Err(refusal(status, proxy.credentials.is_some()))
}

fn request(proxy: &Proxy, details: &ConnectionDetails) -> Result<Vec<u8>, Error> {
    let (host, port) = host_and_port(details.uri)?;
    let target = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let agent = concat!("knock-client/", env!("CARGO_PKG_VERSION"));
    let mut request =
        format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {agent}\r\n");
    if let Some(credentials) = &proxy.credentials {
        request += &format!("Proxy-Authorization: {credentials}\r\n");
    }
    request += "\r\n";
    Ok(request.into_bytes())
}

/// Reads heads until one is final: informational responses may come before.
fn receive_status(
    connection: &mut dyn Transport,
    timeout: NextTimeout,
) -> Result<StatusCode, Error> {
    let mut total = 0;
    loop {
        let received = connection.maybe_await_input(timeout)?;
        let input = connection.buffers().input();
        let size = input.len();
        let parsed = try_parse_response::<MOST_HEADERS>(input)?;
        let used = parsed.as_ref().map_or(0, |(used, _)| *used);
        // Also where nothing was: only then more is received.
        connection.buffers().input_consume(used);
        total += used;
        match parsed {
            Some((_, response)) if !response.status().is_informational() => {
                return Ok(response.status());
            }
            None if !received => {
                let reason = "the proxy closed the connection without a response";
                return Err(Error::ConnectProxyFailed(reason.into()));
            }
            _ if total + size > MOST_HEAD_BYTES => {
                return Err(Error::LargeResponseHeader(total + size, MOST_HEAD_BYTES));
            }
            _ => {}
        }
    }
}

/// The error for a proxy that makes no tunnel. One that refuses does so again.
fn refusal(status: StatusCode, with_credentials: bool) -> Error {
    let reason = status.canonical_reason().unwrap_or_default();
    let advice = match (status, with_credentials) {
        (StatusCode::PROXY_AUTHENTICATION_REQUIRED, true) => {
            "; it does not accept the user name and password of the proxy's URL"
        }
        (StatusCode::PROXY_AUTHENTICATION_REQUIRED, false) => {
            "; give the proxy's URL a user name and password, http://user:password@host:port"
        }
        _ => "",
    };
    let code = status.as_u16();
    let message = format!("the proxy responded {code} {reason}{advice}");
    let passing = matches!(code, 408 | 425 | 429);
    if status.is_client_error() && !passing {
        return io::Error::new(io::ErrorKind::InvalidData, message).into();
    }
    io::Error::other(message).into()
}

/// A connection to the host behind a proxy. TLS to the proxy is none to the host.
#[derive(Debug)]
pub(super) struct Tunnel(Box<dyn Transport>);

impl Transport for Tunnel {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        false
    }
}
