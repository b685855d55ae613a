//! Notices cursors that go in a circle.

/// Remembers one cursor of a list, and a later one after twice as many pages each time (Brent's
/// algorithm), so that a circle of any length is found in the memory of a single cursor.
#[derive(Clone)]
pub(super) struct CircleDetector {
    remembered: Option<String>,
    /// Number of cursors that came since.
    since: u64,
    /// After how many another one is remembered.
    most: u64,
}

impl CircleDetector {
    /// For a list that is read from here on.
    pub fn new(start: Option<&str>) -> Self {
        Self {
            remembered: start.map(str::to_owned),
            since: 0,
            most: 1,
        }
    }

    /// Takes the next cursor, and says whether it has come before.
    pub fn returns_to(&mut self, cursor: &str) -> bool {
        if self.remembered.as_deref() == Some(cursor) {
            return true;
        }
        self.since += 1;
        if self.since == self.most {
            self.remembered = Some(cursor.to_owned());
            self.since = 0;
            self.most *= 2;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_circle_of_any_length_wherever_it_begins() {
        for start in 0..20 {
            for length in 1..20 {
                let mut detector = CircleDetector::new(None);
                let cursor = |page: usize| match page < start {
                    true => page,
                    false => start + (page - start) % length,
                };
                let found = (0..).find(|page| detector.returns_to(&cursor(*page).to_string()));
                let found = found.unwrap();
                assert!(
                    found >= start + length && found <= 4 * (start + length),
                    "{found}"
                );
            }
        }
    }

    #[test]
    fn a_list_that_starts_at_a_cursor_and_stays_there_is_a_circle() {
        assert!(CircleDetector::new(Some("a")).returns_to("a"));
        assert!(!CircleDetector::new(Some("a")).returns_to("b"));
    }
}
