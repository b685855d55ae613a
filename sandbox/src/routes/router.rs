//! The way from a request to its operation.

use std::borrow::Cow;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;

use super::{OPERATIONS, Operation, PathParams};
use crate::errors::ApiError;

enum Segment {
    Fixed(&'static str),
    Param(&'static str),
}

static TEMPLATES: LazyLock<Vec<Vec<Segment>>> = LazyLock::new(|| {
    let segment =
        |text: &'static str| match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
            Some(name) => Segment::Param(name),
            None => Segment::Fixed(text),
        };
    let template = |operation: &Operation| operation.path[1..].split('/').map(segment).collect();
    OPERATIONS.iter().map(template).collect()
});

/// The operation a request is for, with the parameters in its path.
pub(crate) fn find<'a>(
    method: &str,
    path: &'a str,
) -> Result<(&'static Operation, PathParams<'a>), ApiError> {
    let nothing = || ApiError::no_such_route(method, path);
    let segments: Vec<&str> = path
        .strip_prefix('/')
        .ok_or_else(nothing)?
        .split('/')
        .collect();
    let fits = |template: &[Segment]| {
        template.len() == segments.len()
            && template
                .iter()
                .zip(&segments)
                .all(|(expected, given)| match expected {
                    Segment::Fixed(text) => text == given,
                    Segment::Param(_) => !given.is_empty(),
                })
    };
    // `messages/batch` is also `messages/{message_id}`; the template with the fewest placeholders counts.
    let (operation, template) = OPERATIONS
        .iter()
        .zip(TEMPLATES.iter())
        .filter(|(operation, template)| operation.method == method && fits(template))
        .min_by_key(|(_, template)| placeholders(template))
        .ok_or_else(nothing)?;
    let mut params = PathParams::default();
    for (expected, given) in template.iter().zip(segments) {
        if let Segment::Param(name) = expected {
            params.0.push((name, decode(given)?));
        }
    }
    Ok((operation, params))
}

fn placeholders(template: &[Segment]) -> usize {
    let placeholders = template.iter().filter(|s| matches!(s, Segment::Param(_)));
    placeholders.count()
}

fn decode(segment: &str) -> Result<Cow<'_, str>, ApiError> {
    percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| ApiError::bad_request("the path is not valid UTF-8"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_endpoint_has_two_rows() {
        let endpoints: BTreeSet<_> = OPERATIONS.iter().map(|o| (o.method, o.path)).collect();
        assert_eq!(endpoints.len(), OPERATIONS.len());
    }
}
