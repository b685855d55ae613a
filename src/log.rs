//! One line per attempt, to whoever asked for it. Off until then.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::sync;

/// The importance of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// An attempt failed, and its call with it.
    Error = 1,
    /// An attempt failed and is repeated.
    Warn = 2,
    /// Reserved; no message uses this level yet.
    Info = 3,
    /// An attempt succeeded.
    Debug = 4,
}

impl Level {
    /// The name in lower case, such as `warn`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The function that lines are sent to.
pub type Logger = Box<dyn Fn(Level, &str) + Send + Sync>;

type Sink = Arc<dyn Fn(Level, &str) + Send + Sync>;

static MOST: AtomicU8 = AtomicU8::new(0);
static SINK: RwLock<Option<Sink>> = RwLock::new(None);

/// Sends every line up to a level to a function, for all clients of the process; `None` turns
/// it off. A line has the operation, the attempt, the status, the request id and the time, and
/// never a secret. May be changed while calls run: a line that is being written goes to the old
/// function.
///
/// ```
/// use knock::Level;
///
/// knock::set_logger(Level::Debug, Some(Box::new(|level, line| eprintln!("{level} {line}"))));
/// knock::set_logger(Level::Debug, None);
/// ```
pub fn set_logger(level: Level, logger: Option<Logger>) {
    let mut current = SINK.write().unwrap_or_else(PoisonError::into_inner);
    MOST.store(
        if logger.is_some() { level as u8 } else { 0 },
        Ordering::Release,
    );
    *current = logger.map(Arc::from);
}

/// Holds the logger's lock for a fork. The child writes no lines until it is told to.
pub(crate) fn hold() -> Box<dyn sync::Held> {
    let sink = SINK.write().unwrap_or_else(PoisonError::into_inner);
    sync::hold(sink, |sink| {
        MOST.store(0, Ordering::Release);
        sync::abandon(sink);
    })
}

pub(crate) fn enabled(level: Level) -> bool {
    level as u8 <= MOST.load(Ordering::Acquire)
}

/// Sends a line to the logger.
pub fn write(level: Level, line: &str) {
    // The function is called without the lock, so that it may log, or change the logger.
    let sink = SINK.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(sink) = sink {
        sink(level, line);
    }
}
