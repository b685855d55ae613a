// The way into the C ABI and back: JSON to text, text to JSON, statuses to exceptions.

#ifndef KNOCK_CALL_HPP
#define KNOCK_CALL_HPP

#include "error.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

namespace knock {
namespace detail {

// A string of the library, freed with its scope.
class Text {
public:
    Text() = default;
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;
    ~Text() { knock_string_free(text_); }

    // Where a function of the library writes to.
    char **out() noexcept { return &text_; }

    json parse() const {
        return text_ == nullptr ? json() : json::parse(text_, nullptr, false);
    }

    std::string str() const { return text_ == nullptr ? std::string() : text_; }

private:
    char *text_ = nullptr;
};

// A handle that closes with its scope, or before that on any thread. Moved, not copied.
template <KnockStatus (*Close)(std::uint64_t)> class Handle {
public:
    explicit Handle(std::uint64_t handle) noexcept : handle_(handle) {}
    Handle(Handle &&other) noexcept : handle_(other.handle_.exchange(0)) {}
    Handle &operator=(Handle &&other) noexcept {
        close(other.handle_.exchange(0));
        return *this;
    }
    ~Handle() { close(); }

    void close() noexcept { close(0); }
    std::uint64_t get() const noexcept { return handle_.load(); }

private:
    // Closes what it has, and has another one from then on.
    void close(std::uint64_t next) noexcept {
        if (std::uint64_t before = handle_.exchange(next); before != 0)
            Close(before);
    }

    std::atomic<std::uint64_t> handle_;
};

// Whether a value holds NaN or infinity, which JSON does not have.
inline bool has_non_finite(const json &value) {
    if (value.is_structured())
        return std::any_of(value.begin(), value.end(), has_non_finite);
    return value.is_number_float() && !std::isfinite(value.get<double>());
}

inline std::string to_text(const json &value) {
    // They would be written as null, which clears a property.
    if (has_non_finite(value))
        raise_invalid("the request cannot be written as JSON: it holds NaN or infinity");
    try {
        return value.dump();
    } catch (const json::type_error &error) {
        raise_invalid(std::string("the request cannot be written as JSON: ") + error.what());
    }
}

// Text for the C ABI, which ends at a NUL and so must not hold one.
inline const char *c_text(const std::string &text) {
    if (std::size_t nul = text.find('\0'); nul != std::string::npos)
        raise_invalid("the text holds a NUL at " + std::to_string(nul));
    return text.c_str();
}

// What became of a call: its response, or the exception of its status.
inline json result(KnockStatus status, const Text &text) {
    json answer = text.parse();
    if (status == KNOCK_OK || status == KNOCK_DONE)
        return answer;
    auto error = answer.is_object() ? answer.find("error") : answer.end();
    raise(status, error == answer.end() ? json::object() : std::move(*error));
}

using Arguments = std::initializer_list<std::pair<const char *, json>>;

// A request: the parameters of a call with the arguments of a method put over them.
inline json request(const json &parameters, Arguments arguments = {}) {
    json request = parameters.is_null() ? json::object() : parameters;
    if (!request.is_object())
        raise_invalid("the parameters of a call must be an object");
    for (const auto &argument : arguments)
        request[argument.first] = argument.second;
    return request;
}

using Function = KnockStatus (*)(KnockClient, const char *, char **);

inline json call(KnockClient client, Function function, const json &request) {
    Text answer;
    KnockStatus status = function(client, to_text(request).c_str(), answer.out());
    return result(status, answer);
}

} // namespace detail
} // namespace knock

#endif
