//! Recovery from a chunk that the service refuses.

use crate::bulk::chunk::Part;
use crate::bulk::summary::{Interruption, InterruptionReason};
use crate::error::Error;

#[derive(Debug, PartialEq)]
pub(super) enum Recovery {
    /// Send it without these records, by their places, each with what is wrong with it.
    Without(Vec<(usize, String)>),
    /// Send its halves, to find the records that are wrong.
    Divide,
    /// Nothing helps.
    None,
    /// Nothing helps, nor will another chunk fare better.
    End(Interruption),
}

/// Reads a refusal. The service takes or refuses a chunk as a whole; it may name the records
/// that are to blame, such as `users[3].email`.
pub(super) fn recovery(error: &Error, part: &Part, may_divide: bool) -> Recovery {
    if let Some(interruption) = Interruption::of(error) {
        return Recovery::End(interruption);
    }
    // What was refused for its content; 413 for its size.
    if !matches!(error.status(), Some(400 | 413 | 422)) {
        return Recovery::None;
    }
    let fields = error.errors();
    if !fields.is_empty() && !fields.iter().any(|field| in_list(&field.field).is_some()) {
        // What every chunk has, such as the preferences.
        let interruption = Interruption::new(InterruptionReason::Refused, error.to_string());
        return Recovery::End(interruption);
    }
    let mut named: Vec<(usize, String)> = Vec::new();
    for field in fields {
        let Some((place, path)) = place_in(&field.field) else {
            continue;
        };
        let reason = format!("the service refused it: {path} {}", field.message);
        match named.iter_mut().find(|(other, _)| *other == place) {
            Some((_, reasons)) => *reasons = format!("{reasons}; {path} {}", field.message),
            None if place < part.items.len() => named.push((place, reason)),
            None => {}
        }
    }
    if !named.is_empty() {
        return Recovery::Without(named);
    }
    match part.items.len() {
        1 => Recovery::Without(vec![(0, error.to_string())]),
        _ if may_divide => Recovery::Divide,
        _ => Recovery::None,
    }
}

/// The rest of a field's path, where it starts at the list of records.
fn in_list(field: &str) -> Option<&str> {
    let rest = field
        .strip_prefix("users")
        .or_else(|| field.strip_prefix("user_ids"))?;
    (rest.is_empty() || rest.starts_with(['[', '.'])).then_some(rest)
}

/// The place of the record that a field's path names, and the path within the record:
/// `users[3].email` or `users.3.email` is 3 and `email`.
fn place_in(field: &str) -> Option<(usize, &str)> {
    let rest = in_list(field)?.strip_prefix(['[', '.'])?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (place, path) = rest.split_at(digits);
    let path = path.trim_start_matches(']').trim_start_matches('.');
    Some((
        place.parse().ok()?,
        if path.is_empty() { "it" } else { path },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_record_that_a_field_names() {
        assert_eq!(place_in("users[3].email"), Some((3, "email")));
        assert_eq!(
            place_in("users.12.channel_data.x"),
            Some((12, "channel_data.x"))
        );
        assert_eq!(place_in("user_ids[0]"), Some((0, "it")));
        for other in ["users", "preferences[0].id", "users[x]", "usersx[1]"] {
            assert_eq!(place_in(other), None, "{other}");
        }
    }

    #[test]
    fn a_refusal_that_names_nobody_is_divided_down_to_one_record() {
        let error = Error::from_response(422, None, "{}".into());
        let part = |records| Part {
            items: (0..records).collect(),
            span: 0..records as u64,
        };
        assert_eq!(recovery(&error, &part(2), true), Recovery::Divide);
        assert_eq!(recovery(&error, &part(2), false), Recovery::None);
        assert!(
            matches!(recovery(&error, &part(1), false), Recovery::Without(one) if one[0].0 == 0)
        );
        let unavailable = Error::from_response(503, None, String::new());
        assert_eq!(recovery(&unavailable, &part(2), true), Recovery::None);
    }
}
