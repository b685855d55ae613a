//! The operations by their resource.

use knock::{Operation, operations};

/// A resource and its operations.
pub struct Resource {
    /// The name, such as `users.feeds`.
    pub name: &'static str,
    pub operations: Vec<&'static Operation>,
}

/// Every resource, in the order of the library. One without operations of its own stands before those below it.
pub fn resources() -> Vec<Resource> {
    let mut resources: Vec<Resource> = Vec::new();
    for operation in operations() {
        let (name, _) = split(operation);
        for (dot, _) in name.match_indices('.') {
            position(&mut resources, &name[..dot]);
        }
        let index = position(&mut resources, name);
        resources[index].operations.push(operation);
    }
    resources
}

/// The index of the resource of this name, which is added where it is missing.
fn position(resources: &mut Vec<Resource>, name: &'static str) -> usize {
    let known = resources.iter().position(|resource| resource.name == name);
    known.unwrap_or_else(|| {
        let operations = Vec::new();
        resources.push(Resource { name, operations });
        resources.len() - 1
    })
}

/// The resources by the first part of their name, such as `users` with `users.feeds`, in the order of the library.
pub fn areas() -> Vec<(&'static str, Vec<Resource>)> {
    let mut areas: Vec<(&str, Vec<Resource>)> = Vec::new();
    for resource in resources() {
        let name = resource.name.split('.').next().unwrap_or(resource.name);
        match areas.iter_mut().find(|(area, _)| *area == name) {
            Some((_, resources)) => resources.push(resource),
            None => areas.push((name, vec![resource])),
        }
    }
    areas
}

impl Resource {
    /// The resources below this one, such as `users.feeds` below `users`.
    pub fn children<'a>(&self, all: &'a [Self]) -> Vec<&'a Self> {
        let below = format!("{}.", self.name);
        let child = |r: &&Self| {
            r.name
                .strip_prefix(&below)
                .is_some_and(|n| !n.contains('.'))
        };
        all.iter().filter(child).collect()
    }

    /// The last part of the name, such as `feeds`.
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// The name of a class for the resource, such as `UsersFeeds`.
    pub fn class_name(&self) -> String {
        let parts = self.name.split(['.', '_']);
        let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
        parts.map(capital).collect()
    }
}

/// Methods that everyone knows by another name: the operation, and that name.
pub const ALIASES: &[(&str, &str)] = &[("users.update", "identify")];

/// The resource and the method in an operation's name.
pub fn split(operation: &Operation) -> (&'static str, &'static str) {
    operation
        .name
        .rsplit_once('.')
        .expect("an operation is named resource.method")
}
