//! Keys and tokens as people paste them.

/// Checks a key or token, and trims the white space around it. The message never repeats it.
///
/// The text that is sent and the text that is redacted must be the same, whatever a server makes of
/// quotes and white space.
pub(super) fn credential<'a>(name: &str, text: &'a str) -> Result<&'a str, String> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Err(format!("{name} is empty"));
    }
    if text.contains(['"', '\'', '`']) {
        return Err(format!("{name} has quotes in it; give it without them"));
    }
    if text.contains(' ') {
        return Err(format!(
            "{name} has white space in it; give it alone, without a word such as Bearer"
        ));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "{name} holds a character that cannot be sent; printable ASCII is allowed"
        ));
    }
    Ok(text)
}
