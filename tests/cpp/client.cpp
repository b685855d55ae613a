// The C++ client as its users see it.

#include "harness.hpp"
#include "operations.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

static_assert(!std::is_copy_constructible_v<knock::Client>);
static_assert(std::is_nothrow_move_constructible_v<knock::Client>);
static_assert(!std::is_copy_constructible_v<knock::Pager>);
static_assert(std::is_nothrow_move_assignable_v<knock::Pager>);

static const char *const FEED = "f1000000-0000-4000-8000-000000000001";

static void a_user_is_identified_and_read() {
    knock::Client client = open_client();
    client.users().identify("maria", {{"email", "maria@ingen.net"}, {"plan", nullptr}});
    json maria = client.users().get("maria");
    CHECK(maria["email"] == "maria@ingen.net");
    CHECK(maria["plan"].is_null());
    CHECK(client.users().delete_("maria").is_null());
}

static void a_webhook_is_verified_and_a_token_is_signed() {
    const json options = {{"secret", "some-secret"}, {"now_ms", 1735689600000}};
    const std::string body = R"({"type":"message.sent","data":{"id":"2w3YUpTTOxuDvZFji8OMsKrG176"}})";
    const std::string signature = "t=1735689600000,s=VUqWspXneLNZovPWcP8ElFRnOqD9u1zOEBWbq6qAm8Y=";
    CHECK(knock::verify_webhook(options, signature, body)["type"] == "message.sent");
    CHECK(knock::sign_webhook(options, body) == signature);
    auto code = [&](const std::optional<std::string> &header) {
        try {
            knock::verify_signature(options, header, body);
        } catch (const knock::InvalidSignature &error) {
            return error.code().value_or("");
        }
        return std::string("none");
    };
    CHECK(code(signature) == "none");
    CHECK(code(std::nullopt) == "signature_missing");
    CHECK(code(signature + '\0') == "signature_malformed");
    const std::string other("\0\xff", 2);
    knock::verify_signature(options, knock::sign_webhook(options, other), other);
    bool no_event = false;
    try {
        knock::verify_webhook(options, knock::sign_webhook(options, other), other);
    } catch (const knock::ResponseError &) {
        no_event = true;
    }
    CHECK(no_event);
    bool no_secret = false;
    try {
        knock::sign_webhook({{"secret", ""}}, body);
    } catch (const knock::ConfigError &) {
        no_secret = true;
    }
    CHECK(no_secret);
    std::ifstream file("sandbox/tests/fixtures/user_token_private.pem");
    const std::string key{std::istreambuf_iterator<char>(file), {}};
    json token = knock::sign_user_token(
        {{"user_id", "jhammond"}, {"signing_key", key}, {"issued_at", 1735689600}});
    CHECK(token["token"].get<std::string>().size() == 450);
    CHECK(token["expires_at"] == 1735693200);
    bool refused = false;
    try {
        knock::sign_user_token({{"user_id", "jane"}, {"signing_key", "sk_secret"}});
    } catch (const knock::ConfigError &error) {
        refused = std::string(error.what()).find("sk_secret") == std::string::npos;
    }
    CHECK(refused);
}

static void every_operation_has_its_method() {
    knock::Client client = open_client();
    std::string bulk_operation;
#define RUN(name, call)                                                                        \
    if (std::string(name) != "bulk_operations.get") {                                          \
        json answer = client.call;                                                             \
        if (std::string(name) == "users.bulk.identify")                                        \
            bulk_operation = answer["id"];                                                     \
    }
    FOR_EACH_OPERATION(RUN)
#undef RUN
    CHECK(client.bulk_operations().get(bulk_operation)["id"] == bulk_operation);
}

static void an_operation_is_called_by_name_too() {
    knock::Client client = open_client();
    CHECK(client.call("users.get", {{"user_id", "jane"}})["id"] == "jane");
    CHECK(client.call("listUsers")["entries"].is_array());
}

static void an_endpoint_is_called_by_its_path() {
    knock::Client client = open_client();
    json body = {{"plan", "pro"}};
    CHECK(client.request("PUT", "/v1/users/path-2", {{"body", body}})["plan"] == "pro");
    CHECK(client.request("DELETE", "/v1/users/path-2").is_null());
    thrown_by<knock::ApiError>([&] { client.request("GET", "/v1/users/path-2"); });
    std::string cut("/v1/users\0/path-2", 17);
    thrown_by<knock::InvalidArgument>([&] { client.request("GET", cut); });
}

static void a_range_for_walks_all_items() {
    knock::Client client = open_client();
    std::size_t items = 0;
    std::string last;
    for (const json &item : client.users().feeds().list_items_pager(
             "jane", FEED, {{"page_size", 25}, {"archived", "include"}})) {
        CHECK(item["id"] != last);
        last = item["id"];
        items++;
    }
    CHECK(items == 60);
}

static void a_pager_works_with_algorithms_and_by_page() {
    knock::Client client = open_client();
    knock::Pager users = client.pager("users.list", {{"page_size", 2}});
    bool found = std::any_of(users.begin(), users.end(),
                             [](const json &user) { return user["id"] == "ellie"; });
    CHECK(found);
    knock::Pager pages = client.users().list_messages_pager("jane", {{"page_size", 8}});
    std::vector<std::size_t> sizes;
    while (auto page = pages.next_page())
        sizes.push_back((*page)["items"].size());
    CHECK((sizes == std::vector<std::size_t>{8, 4}));
    CHECK(!pages.next_page());
}

static void metadata_does_not_hide_the_items() {
    knock::Client client = open_client();
    json options = {{"request_options", {{"metadata", true}}}, {"page_size", 5}};
    std::size_t items = 0;
    for (const json &message : client.users().list_messages_pager("jane", options))
        items += message.contains("id");
    CHECK(items == 12);
}

static void an_error_says_what_the_server_said() {
    knock::Client client = open_client();
    auto error = thrown_by<knock::ApiError>([&] { client.users().get("nobody"); });
    CHECK(error.status() == KNOCK_API);
    CHECK(error.kind() == "api");
    CHECK(error.operation() == "users.get");
    CHECK(error.http_status() == 404);
    CHECK(error.code() == "resource_missing");
    CHECK(error.request_id()->find("sandbox-") == 0);
    CHECK(error.body()["code"] == "resource_missing");
    CHECK(error.errors().empty());
    CHECK(!error.retryable() && !error.retry_after() && !error.maybe_processed());
    CHECK(error.attempts() == 1);
    std::string what = error.what();
    CHECK(what.find("users.get: ") == 0);
    CHECK(what.find("[request sandbox-") != std::string::npos);
}

static void what_cannot_be_sent_is_an_invalid_argument() {
    knock::Client client = open_client();
    auto mistyped = thrown_by<knock::InvalidArgument>(
        [&] { client.users().get("jane", {{"tennant", "acme"}}); });
    CHECK(mistyped.attempts() == 0);
    auto unknown = thrown_by<knock::InvalidArgument>([&] { client.call("users.gte"); });
    CHECK(unknown.message().find("did you mean \"users.get\"") != std::string::npos);
    thrown_by<knock::InvalidArgument>([&] { client.users().get("\xff"); });
    thrown_by<knock::InvalidArgument>([&] { client.users().get("jane", json::array()); });
    for (double number : {std::nan(""), HUGE_VAL, -HUGE_VAL})
        thrown_by<knock::InvalidArgument>(
            [&] { client.users().identify("jane", {{"scores", {1.5, {{"last", number}}}}}); });
    thrown_by<knock::InvalidArgument>([&] { client.pager("users.get", {{"user_id", "jane"}}); });
}

static void a_setting_that_cannot_work_is_a_config_error() {
    auto error = thrown_by<knock::ConfigError>([] { knock::Client({{"api_kye", "x"}}); });
    CHECK(error.message().find("did you mean \"api_key\"") != std::string::npos);
    // Every kind of error is a knock::Error, and that is a std::exception.
    thrown_by<knock::Error>([] { knock::Client({{"timeout_ms", 0}}); });
    thrown_by<std::exception>([] { knock::Client({{"timeout_ms", 0}}); });
}

static void a_moved_client_leaves_none_behind() {
    knock::Client first = open_client();
    KnockClient handle = first.handle();
    knock::Client second = std::move(first);
    CHECK(second.handle() == handle);
    CHECK(first.handle() == 0);
    thrown_by<knock::InvalidHandle>([&] { first.users().get("jane"); });
    CHECK(second.users().get("jane")["id"] == "jane");
    knock::Client third = open_client();
    KnockClient replaced = third.handle();
    third = std::move(second);
    CHECK(third.handle() == handle);
    CHECK(knock_client_close(replaced) == KNOCK_INVALID_HANDLE);
}

static void a_client_is_closed_while_other_threads_call() {
    knock::Client client = open_client();
    std::atomic<bool> called{false};
    std::thread caller([&] {
        try {
            for (;;) {
                client.users().get("jane");
                called = true;
            }
        } catch (const knock::Error &) {
        }
    });
    while (!called)
        std::this_thread::yield();
    client.close();
    caller.join();
    thrown_by<knock::InvalidHandle>([&] { client.users().get("jane"); });
}

static void a_client_closes_with_its_scope_and_a_pager_goes_on() {
    KnockClient handle;
    auto pager = [&handle] {
        knock::Client client = open_client();
        handle = client.handle();
        return client.users().list_pager({{"page_size", 1}});
    }();
    CHECK(knock_client_close(handle) == KNOCK_INVALID_HANDLE);
    CHECK(pager.begin()->contains("id"));
    pager.close();
    thrown_by<knock::InvalidHandle>([&] { pager.next_page(); });
}

static void log_lines_go_to_a_function() {
    knock::Client client = open_client();
    std::vector<std::string> lines;
    knock::set_logger(knock::LogLevel::debug, [&lines](knock::LogLevel, std::string_view line) {
        lines.emplace_back(line);
        throw std::runtime_error("a logger that fails harms nobody");
    });
    client.users().get("jane");
    knock::set_logger(knock::LogLevel::debug, nullptr);
    client.users().get("jane");
    CHECK(lines.size() == 1);
    CHECK(lines[0].find("users.get attempt=1 200") == 0);
}

static void a_call_that_waits_is_interrupted() {
    // One request in 100 seconds: the second waits for its place in the rate limit.
    knock::Client client({{"api_key", "sk_test_secret"},
                          {"base_url", std::getenv("KNOCK_BASE_URL")},
                          {"pacing", {{"4", 0.01}}}});
    client.users().get("jane");
    knock::set_interrupt_check([] { return true; });
    auto error = thrown_by<knock::Interrupted>([&] { client.users().get("jane"); });
    knock::set_interrupt_check(nullptr);
    CHECK(error.kind() == "interrupted");
}

static void threads_share_a_client() {
    knock::Client client = open_client();
    std::atomic<int> read{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++)
        threads.emplace_back([&] { read += client.users().get("jane")["id"] == "jane"; });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(read == 8);
}

static void the_library_describes_itself() {
    CHECK(!knock::version().empty());
    json operations = knock::operations()["operations"];
    std::size_t methods = 0;
#define COUNT(name, call) methods += operations[methods]["name"] == (name);
    FOR_EACH_OPERATION(COUNT)
#undef COUNT
    CHECK(methods == operations.size());
}

int main() {
    return run_tests("client", {
                                   TEST(a_range_for_walks_all_items),
                                   TEST(a_pager_works_with_algorithms_and_by_page),
                                   TEST(metadata_does_not_hide_the_items),
                                   TEST(every_operation_has_its_method),
                                   TEST(a_user_is_identified_and_read),
                                   TEST(an_operation_is_called_by_name_too),
                                   TEST(an_endpoint_is_called_by_its_path),
                                   TEST(an_error_says_what_the_server_said),
                                   TEST(what_cannot_be_sent_is_an_invalid_argument),
                                   TEST(a_setting_that_cannot_work_is_a_config_error),
                                   TEST(a_moved_client_leaves_none_behind),
                                   TEST(a_client_is_closed_while_other_threads_call),
                                   TEST(a_client_closes_with_its_scope_and_a_pager_goes_on),
                                   TEST(log_lines_go_to_a_function),
                                   TEST(a_call_that_waits_is_interrupted),
                                   TEST(threads_share_a_client),
                                   TEST(the_library_describes_itself),
                                   TEST(a_webhook_is_verified_and_a_token_is_signed),
                               });
}
