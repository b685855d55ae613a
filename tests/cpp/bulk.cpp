// Bulk runs and long reads as users of the C++ client see them.

#include "harness.hpp"

#include <atomic>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <vector>

static_assert(!std::is_copy_constructible_v<knock::Bulk>);
static_assert(std::is_nothrow_move_constructible_v<knock::Bulk>);

static const json QUICK = {{"poll_interval_ms", 1}, {"max_records", 2}};

static void a_range_of_users_goes_out_as_one_run() {
    knock::Client client = open_client();
    std::vector<json> users;
    for (int n = 0; n < 5; n++)
        users.push_back({{"id", "bulk-" + std::to_string(n)}, {"n", n}});
    json summary = client.bulk("users.bulk.identify", QUICK).run(users);
    CHECK(summary["succeeded"] == 5);
    CHECK(summary["interrupted"].is_null());
    CHECK(client.users().get("bulk-4")["n"] == 4);
    std::vector<std::string> ids = {"bulk-0", "bulk-1"};
    CHECK(client.bulk("users.bulk.delete", QUICK).run(ids)["succeeded"] == 2);
    thrown_by<knock::ApiError>([&] { client.users().get("bulk-0"); });
}

static void text_goes_out_as_it_is_and_bad_records_are_named() {
    knock::Client client = open_client();
    knock::Bulk bulk = client.bulk("users.bulk.identify", QUICK);
    CHECK(bulk.push_text("{\"id\": \"line-1\"}\n{\"id\": \n{\"id\": \"line-3\"}\n"));
    json summary = bulk.finish();
    CHECK(summary["succeeded"] == 2);
    CHECK(summary["bad_records"][0]["position"] == 1);
    CHECK(!bulk.push({{"id", "late"}}));
}

static void a_record_that_cannot_be_written_stops_nothing() {
    knock::Client client = open_client();
    std::vector<std::string> ids = {"utf-1", "b\xe9", "utf-3"};
    json summary = client.bulk("users.bulk.delete", QUICK).run(ids);
    CHECK(summary["read"] == 3 && summary["succeeded"] == 2);
    CHECK(summary["bad_records"][0]["position"] == 1);
    CHECK(summary["bad_records"][0]["reason"] == "it is not UTF-8");
    knock::Bulk bulk = client.bulk("users.bulk.delete", QUICK);
    CHECK(bulk.push(json(ids)));
    thrown_by<knock::InvalidArgument>([&] { bulk.push_text(std::string("\"a\"\n\0\"b\"", 8)); });
    summary = bulk.finish();
    CHECK(summary["read"] == 3 && summary["bad_records"].size() == 1);
    std::vector<json> users = {{{"id", "nan-0"}, {"n", 1}}, {{"id", "nan-1"}, {"n", std::nan("")}}};
    summary = client.bulk("users.bulk.identify", QUICK).run(users);
    CHECK(summary["succeeded"] == 1);
    CHECK(summary["bad_records"][0]["position"] == 1);
    std::string reason = summary["bad_records"][0]["reason"];
    CHECK(reason.find("it is not valid JSON") == 0);
}

static void a_run_is_cancelled_and_resumed() {
    knock::Client client = open_client();
    std::vector<std::string> ids = {"a", "b", "c", "d", "e"};
    knock::Bulk bulk = client.bulk("users.bulk.delete", QUICK);
    bulk.on_progress([&bulk](const json &progress) {
        if (progress["sent"] >= 2)
            bulk.cancel();
    });
    json state = bulk.run(ids);
    CHECK(state["interrupted"]["reason"] == "cancelled");
    CHECK(state["accepted"] == 2);
    json options = QUICK;
    options["resume"] = state;
    json summary = client.bulk("users.bulk.delete", options).run(ids);
    CHECK(summary["accepted"] == 5);
    CHECK(summary["interrupted"].is_null());
}

static void a_run_is_resumed_from_its_last_state() {
    knock::Client client = open_client();
    json state;
    {
        knock::Bulk bulk = client.bulk("users.bulk.delete", QUICK);
        bulk.on_acknowledged([&state](const json &latest) { state = latest; });
        bulk.push("a");
        CHECK(state.is_null());
        bulk.push("b");
        CHECK(state["accepted"] == 2);
        bulk.on_acknowledged([](const json &) { throw std::length_error("full"); });
        thrown_by<std::length_error>([&] { bulk.push({"c", "d"}); });
    }
    json options = QUICK;
    options["resume"] = state;
    knock::Bulk bulk = client.bulk("users.bulk.delete", options);
    CHECK(bulk.run(std::vector<std::string>{"a", "b"})["succeeded"] == 2);
}

static void what_progress_throws_ends_the_run() {
    knock::Client client = open_client();
    knock::Bulk bulk = client.bulk("users.bulk.delete", QUICK);
    bulk.on_progress([](const json &) { throw std::length_error("enough"); });
    thrown_by<std::length_error>([&] { bulk.push({"a", "b", "c", "d"}); });
    CHECK(bulk.finish()["interrupted"]["reason"] == "cancelled");
}

static void a_logger_that_runs_outlives_its_replacement_by_a_callback() {
    knock::Client client = open_client();
    std::atomic<bool> entered{false}, leave{false};
    auto held = std::make_shared<int>();
    std::weak_ptr<int> watched = held;
    knock::set_logger(knock::LogLevel::debug, [&, held](knock::LogLevel, std::string_view line) {
        if (line.find("users.get ") != 0)
            return;
        entered = true;
        while (!leave)
            std::this_thread::yield();
    });
    held.reset();
    std::thread reader([&] { client.users().get("jane"); });
    bool lives = false;
    knock::Bulk bulk = client.bulk("users.bulk.delete", QUICK);
    bulk.on_progress([&](const json &) {
        while (!entered)
            std::this_thread::yield();
        knock::set_logger(knock::LogLevel::debug, nullptr);
        lives = !watched.expired();
        leave = true;
    });
    bulk.push({"a", "b"});
    reader.join();
    CHECK(lives);
}

static void a_run_that_is_assigned_to_is_closed_first() {
    knock::Client client = open_client();
    knock::Bulk bulk = client.bulk("users.bulk.delete", QUICK);
    bulk.on_progress([](const json &) {});
    knock::Bulk other = client.bulk("users.bulk.delete", QUICK);
    int told = 0;
    other.on_progress([&told](const json &) { told++; });
    bulk = std::move(other);
    CHECK(bulk.run(std::vector<std::string>{"a", "b"})["succeeded"] == 2);
    CHECK(told > 0);
    thrown_by<knock::InvalidHandle>([&] { other.finish(); });
}

static void preferences_are_an_option() {
    knock::Client client = open_client();
    json options = QUICK;
    options["preferences"] = {{"workflows", {{"w", false}}}};
    std::vector<std::string> ids = {"jane"};
    CHECK(client.bulk("users.bulk.set_preferences", options).run(ids)["succeeded"] == 1);
    CHECK(client.users().get_preferences("jane", "default")["workflows"]["w"] == false);
    thrown_by<knock::InvalidArgument>([&] { client.bulk("users.bulk.set_preferences"); });
    thrown_by<knock::InvalidArgument>([&] { client.bulk("users.get"); });
}

static void a_list_is_read_with_the_next_page_fetched_ahead() {
    knock::Client client = open_client();
    json ahead = {{"page_size", 3}, {"request_options", {{"prefetch", true}}}};
    std::size_t messages = 0;
    for (const json &message : client.users().list_messages_pager("jane", ahead))
        messages += message.contains("id");
    CHECK(messages == 12);
}

static void a_read_that_was_left_goes_on_from_its_cursor() {
    knock::Client client = open_client();
    std::vector<std::string> ids, all;
    json parameters = {{"page_size", 5}};
    for (const json &message : client.users().list_messages_pager("jane", parameters))
        all.push_back(message["id"]);
    for (std::size_t read : {3, 5, 7}) {
        knock::Pager first = client.users().list_messages_pager("jane", parameters);
        CHECK(!first.cursor());
        std::size_t left = read;
        for (const json &message : first) {
            CHECK(message.contains("id"));
            if (--left == 0)
                break;
        }
        json rest = parameters;
        if (first.cursor())
            rest["after"] = *first.cursor();
        knock::Pager second = client.users().list_messages_pager("jane", rest);
        CHECK(second.cursor() == first.cursor());
        // A page that was not read to its end is read again.
        std::size_t at = read / 5 * 5;
        for (const json &message : second)
            CHECK(message["id"] == all[at++]);
        CHECK(at == all.size());
        CHECK(!second.cursor());
    }
}

int main() {
    return run_tests("bulk", {
                                 TEST(a_range_of_users_goes_out_as_one_run),
                                 TEST(text_goes_out_as_it_is_and_bad_records_are_named),
                                 TEST(a_record_that_cannot_be_written_stops_nothing),
                                 TEST(a_run_is_cancelled_and_resumed),
                                 TEST(a_run_is_resumed_from_its_last_state),
                                 TEST(what_progress_throws_ends_the_run),
                                 TEST(a_logger_that_runs_outlives_its_replacement_by_a_callback),
                                 TEST(a_run_that_is_assigned_to_is_closed_first),
                                 TEST(preferences_are_an_option),
                                 TEST(a_list_is_read_with_the_next_page_fetched_ahead),
                                 TEST(a_read_that_was_left_goes_on_from_its_cursor),
                             });
}
