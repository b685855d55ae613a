//! `resource!`: the operations of one resource, each declared once.

/// Declares a resource: its type, and for each operation the typed method and the same as data
/// ([`Operation`](crate::Operation)), from which the C function, the manifest and the methods of
/// the other languages come.
///
/// ```text
/// /// What the method does.
/// fn get(user_id) -> User = GET "/v1/users/{user_id}", "getUser", tier 4;
/// ```
///
/// The arguments are the path's placeholders in order, then `query: Type`, then `body: Type`.
/// After the tier follow flags: `deprecated`, `per_user` for a limit that counts each user
/// apart, `safe_to_repeat` for a `POST` that does the same when done twice. A list ends in
/// `[entries in list_pager]`: the key of its items, and the name of the method that walks all
/// pages.
macro_rules! resource {
    (
        $(#[doc = $resource_doc:literal])*
        pub struct $resource:ident = $prefix:literal;

        $(
            $(#[doc = $doc:literal])*
            fn $name:ident($($argument:ident),* $(; query: $query:ty)? $(; body: $body:ty)?) -> $response:ty
                = $method:ident $path:literal, $id:literal, tier $tier:literal
                $(, $flag:ident)* $([$items:ident in $pager:ident])?;
        )*
    ) => {
        $(#[doc = $resource_doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $resource<'a> {
            client: &'a $crate::Client,
        }

        impl<'a> $resource<'a> {
            pub(crate) fn new(client: &'a $crate::Client) -> Self {
                Self { client }
            }
        }

        /// The operations of this resource, as data.
        #[allow(non_upper_case_globals)]
        #[doc(hidden)]
        pub mod operation {
            #[allow(unused_imports)]
            use super::*;

            pub static ALL: &[&$crate::Operation] = &[$( &$name ),*];

            $(
                pub static $name: $crate::Operation = {
                    #[allow(unused_mut)]
                    let mut operation = $crate::Operation {
                        name: concat!($prefix, ".", stringify!($name)),
                        operation_id: $id,
                        method: $crate::api::resource::resource!(@method $method),
                        path: $path,
                        query: $crate::api::resource::resource!(@parameters $($query)?),
                        body: $crate::api::resource::resource!(@body $($body)?),
                        response: stringify!($response),
                        tier: $tier,
                        pagination: $crate::api::resource::resource!(@pagination $($items)?),
                        repeatable: $crate::api::resource::resource!(@method $method).is_idempotent(),
                        deprecated: false,
                        limited_per_user: false,
                        doc: concat!($($doc, "\n"),*),
                    };
                    $( $crate::api::resource::resource!(@flag operation $flag); )*
                    operation
                };
            )*
        }

        impl $resource<'_> {
            $(
                $(#[doc = $doc])*
                #[doc = ""]
                #[doc = concat!("Calls `", stringify!($method), " ", $path, "` (tier ", $tier, ").")]
                #[doc = ""]
                #[doc = "# Errors"]
                #[doc = ""]
                #[doc = "[`InvalidArgument`](crate::ErrorKind::InvalidArgument) before anything is sent; \
                         else the server's answer or what kept it from coming, as [`ErrorKind`](crate::ErrorKind) lists."]
                pub fn $name(
                    &self
                    $(, $argument: &str)*
                    $(, query: $query)?
                    $(, body: &$body)?
                ) -> $crate::Result<$crate::Response<$response>> {
                    let operation = &operation::$name;
                    let query = $crate::api::resource::resource!(@query operation $(query $query)?);
                    let encoded: Option<Vec<u8>> = $crate::api::resource::resource!(@encoded operation $(body $body)?);
                    self.client.invoke(operation, &[$($argument),*], query, encoded.as_deref())
                }

                $crate::api::resource::resource!(
                    @pager $name ($($argument),*) ($($query)?) $response $(, $pager)?
                );
            )*
        }
    };

    (@pager $name:ident ($($argument:ident),*) ($($query:ty)?) $response:ty) => {};
    (@pager $name:ident ($($argument:ident),*) ($query:ty) $response:ty, $pager:ident) => {
        #[doc = concat!("Walks all pages of [`", stringify!($name), "`](Self::", stringify!($name), "), item by item.")]
        ///
        /// # Errors
        ///
        /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for arguments that cannot be
        /// sent. Pages are fetched as the iterator needs them, each like a call of its own.
        pub fn $pager(&self $(, $argument: &str)*, query: $query) -> $crate::Result<$crate::Pager<$response>> {
            let operation = &operation::$name;
            let query = $crate::api::resource::encode_query(operation, &query)?;
            $crate::Pager::new(self.client, operation, &[$($argument),*], query)
        }
    };

    (@method GET) => { $crate::Method::Get };
    (@method POST) => { $crate::Method::Post };
    (@method PUT) => { $crate::Method::Put };
    (@method DELETE) => { $crate::Method::Delete };

    (@parameters) => { &[] };
    (@parameters $query:ty) => { <$query as $crate::request::query::ToQuery>::PARAMETERS };

    (@query $operation:ident) => { $crate::request::query::Query::default() };
    (@query $operation:ident $query:ident $ty:ty) => {
        $crate::api::resource::encode_query::<$ty>($operation, &$query)?
    };

    (@encoded $operation:ident) => { None };
    (@encoded $operation:ident $body:ident $ty:ty) => {
        Some($crate::client::encode::<$ty>($operation, $body)?)
    };

    (@body) => { None };
    (@body $body:ty) => { Some(stringify!($body)) };

    (@pagination) => { None };
    (@pagination entries) => { Some($crate::operation::Pagination::Entries) };
    (@pagination items) => { Some($crate::operation::Pagination::Items) };

    (@flag $operation:ident deprecated) => { $operation.deprecated = true };
    (@flag $operation:ident per_user) => { $operation.limited_per_user = true };
    (@flag $operation:ident safe_to_repeat) => { $operation.repeatable = true };
}
pub(crate) use resource;

use crate::error::Result;
use crate::operation::Operation;
use crate::request::query::{Query, ToQuery};

pub(crate) fn encode_query<Q: ToQuery>(operation: &Operation, query: &Q) -> Result<Query> {
    query.to_query().map_err(|error| error.at(operation.name))
}
