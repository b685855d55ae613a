//! Query strings, decoded as the service decodes them: `k[]=` appends, `k[name]=` nests.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::errors::ApiError;

/// Decoding recurses once for every level.
const MAX_DEPTH: usize = 32;

/// A decoded query value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Text(String),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
}

/// A decoded query string.
#[derive(Debug, Default)]
pub(crate) struct Query(BTreeMap<String, Node>);

enum Step<'a> {
    Append,
    Key(&'a str),
}

impl Query {
    pub fn parse(raw: &str) -> Result<Self, ApiError> {
        let mut root = BTreeMap::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            let (first, steps) = steps(&name);
            if steps.len() > MAX_DEPTH {
                return Err(ApiError::bad_request(format!(
                    "a query parameter nests more than {MAX_DEPTH} levels deep"
                )));
            }
            insert(&mut root, first, &steps, value.into_owned());
        }
        Ok(Self(root))
    }

    pub fn get(&self, name: &str) -> Option<&Node> {
        self.0.get(name)
    }
}

fn decode(text: &str) -> Result<Cow<'_, str>, ApiError> {
    let spaced = match text.contains('+') {
        true => Cow::Owned(text.replace('+', " ")),
        false => Cow::Borrowed(text),
    };
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(Cow::Owned(decoded)) => Ok(Cow::Owned(decoded)),
        Ok(Cow::Borrowed(_)) => Ok(spaced),
        Err(_) => Err(ApiError::bad_request("the query string is not valid UTF-8")),
    }
}

/// Splits `objects[0][id]` into `objects` and its steps; brackets that do not pair up belong to the name.
fn steps(name: &str) -> (&str, Vec<Step<'_>>) {
    let Some(open) = name.find('[').filter(|open| *open > 0) else {
        return (name, Vec::new());
    };
    let (first, mut rest) = name.split_at(open);
    let mut steps = Vec::new();
    while let Some((key, after)) = rest
        .strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
    {
        steps.push(if key.is_empty() {
            Step::Append
        } else {
            Step::Key(key)
        });
        rest = after;
    }
    match rest {
        "" => (first, steps),
        _ => (name, Vec::new()),
    }
}

fn insert(map: &mut BTreeMap<String, Node>, key: &str, steps: &[Step<'_>], value: String) {
    let Some((step, rest)) = steps.split_first() else {
        map.insert(key.to_owned(), Node::Text(value));
        return;
    };
    let slot = map.entry(key.to_owned()).or_insert_with(|| match step {
        Step::Append => Node::List(Vec::new()),
        Step::Key(_) => Node::Map(BTreeMap::new()),
    });
    match (step, slot) {
        // Every `[]` starts a new element, whatever comes after it.
        (Step::Append, Node::List(list)) => list.push(element(rest, value)),
        (Step::Key(key), Node::Map(inner)) => insert(inner, key, rest, value),
        // The same name in two shapes: the last one counts.
        (step, slot) => {
            *slot = match step {
                Step::Append => Node::List(vec![element(rest, value)]),
                Step::Key(key) => {
                    let mut inner = BTreeMap::new();
                    insert(&mut inner, key, rest, value);
                    Node::Map(inner)
                }
            }
        }
    }
}

fn element(steps: &[Step<'_>], value: String) -> Node {
    match steps.split_first() {
        None => Node::Text(value),
        Some((Step::Append, rest)) => Node::List(vec![element(rest, value)]),
        Some((Step::Key(key), rest)) => {
            let mut inner = BTreeMap::new();
            insert(&mut inner, key, rest, value);
            Node::Map(inner)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    #[test]
    fn scalars_are_decoded_and_the_last_one_counts() {
        let query = Query::parse("a=1&a=b%20c+d&inserted_at.gt=x&flag").unwrap();
        assert_eq!(query.get("a"), Some(&text("b c d")));
        assert_eq!(query.get("inserted_at.gt"), Some(&text("x")));
        assert_eq!(query.get("flag"), Some(&text("")));
    }

    #[test]
    fn empty_brackets_append_and_named_ones_nest() {
        let query = Query::parse("s[]=a&s%5B%5D=b&t[gt]=1&o[0][id]=x&o[0][collection]=y").unwrap();
        assert_eq!(
            query.get("s"),
            Some(&Node::List(vec![text("a"), text("b")]))
        );
        let Some(Node::Map(t)) = query.get("t") else {
            panic!("t is no map")
        };
        assert_eq!(t["gt"], text("1"));
        let Some(Node::Map(o)) = query.get("o") else {
            panic!("o is no map")
        };
        let Node::Map(first) = &o["0"] else {
            panic!("o[0] is no map")
        };
        assert_eq!(first.len(), 2);
    }

    #[test]
    fn every_append_starts_an_element() {
        let query = Query::parse("o[][id]=x&o[][collection]=y").unwrap();
        let Some(Node::List(list)) = query.get("o") else {
            panic!("o is no list")
        };
        assert_eq!(list.len(), 2);
    }

    #[test]
    fn endless_nesting_is_refused() {
        let deep = format!("a{}=1", "[x]".repeat(MAX_DEPTH));
        assert!(Query::parse(&deep).is_ok());
        let deeper = format!("a{}=1", "[x]".repeat(20_000));
        assert!(Query::parse(&deeper).is_err());
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        assert!(Query::parse("a=%ff").is_err());
    }
}
