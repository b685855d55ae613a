// What can go wrong, as exceptions.

#ifndef KNOCK_ERROR_HPP
#define KNOCK_ERROR_HPP

#include <knock.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace knock {

using json = nlohmann::json;

// Why a call failed. what() is for people; details() is the whole error object of the C ABI.
class Error : public std::runtime_error {
public:
    Error(KnockStatus status, json details)
        : std::runtime_error(describe(status, details)), status_(status),
          details_(std::move(details)) {}

    // One of the KNOCK_… statuses.
    KnockStatus status() const noexcept { return status_; }
    // The status in lower case without its prefix, such as "rate_limited".
    std::string kind() const { return text("kind").value_or("unknown"); }
    // What went wrong, without the operation and the request id that what() adds.
    std::string message() const { return text("message").value_or(""); }
    // The operation that failed, such as "users.get".
    std::optional<std::string> operation() const { return text("operation"); }
    // The HTTP status, where there was a response.
    std::optional<int> http_status() const { return number<int>("status"); }
    // Knock's code, such as "resource_missing".
    std::optional<std::string> code() const { return text("code"); }
    // Knock's id of the request, to quote to its support.
    std::optional<std::string> request_id() const { return text("request_id"); }
    // The fields that the server did not accept: a list of {"field", "message", "type"}.
    json errors() const { return details_.value("errors", json::array()); }
    // Whether the same call may succeed later and may safely be made again.
    bool retryable() const { return flag("retryable"); }
    // Whether the server may have done the work although the call failed.
    bool maybe_processed() const { return flag("maybe_processed"); }
    // How long the server asked to wait before the next try.
    std::optional<std::chrono::milliseconds> retry_after() const {
        auto wait = number<std::chrono::milliseconds::rep>("retry_after_ms");
        return wait ? std::optional<std::chrono::milliseconds>(*wait) : std::nullopt;
    }
    // How many requests were sent; 0 where the call failed before the first.
    int attempts() const { return number<int>("attempts").value_or(0); }
    // The server's body: JSON where it is JSON, else text, null where there was none.
    json body() const { return details_.value("body", json()); }
    // Everything that is known, as an object.
    const json &details() const noexcept { return details_; }

private:
    std::optional<std::string> text(const char *key) const {
        auto found = details_.find(key);
        if (found == details_.end() || !found->is_string())
            return std::nullopt;
        return found->get<std::string>();
    }

    template <typename Number> std::optional<Number> number(const char *key) const {
        auto found = details_.find(key);
        if (found == details_.end() || !found->is_number())
            return std::nullopt;
        return found->get<Number>();
    }

    bool flag(const char *key) const {
        auto found = details_.find(key);
        return found != details_.end() && found->is_boolean() && found->get<bool>();
    }

    static std::string describe(KnockStatus status, const json &details) {
        auto text = [&details](const char *key) {
            auto found = details.find(key);
            return found != details.end() && found->is_string() ? found->get<std::string>() : "";
        };
        std::string operation = text("operation"), message = text("message"),
                    request = text("request_id");
        std::string what = operation.empty() ? "" : operation + ": ";
        what += message.empty() ? knock_status_name(status) : message;
        return request.empty() ? what : what + " [request " + request + "]";
    }

    KnockStatus status_;
    json details_;
};

// The error of one status, so that it can be caught by itself.
template <KnockStatus Status> class ErrorOf : public Error {
public:
    explicit ErrorOf(json details) : Error(Status, std::move(details)) {}
};

using InvalidArgument = ErrorOf<KNOCK_INVALID_ARGUMENT>;
using InvalidHandle = ErrorOf<KNOCK_INVALID_HANDLE>;
using ConfigError = ErrorOf<KNOCK_CONFIG>;
using ApiError = ErrorOf<KNOCK_API>;
using RateLimited = ErrorOf<KNOCK_RATE_LIMITED>;
using Timeout = ErrorOf<KNOCK_TIMEOUT>;
using TransportError = ErrorOf<KNOCK_TRANSPORT>;
using ResponseError = ErrorOf<KNOCK_RESPONSE>;
using Closed = ErrorOf<KNOCK_CLOSED>;
using Interrupted = ErrorOf<KNOCK_INTERRUPTED>;
using InvalidSignature = ErrorOf<KNOCK_INVALID_SIGNATURE>;

namespace detail {

// Throws the exception of a status. `details` is what stands under "error".
[[noreturn]] inline void raise(KnockStatus status, json details) {
    switch (status) {
    case KNOCK_INVALID_ARGUMENT: throw InvalidArgument(std::move(details));
    case KNOCK_INVALID_HANDLE: throw InvalidHandle(std::move(details));
    case KNOCK_CONFIG: throw ConfigError(std::move(details));
    case KNOCK_API: throw ApiError(std::move(details));
    case KNOCK_RATE_LIMITED: throw RateLimited(std::move(details));
    case KNOCK_TIMEOUT: throw Timeout(std::move(details));
    case KNOCK_TRANSPORT: throw TransportError(std::move(details));
    case KNOCK_RESPONSE: throw ResponseError(std::move(details));
    case KNOCK_CLOSED: throw Closed(std::move(details));
    case KNOCK_INTERRUPTED: throw Interrupted(std::move(details));
    case KNOCK_INVALID_SIGNATURE: throw InvalidSignature(std::move(details));
    default: throw Error(status, std::move(details));
    }
}

[[noreturn]] inline void raise_invalid(const std::string &message) {
    raise(KNOCK_INVALID_ARGUMENT, {{"kind", "invalid_argument"}, {"message", message}});
}

} // namespace detail
} // namespace knock

#endif
