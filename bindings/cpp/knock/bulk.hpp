// Any number of users identified, deleted or given preferences, as one run.

#ifndef KNOCK_BULK_HPP
#define KNOCK_BULK_HPP

#include "call.hpp"
#include "callbacks.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace knock {

// Is told how far a run is: an object with read, sent, processed, failed, bad_records, total,
// elapsed_ms and remaining_ms.
using BulkProgress = std::function<void(const json &)>;

// Is given the state of a run, which a later run can resume from.
using BulkState = std::function<void(const json &)>;

// A bulk run: records go in, it sends them in chunks at the pace that the service allows, and
// finish() follows the work to its end. One thread uses it at a time; cancel() may be called
// from any. It keeps its client alive.
class Bulk {
public:
    Bulk(KnockClient client, const std::string &operation, const json &options = json::object())
        : handle_(open(client, operation, options)) {}

    // Gives it one record: a user with an id, or an id; or a list of them. Blocks while it sends.
    // One that cannot be sent stops nothing: the summary names it with its position. False when
    // the run has ended early or was finished, and takes no more.
    bool push(const json &record) {
        std::string text;
        try {
            text = detail::to_text(record);
        } catch (const InvalidArgument &) {
            if (!record.is_array())
                return push_text(detail::has_non_finite(record) ? NOT_A_NUMBER : NOT_UTF8);
            return std::all_of(record.begin(), record.end(),
                               [this](const json &element) { return push(element); });
        }
        return push_text(text);
    }

    // Gives it records as text: one, an array of them, or one per line. They go out as they are.
    // Throws InvalidArgument for text with a NUL, and for an array over several lines that is
    // not JSON; nothing of it was taken.
    bool push_text(const std::string &records) {
        detail::Text error;
        const char *text = detail::c_text(records);
        KnockStatus status = knock_bulk_push(handle_.get(), text, error.out());
        rethrow();
        detail::result(status, error);
        return status == KNOCK_OK;
    }

    // Gives it all records of a range, and finishes.
    template <typename Range> json run(const Range &records) {
        for (const auto &record : records)
            if (!push(record))
                break;
        return finish();
    }

    // Sets the function that is told how far the run is, on the thread that pushes or finishes.
    // It may cancel the run. What it throws ends the run and comes out of push or finish;
    // finish then gives the summary when it is called again.
    Bulk &on_progress(BulkProgress function) {
        auto next = std::make_unique<Watch>(Watch{std::move(function), handle_.get(), nullptr});
        KnockStatus status =
            knock_bulk_on_progress(handle_.get(), next->function ? tell : nullptr, next.get());
        detail::result(status, detail::Text());
        watch_ = std::move(next);
        return *this;
    }

    // Sets the function that is given the state after each chunk that the service acknowledged: the
    // summary as it stands, as the option resume of another run. Otherwise as on_progress.
    Bulk &on_acknowledged(BulkState function) {
        auto next = std::make_unique<Watch>(Watch{std::move(function), handle_.get(), nullptr});
        KnockStatus status =
            knock_bulk_on_acknowledged(handle_.get(), next->function ? tell : nullptr, next.get());
        detail::result(status, detail::Text());
        keeper_ = std::move(next);
        return *this;
    }

    // Sends what is left, follows the work to its end, and says what became of it all: the
    // summary of docs/bulk.md. As the option resume of another run it says where to go on.
    json finish() {
        detail::Text summary;
        KnockStatus status = knock_bulk_finish(handle_.get(), summary.out());
        rethrow();
        return detail::result(status, summary);
    }

    Bulk(Bulk &&) noexcept = default;
    Bulk &operator=(Bulk &&other) noexcept {
        // Closed while what it calls is there still.
        handle_ = std::move(other.handle_);
        watch_ = std::move(other.watch_);
        keeper_ = std::move(other.keeper_);
        return *this;
    }

    // Ends the run early; finish() returns what became of it so far. A call that sends records
    // comes to its end first, other waits end.
    void cancel() noexcept { knock_bulk_cancel(handle_.get()); }

    // Closes it before its scope ends. What was not sent is forgotten.
    void close() noexcept { handle_.close(); }

private:
    // Stand for records that cannot be written, and are as bad records.
    static constexpr const char *NOT_UTF8 = "\xff";
    static constexpr const char *NOT_A_NUMBER = "{\"value\": NaN}";

    struct Watch {
        BulkProgress function;
        KnockBulk bulk;
        std::exception_ptr thrown;
    };

    static KnockBulk open(KnockClient client, const std::string &operation, const json &options) {
        KnockBulk bulk = 0;
        detail::Text error;
        std::string text = detail::to_text(detail::request(options));
        KnockStatus status =
            knock_bulk_new(client, operation.c_str(), text.c_str(), &bulk, error.out());
        detail::result(status, error);
        return bulk;
    }

    static void tell(const char *progress, void *user_data) noexcept {
        detail::Inside inside;
        Watch *watch = static_cast<Watch *>(user_data);
        if (watch->thrown)
            return;
        try {
            watch->function(json::parse(progress));
        } catch (...) {
            watch->thrown = std::current_exception();
            knock_bulk_cancel(watch->bulk);
        }
    }

    void rethrow() {
        for (Watch *watch : {watch_.get(), keeper_.get()}) {
            if (watch && watch->thrown) {
                watch->function = [](const json &) {};
                std::rethrow_exception(std::exchange(watch->thrown, nullptr));
            }
        }
    }

    // They outlive the handle, whose run calls them.
    std::unique_ptr<Watch> watch_;
    std::unique_ptr<Watch> keeper_;
    detail::Handle<knock_bulk_close> handle_;
};

} // namespace knock

#endif
