//! The progress of a run: a bar on a terminal, a line now and then elsewhere.

use std::fmt::Display;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use knock::bulk::BulkProgress;

use crate::tell;

/// Interval of progress lines where there is no terminal.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// Shows how far a run is, on standard error.
#[derive(Clone)]
pub(crate) enum Meter {
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl Meter {
    pub fn new() -> Self {
        match io::stderr().is_terminal() {
            true => Self::bar(ProgressDrawTarget::stderr()),
            false => Self::Lines {
                last: Instant::now(),
            },
        }
    }

    fn bar(target: ProgressDrawTarget) -> Self {
        let style = ProgressStyle::with_template("{wide_bar} {percent:>3}% {msg}");
        let bar = ProgressBar::with_draw_target(Some(0), target);
        Self::Bar(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    pub fn show(&mut self, progress: &BulkProgress) {
        match self {
            Self::Bar(bar) => {
                bar.set_length(progress.total.unwrap_or(progress.read));
                bar.set_position(progress.processed + progress.bad_records);
                bar.set_message(short(progress));
            }
            Self::Lines { last } if last.elapsed() >= PLAIN_INTERVAL => {
                *last = Instant::now();
                tell(progress);
            }
            Self::Lines { .. } => {}
        }
    }

    /// Says something above the bar.
    pub fn tell(&self, text: impl Display) {
        match self {
            Self::Bar(bar) => bar.suspend(|| tell(text)),
            Self::Lines { .. } => tell(text),
        }
    }

    /// Leaves nothing of the bar on the terminal.
    pub fn clear(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// The rest of the progress, which the bar does not show by itself.
fn short(progress: &BulkProgress) -> String {
    let mut text = format!(
        "{} done",
        progress.processed - progress.failed.min(progress.processed)
    );
    for (count, what) in [(progress.failed, "failed"), (progress.bad_records, "bad")] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    match progress.remaining {
        Some(left) => format!("{text}, {} s left", left.as_secs_f64().ceil()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    #[test]
    fn the_bar_takes_the_width_of_the_terminal_and_goes() {
        let terminal = InMemoryTerm::new(5, 60);
        let mut meter = Meter::bar(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        let mut progress = BulkProgress::default();
        (progress.total, progress.processed) = (Some(200), 100);
        (progress.failed, progress.bad_records) = (3, 2);
        progress.remaining = Some(Duration::from_millis(1500));
        meter.show(&progress);
        if let Meter::Bar(bar) = &meter {
            bar.tick();
        }
        let shown = terminal.contents();
        assert_eq!(shown.chars().count(), 60, "{shown}");
        assert!(
            shown.ends_with("  51% 97 done, 3 failed, 2 bad, 2 s left"),
            "{shown}"
        );
        assert!(shown.starts_with('█'), "{shown}");
        meter.clear();
        assert_eq!(terminal.contents(), "");
    }
}
