//! A TCP connection that keeps to the deadline of the attempt it serves.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

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
/// A connection that was idle for longer is asked whether it is still open before it is used.
/// Calls that follow one another are spared that: the receive itself tells.
const FRESH: Duration = Duration::from_millis(5);

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
    last_used: Instant,
    /// Whether what is sent and received here is encrypted, so that it tells nothing.
    encrypted: bool,
    /// The last answer ended with its head. A body that must not be there may follow, and would
    /// be taken for the next answer.
    ends_with_head: bool,
    broken: Option<io::Error>,
}

impl Socket {
    pub fn new(stream: Arc<Stream>, encrypted: bool) -> io::Result<Self> {
        stream.0.set_nodelay(true)?;
        stream.0.set_read_timeout(Some(SLICE))?;
        stream.0.set_write_timeout(Some(SLICE))?;
        Ok(Self {
            stream,
            buffers: SocketBuffers::default(),
            receive_slice: SLICE,
            send_slice: SLICE,
            last_used: Instant::now(),
            encrypted,
            ends_with_head: false,
            broken: None,
        })
    }

    /// Sends what is pending. A server may answer and close before it has read all of a body,
    /// so a failed send is kept until a receive shows that there is no answer either.
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
        self.last_used = Instant::now();
        self.ends_with_head = ends_with_head(self.buffers.input());
        Ok(true)
    }

    fn is_open(&mut self) -> bool {
        let repeatable = Attempt::current().is_none_or(|attempt| attempt.repeatable);
        let trusted = repeatable
            && !self.encrypted
            && !self.ends_with_head
            && self.last_used.elapsed() < FRESH;
        let open = self.broken.is_none() && (trusted || self.is_quiet());
        if open {
            Attempt::connected(true);
        }
        open
    }
}

/// Whether this is a head without its body. Chunks end in an empty line as well.
fn ends_with_head(input: &[u8]) -> bool {
    input.ends_with(b"\r\n\r\n") && !input.ends_with(b"\r\n0\r\n\r\n")
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
    socket2::SockRef::from(stream).recv_with_flags(&mut byte, flags)
}

#[cfg(not(unix))]
fn receive_nothing(stream: &TcpStream) -> io::Result<usize> {
    stream.set_nonblocking(true)?;
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    peeked
}
