//! Recipients: users and objects.

use serde_json::Value;

use super::{Field, JsonObject, User};
use crate::model::object::{model, request};
use crate::model::union::{fit, union};

model! {
    /// Something of yours that can receive notifications and is not a user.
    #[derive(Default)]
    pub struct Object => {
        /// The name of this type in the API: `Object`.
        pub type_name as "__typename": Field<String>,
        /// The id that your system gave the object. It is unique within its collection.
        pub id: String,
        /// The collection that the object belongs to.
        pub collection: String,
        /// The custom properties.
        pub properties: Field<JsonObject>,
        /// Time the object was created in your system, RFC 3339. Null unless your system said so.
        pub created_at: Field<String>,
        /// Time of the last change, RFC 3339.
        pub updated_at: Field<String>,
    }
}

union! {
    /// A user or object that receives a notification, or caused it.
    pub enum Recipient tagged "__typename" by untagged_recipient => {
        /// A user.
        User(User) = "User",
        /// An object.
        Object(Object) = "Object",
    }
}

impl Recipient {
    /// The id of the user or object.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::User(user) => Some(&user.id),
            Self::Object(object) => Some(&object.id),
            Self::Raw(value) => value.get("id")?.as_str(),
        }
    }

    /// The user, if it is one.
    pub const fn as_user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub const fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }
}

/// A recipient whose type has no name, or one that this version does not know.
fn untagged_recipient(value: &Value) -> Option<Recipient> {
    let recipient = value.as_object()?;
    if recipient.contains_key("collection") {
        fit(value).map(Recipient::Object)
    } else if recipient.contains_key("__typename") {
        None
    } else {
        fit(value).map(Recipient::User)
    }
}

request! {
    /// Names an object by its id and collection.
    #[derive(Default)]
    pub struct ObjectReference => {
        /// The id of the object.
        pub id: Field<String>,
        /// The collection that it belongs to.
        pub collection: Field<String>,
    }
}

impl ObjectReference {
    /// The object of this id in this collection.
    pub fn new(collection: impl Into<String>, id: impl Into<String>) -> Self {
        Self::default().collection(collection.into()).id(id.into())
    }
}

union! {
    /// Names a recipient: a user by their id, or an object by its id and collection.
    pub enum RecipientReference by recipient_reference => {
        /// The id of a user.
        User(String),
        /// An object.
        Object(ObjectReference),
    }
}

impl RecipientReference {
    /// The user of this id.
    pub fn user(id: impl Into<String>) -> Self {
        Self::User(id.into())
    }

    /// The object of this id in this collection.
    pub fn object(collection: impl Into<String>, id: impl Into<String>) -> Self {
        Self::Object(ObjectReference::new(collection, id))
    }

    /// The id of the user or object.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::User(id) => Some(id),
            Self::Object(object) => object.id.as_deref(),
            Self::Raw(_) => None,
        }
    }
}

impl From<&str> for RecipientReference {
    fn from(id: &str) -> Self {
        Self::user(id)
    }
}

fn recipient_reference(value: &Value) -> Option<RecipientReference> {
    match value {
        Value::String(id) => Some(RecipientReference::User(id.clone())),
        _ => fit(value).map(RecipientReference::Object),
    }
}
