//! Pages one after the other, each fetched when it is asked for, or one ahead.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::client::paging::cursor::Cursor;
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt;
use crate::operation::Operation;

/// The wait for a page between two looks whether to stop, where nobody asks.
const LONG: Duration = Duration::from_secs(3600);

pub(crate) enum Pages<T> {
    OnDemand(Cursor<T>),
    Prefetch(Prefetch<T>),
}

impl<T> From<Cursor<T>> for Pages<T> {
    fn from(cursor: Cursor<T>) -> Self {
        Self::OnDemand(cursor)
    }
}

impl<T: Send + 'static> Pages<T> {
    /// Fetches one page ahead from now on.
    pub fn prefetch(self) -> Self {
        match self {
            // Without a thread it is slower, and nothing else.
            Self::OnDemand(cursor) => {
                Prefetch::start(&cursor).map_or(Self::OnDemand(cursor), Self::Prefetch)
            }
            ahead => ahead,
        }
    }

    /// The next page, or nothing after the last one. After an error the same page is asked for
    /// again.
    pub fn next(&mut self) -> Result<Option<T>> {
        match self {
            Self::OnDemand(cursor) => cursor.next(),
            Self::Prefetch(ahead) => ahead.next(),
        }
    }

    /// The cursor of the page that comes next; none before the first page and after the last.
    pub fn position(&self) -> Option<&str> {
        match self {
            Self::OnDemand(cursor) => cursor.position(),
            Self::Prefetch(ahead) => ahead.position.as_deref(),
        }
    }

    /// Whether the last page was given.
    pub fn is_done(&self) -> bool {
        match self {
            Self::OnDemand(cursor) => cursor.is_done(),
            Self::Prefetch(ahead) => ahead.done,
        }
    }
}

/// The taking end of a thread that fetches.
pub(crate) struct Prefetch<T> {
    fetched: Receiver<Fetched<T>>,
    position: Option<String>,
    done: bool,
    operation: &'static Operation,
    /// Ends the call of the thread, whose page nobody will take.
    stop: Arc<AtomicBool>,
}

impl<T> Drop for Prefetch<T> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
    }
}

/// A page with the cursor of the one after it.
struct Fetched<T> {
    page: Result<Option<T>>,
    position: Option<String>,
    /// Whether it is the last one.
    done: bool,
}

impl<T: Send + 'static> Prefetch<T> {
    fn start(cursor: &Cursor<T>) -> Option<Self> {
        // Without room in between: the thread holds one page until it is taken.
        let (give, fetched) = sync_channel(0);
        let own = cursor.clone();
        let stop = Arc::new(AtomicBool::new(false));
        let flag = stop.clone();
        let thread = thread::Builder::new().name("knock-prefetch".into());
        let work = move || interrupt::until(&flag, || fetch(own, &give));
        thread.spawn(work).ok()?;
        Some(Self {
            fetched,
            position: cursor.position().map(str::to_owned),
            done: false,
            operation: cursor.operation(),
            stop,
        })
    }

    fn next(&mut self) -> Result<Option<T>> {
        while !self.done {
            match self.fetched.recv_timeout(interrupt::slice(LONG)) {
                Ok(Fetched {
                    page,
                    position,
                    done,
                }) => {
                    self.position = position;
                    self.done = done;
                    return page;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let message = "the thread that fetches the pages ended before the last one";
                    return Err(Error::new(ErrorKind::Transport, message).at(self.operation.name));
                }
                Err(RecvTimeoutError::Timeout) if interrupt::requested() => {
                    return Err(Error::interrupted().at(self.operation.name));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        Ok(None)
    }
}

/// Fetches until the last page was given, or nobody takes them any more.
fn fetch<T>(mut cursor: Cursor<T>, give: &SyncSender<Fetched<T>>) {
    loop {
        let page = cursor.next();
        let position = cursor.position().map(str::to_owned);
        let done = cursor.is_done();
        let fetched = Fetched {
            page,
            position,
            done,
        };
        if give.send(fetched).is_err() || done {
            return;
        }
    }
}
