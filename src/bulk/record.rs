//! Records of a bulk run: users or their ids, written straight into the body that is sent.

use std::borrow::Cow;
use std::fmt::Display;

use super::readable::{Identified, Text, check_depth};
use crate::request::is_dot_segment;
use crate::types::InlineIdentifyUserRequest;

/// Most characters that the service allows in a user's id.
const MOST_ID_CHARACTERS: usize = 256;

/// The records of a run that identifies: whole users.
#[derive(Debug)]
pub enum Users {}

/// The records of a run that deletes or sets preferences: the ids of users.
#[derive(Debug)]
pub enum UserIds {}

/// A record of a bulk run over `Kind` ([`Users`] or [`UserIds`]).
///
/// - [`Users`]: an [`InlineIdentifyUserRequest`], or a user as [`Json`].
/// - [`UserIds`]: text, or [`Json`]: a string, or an object whose `id` counts.
/// - A `Result` of either: an error is reported as a bad record, and the run goes on.
/// - A reference to any of them.
pub trait BulkRecord<Kind>: sealed::Append<Kind> {}

impl<Kind, T: sealed::Append<Kind> + ?Sized> BulkRecord<Kind> for T {}

/// A record as JSON text, such as a line of a file. It is checked and sent as it is, which is
/// faster than reading it into a type first.
///
/// ```
/// use knock::bulk::Json;
///
/// let line = Json(r#"{"id": "jane", "email": "jane@ingen.net", "plan": "pro"}"#);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

/// The reason that a record cannot be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct RejectedRecord {
    pub(super) id: Option<String>,
    pub(super) reason: String,
}

impl RejectedRecord {
    fn new(reason: impl Display) -> Self {
        Self {
            id: None,
            reason: reason.to_string(),
        }
    }
}

/// The buffers that a record is written to: at the end of both.
#[derive(Debug)]
pub struct Slot<'a> {
    pub(super) body: &'a mut Vec<u8>,
    pub(super) ids: &'a mut String,
}

impl Slot<'_> {
    fn id(&mut self, id: &str) -> Result<(), RejectedRecord> {
        check_id(id).map_err(|reason| RejectedRecord {
            id: Some(id.to_owned()),
            reason,
        })?;
        self.ids.push_str(id);
        Ok(())
    }

    fn json(&mut self, value: &impl serde::Serialize) -> Result<(), RejectedRecord> {
        let start = self.body.len();
        serde_json::to_writer(&mut *self.body, value).map_err(|error| {
            RejectedRecord::new(format!("it cannot be written as JSON: {error}"))
        })?;
        check_depth(&self.body[start..]).map_err(not_json)
    }
}

pub(crate) mod sealed {
    pub use super::{RejectedRecord, Slot};

    pub trait Append<Kind> {
        fn append_to(&self, slot: Slot<'_>) -> Result<(), RejectedRecord>;
    }
}

use sealed::Append;

impl<Kind, T: Append<Kind> + ?Sized> Append<Kind> for &T {
    fn append_to(&self, slot: Slot<'_>) -> Result<(), RejectedRecord> {
        (**self).append_to(slot)
    }
}

impl Append<Users> for InlineIdentifyUserRequest {
    fn append_to(&self, mut slot: Slot<'_>) -> Result<(), RejectedRecord> {
        slot.id(&self.id)?;
        slot.json(self)
    }
}

impl<T: AsRef<str>> Append<Users> for Json<T> {
    fn append_to(&self, mut slot: Slot<'_>) -> Result<(), RejectedRecord> {
        let text = trimmed(self.0.as_ref());
        let id = id_in(text)?;
        slot.id(&id)?;
        slot.body.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Append<UserIds> for str {
    fn append_to(&self, mut slot: Slot<'_>) -> Result<(), RejectedRecord> {
        slot.id(self)?;
        slot.json(&self)
    }
}

impl Append<UserIds> for String {
    fn append_to(&self, slot: Slot<'_>) -> Result<(), RejectedRecord> {
        self.as_str().append_to(slot)
    }
}

impl<T: AsRef<str>> Append<UserIds> for Json<T> {
    fn append_to(&self, slot: Slot<'_>) -> Result<(), RejectedRecord> {
        let text = trimmed(self.0.as_ref());
        let id = match text.starts_with('"') {
            true => serde_json::from_str::<Text>(text)
                .map(|Text(id)| id)
                .map_err(not_json)?,
            false => id_in(text)?,
        };
        (*id).append_to(slot)
    }
}

impl<Kind, T: Append<Kind>, E: Display> Append<Kind> for Result<T, E> {
    fn append_to(&self, slot: Slot<'_>) -> Result<(), RejectedRecord> {
        self.as_ref().map_err(RejectedRecord::new)?.append_to(slot)
    }
}

/// JSON text without the space around it, and without the mark that some editors put at the
/// start of a file.
fn trimmed(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim()
}

fn id_in(text: &str) -> Result<Cow<'_, str>, RejectedRecord> {
    if !text.starts_with('{') {
        return Err(match text.is_empty() {
            true => RejectedRecord::new("it is empty"),
            false => RejectedRecord::new("it is not an object with an id"),
        });
    }
    let Identified { id } = serde_json::from_str(text).map_err(not_json)?;
    let id = id.ok_or_else(|| RejectedRecord::new("it has no id"))?;
    match serde_json::from_str(id.get()) {
        Ok(Text(id)) => Ok(id),
        Err(error) if id.get().starts_with('"') => Err(not_json(error)),
        Err(_) => Err(RejectedRecord::new(format!(
            "its id is {}, not text",
            id.get()
        ))),
    }
}

fn not_json(error: serde_json::Error) -> RejectedRecord {
    let text = error.to_string();
    // The parser's words for a first half that no second half follows, and for a second half alone.
    let halves = [
        "unexpected end of hex escape",
        "lone leading surrogate in hex escape",
    ];
    match halves.iter().find_map(|half| text.strip_prefix(half)) {
        Some(place) => RejectedRecord::new(format!("it has half of a surrogate pair{place}")),
        None if error.is_data() => RejectedRecord::new(text),
        None => RejectedRecord::new(format!("it is not valid JSON: {text}")),
    }
}

fn check_id(id: &str) -> Result<(), String> {
    if id.is_empty() {
        return Err("its id is empty".into());
    }
    if is_dot_segment(id) {
        return Err(format!("its id is {id:?}, which no other call could name"));
    }
    if let Some(wrong) = id.chars().find(|c| matches!(c, '/' | '#')) {
        return Err(format!(
            "its id holds a {wrong}, which the service does not allow"
        ));
    }
    // No text has more characters than bytes.
    if id.len() > MOST_ID_CHARACTERS && id.chars().count() > MOST_ID_CHARACTERS {
        return Err(format!(
            "its id is longer than {MOST_ID_CHARACTERS} characters"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written<Kind>(record: impl Append<Kind>) -> Result<(String, String), RejectedRecord> {
        let (mut body, mut ids) = (Vec::new(), String::new());
        let slot = Slot {
            body: &mut body,
            ids: &mut ids,
        };
        record.append_to(slot)?;
        Ok((String::from_utf8(body).unwrap(), ids))
    }

    fn pair(body: &str, id: &str) -> Result<(String, String), RejectedRecord> {
        Ok((body.into(), id.into()))
    }

    fn reason<Kind>(record: impl Append<Kind>) -> String {
        written(record).unwrap_err().reason
    }

    #[test]
    fn users_go_out_as_they_are() {
        let jane = InlineIdentifyUserRequest::new("jane").set("plan", "pro");
        assert_eq!(
            written(&jane),
            pair(r#"{"id":"jane","plan":"pro"}"#, "jane")
        );
        let text = "\u{feff} {\"n\": 1.0, \"id\": \"Zo\\u00eb\"}\r\n";
        assert_eq!(
            written::<Users>(Json(text)),
            pair(r#"{"n": 1.0, "id": "Zo\u00eb"}"#, "Zoë")
        );
    }

    #[test]
    fn ids_come_from_text_or_from_whole_users() {
        for id in [
            written::<UserIds>("a\"b"),
            written::<UserIds>(Json(r#"{"id":"a\"b","n":1}"#)),
        ] {
            assert_eq!(id, pair(r#""a\"b""#, "a\"b"));
        }
        assert_eq!(
            written::<UserIds>(Json(r#""jane""#)),
            pair(r#""jane""#, "jane")
        );
    }

    #[test]
    fn says_what_is_wrong_with_a_record() {
        assert_eq!(reason::<Users>(Json("")), "it is empty");
        assert_eq!(
            reason::<Users>(Json("[1]")),
            "it is not an object with an id"
        );
        assert_eq!(reason::<Users>(Json("{}")), "it has no id");
        assert_eq!(
            reason::<Users>(Json(r#"{"id": 7}"#)),
            "its id is 7, not text"
        );
        assert!(reason::<Users>(Json(r#"{"id": "a""#)).starts_with("it is not valid JSON"));
        assert!(reason::<Users>(Json(r#"{"id": "a"} x"#)).starts_with("it is not valid JSON"));
        assert_eq!(reason::<UserIds>(""), "its id is empty");
        assert!(
            reason::<Users>(Json(r#"{"id": "\ud83d"}"#))
                .contains("half of a surrogate pair at line 1")
        );
        assert!(reason::<Users>(Json(r#"{"id": "a", "id": "b"}"#)).starts_with("it has two ids"));
        assert!(reason::<UserIds>("a/b").contains("holds a /"));
        for dots in [".", ".."] {
            assert!(reason::<UserIds>(dots).contains("no other call"));
        }
        assert!(written::<UserIds>("...").is_ok());
        assert!(reason::<UserIds>("é".repeat(257)).contains("256 characters"));
        assert!(written::<UserIds>("é".repeat(256)).is_ok());
        assert_eq!(
            reason::<UserIds>(Err::<&str, _>("no such column")),
            "no such column"
        );
    }
}
