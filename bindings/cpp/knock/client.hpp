// The client.

#ifndef KNOCK_CLIENT_HPP
#define KNOCK_CLIENT_HPP

#include "bulk.hpp"
#include "call.hpp"
#include "pager.hpp"
#include "resources.hpp"

#include <string>

namespace knock {

// The version of the library that is loaded, such as "1.2.3".
inline std::string version() { return knock_version(); }

// Every operation, as the library describes it.
inline json operations() { return json::parse(knock_operations()); }

// A client of the Knock API; its methods follow Knock's resources: client.users().get("jane").
// Any number of threads may use it at once.
class Client : public Resources<Client> {
public:
    // A client with these settings; what is left out comes from the environment (KNOCK_API_KEY
    // and others) or by default. Throws ConfigError for a setting that cannot work.
    explicit Client(const json &config = json::object()) : handle_(open(config)) {}
    explicit Client(json::initializer_list_t config) : Client(json(config)) {}

    // Calls an operation by its name, such as "users.get", or its OpenAPI operationId.
    json call(const std::string &operation, const json &request = json::object()) const {
        detail::Text answer;
        std::string text = detail::to_text(detail::request(request));
        KnockStatus status =
            knock_call(handle(), detail::c_text(operation), text.c_str(), answer.out());
        return detail::result(status, answer);
    }

    // Calls an endpoint that this version does not know: client.request("POST",
    // "/v1/workflows/welcome/trigger", {{"body", {{"recipients", {"jane"}}}}}). The path is sent
    // as it is, so percent-encode what goes into it; the request has query, body and
    // request_options.
    json request(const std::string &method, const std::string &path,
                 const json &request = json::object()) const {
        detail::Text answer;
        std::string text = detail::to_text(detail::request(request));
        KnockStatus status =
            knock_request(handle(), detail::c_text(method), detail::c_text(path), text.c_str(),
                          answer.out());
        return detail::result(status, answer);
    }

    // Walks the list that an operation answers with.
    Pager pager(const std::string &operation, const json &request = json::object()) const {
        return Pager(handle(), operation, request);
    }

    // Starts a bulk run of "users.bulk.identify", "users.bulk.delete" or
    // "users.bulk.set_preferences"; the options are those of knock_bulk_new.
    Bulk bulk(const std::string &operation, const json &options = json::object()) const {
        return Bulk(handle(), operation, options);
    }

    // Closes it before its scope ends: calls that run finish or throw Closed, later ones throw
    // InvalidHandle. Pagers go on.
    void close() noexcept { handle_.close(); }

    // The handle, for the functions of knock.h. It stays the client's.
    KnockClient handle() const noexcept { return handle_.get(); }

private:
    static KnockClient open(const json &config) {
        if (knock_abi_version() != KNOCK_ABI_VERSION)
            throw Error(KNOCK_CONFIG,
                        {{"kind", "config"},
                         {"message", "libknock " + version() + " has ABI " +
                                         std::to_string(knock_abi_version()) +
                                         ", this program was compiled for ABI " +
                                         std::to_string(KNOCK_ABI_VERSION)}});
        KnockClient client = 0;
        detail::Text error;
        KnockStatus status =
            knock_client_new(detail::to_text(config).c_str(), &client, error.out());
        detail::result(status, error);
        return client;
    }

    detail::Handle<knock_client_close> handle_;
};

} // namespace knock

#endif
