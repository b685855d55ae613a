//! A TCP server that speaks HTTP as badly as a test wants it to.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

/// A user as the API answers it.
pub const USER: &str = r#"{"__typename":"User","id":"jane","updated_at":"2026-01-01T00:00:00Z"}"#;

/// A bulk operation as the API answers it, before its work is begun.
pub const QUEUED: &str = r#"{"__typename":"BulkOperation","id":"b1","name":"users.delete","status":"queued","estimated_total_rows":1,"processed_rows":0,"success_count":0,"inserted_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}"#;

/// A whole answer with this body.
pub fn answer(body: impl AsRef<[u8]>) -> Vec<u8> {
    with_headers("200 OK", "", body)
}

/// A whole answer; `headers` are lines that each end in CR LF.
pub fn with_headers(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Serves each connection on a thread of its own, until it is dropped.
pub struct RawServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stopped: Mutex<bool>,
    stopping: Condvar,
    connections: AtomicUsize,
    requests: AtomicUsize,
    closed: AtomicUsize,
    open: Mutex<Vec<TcpStream>>,
}

impl RawServer {
    pub fn start(serve: impl Fn(&mut Connection) + Send + Sync + 'static) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").unwrap(), serve)
    }

    /// Serves on a listener that the test has made, such as one on a port that was in use.
    pub fn listen(
        listener: TcpListener,
        serve: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let (accepted, serve) = (shared.clone(), Arc::new(serve));
        let accepting = thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if *accepted.stopped.lock().unwrap() {
                    break;
                }
                let number = accepted.connections.fetch_add(1, Ordering::SeqCst);
                accepted
                    .open
                    .lock()
                    .unwrap()
                    .push(stream.try_clone().unwrap());
                let (serve, shared) = (serve.clone(), accepted.clone());
                thread::spawn(move || {
                    stream.set_nodelay(true).unwrap();
                    let mut connection = Connection {
                        input: BufReader::new(stream),
                        number,
                        shared,
                        resets: false,
                    };
                    serve(&mut connection);
                });
            }
        });
        Self {
            address,
            shared,
            accepting: Some(accepting),
        }
    }

    /// Answers every request with the same bytes, over one connection.
    pub fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |connection| {
            while connection.request().is_some() {
                connection.send(&bytes);
            }
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Number of connections accepted.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until so many connections were closed by their scripts.
    pub fn wait_until_closed(&self, connections: usize) {
        while self.shared.closed.load(Ordering::SeqCst) < connections {
            thread::yield_now();
        }
    }

    /// Number of requests that arrived whole.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        *self.shared.stopped.lock().unwrap() = true;
        self.shared.stopping.notify_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        for stream in self.shared.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// One connection, as the server sees it.
pub struct Connection {
    input: BufReader<TcpStream>,
    /// Counted from 0.
    pub number: usize,
    shared: Arc<Shared>,
    resets: bool,
}

impl Connection {
    /// Reads a request, head and body; none when the client is gone.
    pub fn request(&mut self) -> Option<String> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.input.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        self.input.read_exact(&mut body).ok()?;
        self.shared.requests.fetch_add(1, Ordering::SeqCst);
        Some(head + &String::from_utf8_lossy(&body))
    }

    /// The connection itself, for what is not HTTP at once.
    pub fn stream(&self) -> TcpStream {
        self.input.get_ref().try_clone().unwrap()
    }

    /// Sends; false when the client is gone.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.input.get_mut().write_all(bytes.as_ref()).is_ok()
    }

    /// Sends the same bytes over and over, until the client is gone.
    pub fn send_for_ever(&mut self, bytes: impl AsRef<[u8]>) {
        while self.send(&bytes) {}
    }

    /// Does nothing until the client closes, and says whether it did.
    pub fn wait_for_close(&mut self) -> bool {
        let mut scratch = [0; 4096];
        loop {
            match self.input.read(&mut scratch) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() == ErrorKind::ConnectionReset,
            }
        }
    }

    /// Does nothing, not even read, until the test is over.
    pub fn wait_for_the_end(&mut self) {
        let stopped = self.shared.stopped.lock().unwrap();
        let wait = self
            .shared
            .stopping
            .wait_while(stopped, |stopped| !*stopped);
        drop(wait.unwrap());
    }

    /// Closes with a reset, when the script returns.
    pub fn reset(&mut self) {
        let stream = socket2::SockRef::from(self.input.get_ref());
        stream.set_linger(Some(std::time::Duration::ZERO)).unwrap();
        self.resets = true;
        // The kernel resets when the last handle goes.
        let mut open = self.shared.open.lock().unwrap();
        let own = self.input.get_ref().peer_addr().ok();
        open.retain(|stream| stream.peer_addr().ok() != own);
    }
}

/// Also when the script panics, so that no client waits for it.
impl Drop for Connection {
    fn drop(&mut self) {
        if !self.resets {
            let _ = self.input.get_mut().shutdown(Shutdown::Write);
        }
        self.shared.closed.fetch_add(1, Ordering::SeqCst);
    }
}

/// A port that nobody listens on, and that nobody else is given.
pub struct VacantPort(socket2::Socket);

impl VacantPort {
    pub fn new() -> Self {
        use socket2::{Domain, Socket, Type};
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(&any.into()).unwrap();
        Self(socket)
    }

    pub fn url(&self) -> String {
        let address = self.0.local_addr().unwrap();
        format!("http://{}", address.as_socket().unwrap())
    }
}

/// A port whose queue of connections is full, so that connecting to it takes for ever.
pub struct FullPort {
    listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl FullPort {
    pub fn new() -> Self {
        use socket2::{Domain, Socket, Type};
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(&any.into()).unwrap();
        socket.listen(0).unwrap();
        let listener = TcpListener::from(socket);
        let address = listener.local_addr().unwrap();
        let patience = std::time::Duration::from_millis(20);
        let connect = |_| TcpStream::connect_timeout(&address, patience).ok();
        Self {
            _queue: (0..16).map_while(connect).collect(),
            listener,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }
}
