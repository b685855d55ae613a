// User tokens and webhooks. No call is made, so no client is needed.

#ifndef KNOCK_SIGNING_HPP
#define KNOCK_SIGNING_HPP

#include "call.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace knock {

// Signs a user token (RS256): {"user_id", …} gives {"token", "expires_at"}. knock_user_token_sign in knock.h lists
// the options. Throws InvalidArgument, and ConfigError for what is no signing key.
//
//     std::string token = knock::sign_user_token({{"user_id", "jane"}})["token"];
inline json sign_user_token(const json &options) {
    detail::Text token;
    KnockStatus status = knock_user_token_sign(detail::to_text(options).c_str(), token.out());
    return detail::result(status, token);
}

// Verifies a webhook and returns its event. `signature` is the header x-knock-signature (x-webhook-signature for an
// HTTP channel), `body` the bytes as they came; knock_webhook_verify in knock.h lists the options. Throws
// InvalidSignature, whose code() tells why.
//
//     knock::json event = knock::verify_webhook({{"secret", "some-secret"}}, header, body);
inline json verify_webhook(const json &options, const std::optional<std::string> &signature,
                           std::string_view body) {
    detail::Text event;
    const char *header = signature ? detail::c_text(*signature) : nullptr;
    KnockStatus status = knock_webhook_verify(detail::to_text(options).c_str(), header,
                                              body.data(), body.size(), event.out());
    return detail::result(status, event);
}

} // namespace knock

#endif
