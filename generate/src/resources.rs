//! The operations by their resource.

use knock::{Operation, operations};

/// A resource and its operations.
pub struct Resource {
    /// The name, such as `users.feeds`.
    pub name: &'static str,
    pub operations: Vec<&'static Operation>,
}

/// Every resource, in the order of the library.
pub fn resources() -> Vec<Resource> {
    let mut resources: Vec<Resource> = Vec::new();
    for operation in operations() {
        let (name, _) = split(operation);
        match resources.iter_mut().find(|resource| resource.name == name) {
            Some(resource) => resource.operations.push(operation),
            None => resources.push(Resource {
                name,
                operations: vec![operation],
            }),
        }
    }
    resources
}

/// The resource and the method in an operation's name.
pub fn split(operation: &Operation) -> (&'static str, &'static str) {
    operation
        .name
        .rsplit_once('.')
        .expect("an operation is named resource.method")
}
