//! The path parameters of the operations.

/// What a path parameter is, for the documentation of every operation that has it.
pub fn path_parameter_doc(name: &str) -> &'static str {
    match name {
        "user_id" => "The user's id, at most 256 characters without `/` or `#`.",
        "channel_id" => "The id of the channel, a UUID.",
        "id" => {
            "The id of what is read or written: a feed's channel (a UUID), a preference set \
             (`default` or a tenant's id) or a bulk operation (a UUID)."
        }
        "message_id" => "The id of the guide's message.",
        "key" => "The key of the workflow or category.",
        "type" => "The channel type, such as `email`.",
        _ => "",
    }
}
