// User tokens and webhooks. No call is made, so no client is needed.

#ifndef KNOCK_SIGNING_HPP
#define KNOCK_SIGNING_HPP

#include "call.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace knock {
namespace detail {

inline KnockStatus verify(const json &options, std::optional<std::string> signature,
                          std::string_view body, Text &event) {
    // The C ABI's texts end at a NUL. One in a header is the sender's doing, so it is no mistake of the caller's.
    if (signature)
        std::replace(signature->begin(), signature->end(), '\0', '?');
    return knock_webhook_verify(to_text(options).c_str(), signature ? signature->c_str() : nullptr,
                                body.data(), body.size(), event.out());
}

} // namespace detail

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
// InvalidSignature, whose code() tells why, and ResponseError for a body that is signed and yet no event.
//
//     knock::json event = knock::verify_webhook({{"secret", "some-secret"}}, header, body);
inline json verify_webhook(const json &options, const std::optional<std::string> &signature,
                           std::string_view body) {
    detail::Text event;
    KnockStatus status = detail::verify(options, signature, body, event);
    return detail::result(status, event);
}

// Verifies the signature of a request whose body may be anything, as of HTTP channels. Throws as verify_webhook does,
// but for a body that is no event.
inline void verify_signature(const json &options, const std::optional<std::string> &signature,
                             std::string_view body) {
    detail::Text text;
    KnockStatus status = detail::verify(options, signature, body, text);
    // The body is signed, and yet no event.
    if (status != KNOCK_RESPONSE)
        detail::result(status, text);
}

// The signature header that Knock would send with a body, for tests of your own endpoint. knock_webhook_sign in
// knock.h lists the options.
//
//     std::string header = knock::sign_webhook({{"secret", "some-secret"}}, body);
inline std::string sign_webhook(const json &options, std::string_view body) {
    detail::Text signature;
    KnockStatus status = knock_webhook_sign(detail::to_text(options).c_str(), body.data(),
                                            body.size(), signature.out());
    if (status != KNOCK_OK)
        detail::result(status, signature);
    return signature.str();
}

} // namespace knock

#endif
