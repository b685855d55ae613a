//! Matching requests by method and path pattern.

/// A method and a path pattern: `*` stands for anything within a segment, `**` for anything at all.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    method: Option<String>,
    path: Option<String>,
}

impl Matcher {
    pub fn new(method: Option<&str>, path: Option<&str>) -> Self {
        let wanted = |text: Option<&str>| {
            text.filter(|t| !t.is_empty() && *t != "*")
                .map(str::to_owned)
        };
        Self {
            method: wanted(method),
            path: wanted(path),
        }
    }

    pub fn matches(&self, method: &str, path: &str) -> bool {
        self.method
            .as_deref()
            .is_none_or(|m| m.eq_ignore_ascii_case(method))
            && self
                .path
                .as_deref()
                .is_none_or(|pattern| glob(pattern.as_bytes(), path.as_bytes()))
    }
}

/// Backtracks to the last star only, so a pattern costs at most its length times that of the text.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    struct Star {
        resume: usize,
        at: usize,
        crosses: bool,
    }
    let (mut p, mut t) = (0, 0);
    let mut stars: Vec<Star> = Vec::new();
    loop {
        match pattern.get(p) {
            Some(b'*') => {
                let crosses = pattern.get(p + 1) == Some(&b'*');
                p += if crosses { 2 } else { 1 };
                // A `**` makes every earlier star's choice final: it can take up whatever they would.
                if crosses {
                    stars.clear();
                }
                stars.push(Star {
                    resume: p,
                    at: t,
                    crosses,
                });
                continue;
            }
            Some(byte) if text.get(t) == Some(byte) => {
                p += 1;
                t += 1;
                continue;
            }
            None if t == text.len() => return true,
            _ => {}
        }
        loop {
            let Some(star) = stars.last_mut() else {
                return false;
            };
            match text.get(star.at) {
                Some(byte) if star.crosses || *byte != b'/' => {
                    star.at += 1;
                    p = star.resume;
                    t = star.at;
                    break;
                }
                _ => {
                    stars.pop();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_within_a_segment_and_double_stars_cross() {
        let matches =
            |pattern: &str, path: &str| Matcher::new(None, Some(pattern)).matches("GET", path);
        assert!(matches("/v1/users/*", "/v1/users/jane"));
        assert!(!matches("/v1/users/*", "/v1/users/jane/messages"));
        assert!(matches("/v1/users/**", "/v1/users/jane/messages"));
        assert!(matches("/v1/users/*/feeds/*", "/v1/users/jane/feeds/1"));
        assert!(matches(
            "/v1/**/seen",
            "/v1/users/jane/guides/messages/seen"
        ));
        assert!(!matches(
            "/v1/**/seen",
            "/v1/users/jane/guides/messages/archived"
        ));
        assert!(matches("/v1/users/ja*e", "/v1/users/jane"));
        assert!(matches("*", "/anything/at/all"));
        assert!(!matches("/v1/users", "/v1/users/"));
    }

    #[test]
    fn methods_match_in_any_case() {
        let matcher = Matcher::new(Some("get"), None);
        assert!(matcher.matches("GET", "/"));
        assert!(!matcher.matches("PUT", "/"));
    }
}
