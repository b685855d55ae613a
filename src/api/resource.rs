//! `resource!`: the operations of one resource, each declared once.

/// Declares a resource: its type, and for each operation the typed method and the same as data
/// ([`Operation`](crate::Operation)), from which the C function, the manifest and the methods of
/// the other languages come.
///
/// ```text
/// /// Starts a workflow: one run for each recipient.
/// fn trigger(key: WORKFLOW_KEY; body: TriggerWorkflowRequest) -> TriggerWorkflowResponse
///     = POST "/v1/workflows/{key}/trigger", "triggerWorkflow", tier 5, idempotency_key,
///     records("recipients", 1000)
///     example {"recipients": ["jane"], "data": {"plan": "pro"}};
///
/// /// Marks a message as unseen.
/// fn mark_as_unseen(message_id: MESSAGE_ID) -> Message
///     = DELETE "/v1/messages/{message_id}/seen", "markMessageUnseen (2)", tier 2, public_key
///     also "/v1/messages/{message_id}/unseen", "markMessageUnseen";
///
/// /// Lists the channels of a Slack workspace.
/// fn list_channels(channel_id: SLACK_CHANNEL_ID; query: SlackListChannels) -> ChannelsForSlackProviderResponse
///     = GET "/v1/providers/slack/{channel_id}/channels", "listChannelsForSlackProvider", tier 2
///     [slack_channels by next_cursor to "query_options.cursor" in list_channels_pager]
///     with {"access_token_object": {"object_id": "acme", "collection": "$tenants"}};
/// ```
///
/// The arguments are the path's placeholders in order, each with its [path parameter](super::path),
/// then `query: Type`, then `body: Type` or `optional body: Type`; `body: Type as name` says what
/// Python calls a body whose keys are data. Any method may have a body, and
/// the response may be a `Vec` for a list that comes whole, or `()`. After the tier follow flags:
///
/// - `deprecated`: Knock advises against it.
/// - `per_user`: the rate limit counts each user apart.
/// - `public_key`: a public key with a user's token may call it.
/// - `safe_to_repeat`: a `POST` that does the same when done twice.
/// - `idempotency_key`: a `POST` that is safe to repeat with an idempotency key.
/// - `records("key", most)`: the list, in the body or the query, of which one call takes so many.
///
/// Then come, each where it applies: `also` with another path and operationId of the same endpoint;
/// for a list that comes in pages, the key of its items and the name of the method that walks all
/// pages, in brackets (`by … to …`: the key of the next cursor and the parameter that takes it,
/// where those are not `page_info` and `after`); `example`, a body; and `with`, other keys of the
/// example's request: query parameters, and path parameters whose own example does not fit.
macro_rules! resource {
    (
        $(#[doc = $resource_doc:literal])*
        pub struct $resource:ident = $prefix:literal;

        $(
            $(#[doc = $doc:literal])*
            fn $name:ident($($argument:ident: $parameter:ident),* $(; query: $query:ty)? $(; body: $body:ty $(as $body_name:ident)?)? $(; optional body: $optional:ty)?) -> $response:ty
                = $method:ident $path:literal, $id:literal, tier $tier:literal
                $(, $flag:ident $(($($value:tt)*))?)*
                $(also $other_path:literal, $other_id:literal)*
                $([$items:ident $(by $next:ident to $forward:literal)? in $pager:ident])?
                $(example $example:tt)? $(with $with:tt)?;
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
                        spellings: &[$(
                            $crate::operation::Spelling { path: $other_path, operation_id: $other_id }
                        ),*],
                        method: $crate::api::resource::resource!(@method $method),
                        path: $path,
                        arguments: &[$($crate::api::path::$parameter),*],
                        query: $crate::api::resource::resource!(@parameters $($query)?),
                        body: $crate::api::resource::resource!(@body ($($body, $($body_name)?)?) ($($optional)?)),
                        response: <$response as $crate::api::resource::Returned>::TYPE,
                        tier: $tier,
                        pagination: $crate::api::resource::resource!(@pagination $($items $(by $next to $forward)?)?),
                        records: None,
                        repeatable: $crate::api::resource::resource!(@method $method).is_idempotent(),
                        idempotency_key: false,
                        deprecated: false,
                        limited_per_user: false,
                        public_key: false,
                        example: $crate::operation::Example {
                            body: concat!($(stringify!($example))?),
                            parameters: concat!($(stringify!($with))?),
                        },
                        doc: concat!($($doc, "\n"),*),
                    };
                    $( $crate::api::resource::resource!(@flag operation $flag $(($($value)*))?); )*
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
                         else the server's response or what kept it from coming, as [`ErrorKind`](crate::ErrorKind) lists."]
                pub fn $name(
                    &self
                    $(, $argument: &str)*
                    $(, query: $query)?
                    $(, body: &$body)?
                    $(, body: Option<&$optional>)?
                ) -> $crate::Result<$crate::Response<$response>> {
                    let operation = &operation::$name;
                    let query = $crate::api::resource::resource!(@query operation $(query $query)?);
                    let encoded: Option<Vec<u8>> = $crate::api::resource::resource!(@encoded operation $(body $body)? $(optional body $optional)?);
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

    (@encoded $operation:ident optional $body:ident $ty:ty) => {
        match $body {
            Some(body) => Some($crate::client::encode::<$ty>($operation, body)?),
            None => None,
        }
    };

    (@body () ()) => { None };
    (@body ($body:ty,) ()) => { $crate::api::resource::resource!(@body $body, body, true) };
    (@body ($body:ty, $argument:ident) ()) => {
        $crate::api::resource::resource!(@body $body, $argument, true)
    };
    (@body () ($body:ty)) => { $crate::api::resource::resource!(@body $body, body, false) };
    (@body $body:ty, $argument:ident, $required:literal) => {
        Some($crate::operation::Body {
            name: stringify!($body),
            ty: <$body as $crate::model::schema::Describe>::TYPE,
            argument: stringify!($argument),
            required: $required,
        })
    };

    (@pagination) => { None };
    (@pagination entries) => { Some($crate::operation::Pagination::Entries) };
    (@pagination items) => { Some($crate::operation::Pagination::Items) };
    (@pagination $items:ident by $next:ident to $parameter:literal) => {
        Some($crate::operation::Pagination::Forward {
            items: stringify!($items),
            next: stringify!($next),
            parameter: $parameter,
        })
    };

    (@flag $operation:ident deprecated) => { $operation.deprecated = true };
    (@flag $operation:ident per_user) => { $operation.limited_per_user = true };
    (@flag $operation:ident public_key) => { $operation.public_key = true };
    (@flag $operation:ident safe_to_repeat) => { $operation.repeatable = true };
    (@flag $operation:ident idempotency_key) => { $operation.idempotency_key = true };
    (@flag $operation:ident records($key:literal, $at_most:literal)) => {
        $operation.records = Some($crate::operation::Records { key: $key, at_most: $at_most })
    };
}
pub(crate) use resource;

use crate::error::Result;
use crate::model::schema::{Describe, Type};
use crate::operation::Operation;
use crate::request::query::{Query, ToQuery};

/// Result of an operation: a type of the API, or nothing.
pub(crate) trait Returned {
    const TYPE: Option<Type>;
}

impl<T: Describe> Returned for T {
    const TYPE: Option<Type> = Some(T::TYPE);
}

impl Returned for () {
    const TYPE: Option<Type> = None;
}

pub(crate) fn encode_query<Q: ToQuery>(operation: &Operation, query: &Q) -> Result<Query> {
    let mut encoded = Query::of(operation.pagination);
    let written = query.write_to(&mut encoded);
    written.map_err(|error| error.at(operation.name))?;
    Ok(encoded)
}
