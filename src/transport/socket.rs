//! A TCP connection that keeps to the deadline of the attempt it serves.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Weak};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, ShutdownHandle, Transport};

use crate::interrupt;
use crate::transport::attempt::{Attempt, pause, remaining};
use crate::transport::buffers::SocketBuffers;

/// The longest that one system call may block. The socket's own timeout is changed only when
/// a deadline is nearer than that, so that a call in good time makes no extra system call.
const SLICE: Duration = Duration::from_secs(1);
/// A slice left over from a near deadline that would make long waits wake too often.
const SHORT_SLICE: Duration = Duration::from_millis(50);

/// Silence of a connection after which the system asks whether the other end is still there. That
/// also keeps routers from forgetting it.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Lets a client that is closed interrupt the connection.
pub(super) struct Stream(pub TcpStream);

impl Stream {
    pub fn shutdown_handle(self: &Arc<Self>) -> Weak<dyn ShutdownHandle> {
        Arc::downgrade(self) as Weak<dyn ShutdownHandle>
    }
}

impl ShutdownHandle for Stream {
    fn shutdown(&self) {
        // An error means that it is closed already.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

pub(super) struct Socket {
    stream: Arc<Stream>,
    buffers: SocketBuffers,
    receive_slice: Duration,
    send_slice: Duration,
    broken: Option<io::Error>,
}

impl Socket {
    pub fn new(stream: Arc<Stream>) -> io::Result<Self> {
        stream.0.set_nodelay(true)?;
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE);
        SockRef::from(&stream.0).set_tcp_keepalive(&keepalive)?;
        stream.0.set_read_timeout(Some(SLICE))?;
        stream.0.set_write_timeout(Some(SLICE))?;
        Ok(Self {
            stream,
            buffers: SocketBuffers::default(),
            receive_slice: SLICE,
            send_slice: SLICE,
            broken: None,
        })
    }

    /// Sends what is pending. A server may respond and close before it has read all of a body,
    /// so a failed send is kept until a receive shows that there is no response either.
    fn flush(&mut self) -> Result<(), Error> {
        let mut stream = &self.stream.0;
        let mut unsent = self.buffers.pending();
        if unsent.is_empty() {
            return Ok(());
        }
        while !unsent.is_empty() && self.broken.is_none() {
            fit(&mut self.send_slice, remaining()?, |slice| {
                stream.set_write_timeout(slice)
            })?;
            match stream.write(unsent) {
                Ok(0) => self.broken = Some(ErrorKind::WriteZero.into()),
                Ok(sent) => {
                    unsent = &unsent[sent..];
                    Attempt::sent();
                }
                Err(error) if is_pause(&error) => pause()?,
                Err(error) => self.broken = Some(error),
            }
        }
        self.buffers.sent();
        Ok(())
    }

    /// Receives into the input buffer; 0 means that the server closed.
    fn receive(&mut self) -> Result<usize, Error> {
        let mut stream = &self.stream.0;
        loop {
            fit(&mut self.receive_slice, remaining()?, |slice| {
                stream.set_read_timeout(slice)
            })?;
            match stream.read(self.buffers.input_append_buf()) {
                Err(error) if is_pause(&error) => pause()?,
                Ok(received) => return Ok(received),
                // ureq would take a reset for the end of a body without a length.
                Err(error) => {
                    return Err(io::Error::other(self.broken.take().unwrap_or(error)).into());
                }
            }
        }
    }

    /// Asks without waiting whether the server closed, or sent what nobody asked for.
    fn is_quiet(&self) -> bool {
        match receive_nothing(&self.stream.0) {
            Err(error) => error.kind() == ErrorKind::WouldBlock,
            Ok(_) => false,
        }
    }
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        if self.buffers.keep(amount) {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        self.flush()?;
        let received = self.receive()?;
        if received == 0 {
            return match self.broken.take() {
                Some(error) => Err(error.into()),
                None => Ok(false),
            };
        }
        Attempt::received(received)?;
        self.buffers.input_appended(received);
        Ok(true)
    }

    /// Whether another request may be sent, and what comes then is the response to it: nothing is
    /// left of the last one, and the server has neither closed nor sent more.
    fn is_open(&mut self) -> bool {
        let drained = self.broken.is_none() && self.buffers.input().is_empty();
        // At the end of an exchange the socket is not asked: the next one does so.
        if Attempt::is_connected() {
            return drained;
        }
        let open = drained && self.is_quiet();
        if open {
            Attempt::connected(true);
        }
        open
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Socket({:?})", self.stream.0.peer_addr().ok())
    }
}

/// Makes the socket's timeout fit the time that is left, with as few system calls as can be.
fn fit(
    slice: &mut Duration,
    left: Duration,
    set: impl FnOnce(Option<Duration>) -> io::Result<()>,
) -> io::Result<()> {
    let longest = interrupt::slice(SLICE);
    let wanted = left.min(longest);
    if *slice > wanted || (*slice < SHORT_SLICE && *slice < wanted) {
        set(Some(wanted))?;
        *slice = wanted;
    }
    Ok(())
}

/// A slice that ran out, or a signal: neither ends the wait.
fn is_pause(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

#[cfg(unix)]
fn receive_nothing(stream: &TcpStream) -> io::Result<usize> {
    let mut byte = [std::mem::MaybeUninit::uninit()];
    let flags = libc::MSG_DONTWAIT | libc::MSG_PEEK;
    SockRef::from(stream).recv_with_flags(&mut byte, flags)
}

#[cfg(not(unix))]
fn receive_nothing(stream: &TcpStream) -> io::Result<usize> {
    stream.set_nonblocking(true)?;
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    peeked
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn the_system_watches_a_silent_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let socket = Socket::new(Arc::new(Stream(stream))).unwrap();
        assert!(SockRef::from(&socket.stream.0).keepalive().unwrap());
    }
}
