// Log lines, and ending calls that wait.

#ifndef KNOCK_CALLBACKS_HPP
#define KNOCK_CALLBACKS_HPP

#include <knock.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace knock {

enum class LogLevel : KnockLogLevel {
    error = KNOCK_LOG_ERROR, // an attempt failed, and its call with it
    warn = KNOCK_LOG_WARN,   // an attempt failed and is repeated
    info = KNOCK_LOG_INFO,   // nothing so far
    debug = KNOCK_LOG_DEBUG, // an attempt succeeded
};

using Logger = std::function<void(LogLevel, std::string_view)>;
using InterruptCheck = std::function<bool()>;

namespace detail {

// How many callbacks this thread is in.
inline thread_local int depth = 0;

struct Inside {
    Inside() noexcept { ++depth; }
    Inside(const Inside &) = delete;
    Inside &operator=(const Inside &) = delete;
    ~Inside() { --depth; }
};

// A function that the library calls, replaced only once the library is done with the old one.
template <typename Function> class Slot {
public:
    template <typename Install> void set(Function function, Install install) {
        std::lock_guard<std::mutex> guard(mutex_);
        auto next = function ? std::make_unique<Function>(std::move(function)) : nullptr;
        install(next.get());
        // From inside a callback the library does not wait: the old one may still be running.
        if (depth > 0 && current_)
            retired_.push_back(std::move(current_));
        current_ = std::move(next);
    }

private:
    std::mutex mutex_;
    std::unique_ptr<Function> current_;
    std::vector<std::unique_ptr<Function>> retired_;
};

// Not destroyed at exit, for other threads may still be in calls then.
template <typename Function> Slot<Function> &slot() {
    static Slot<Function> *slot = new Slot<Function>;
    return *slot;
}

inline void write_line(KnockLogLevel level, const char *line, void *logger) noexcept {
    Inside inside;
    try {
        (*static_cast<Logger *>(logger))(static_cast<LogLevel>(level), line);
    } catch (...) {
        // A line that cannot be written must not end the call that it tells of.
    }
}

inline std::int32_t ask(void *check) noexcept {
    Inside inside;
    try {
        return (*static_cast<InterruptCheck *>(check))() ? 1 : 0;
    } catch (...) {
        return 1;
    }
}

} // namespace detail

// Sends log lines up to a level to a function, for all clients of the process: one line per
// attempt, never a secret. An empty function turns it off. The function is called from any
// thread, also from several at once, and does not set the logger itself. When this returns, the
// one before is not running and is gone; from inside another callback of the library it may
// still be running, and stays alive for good.
inline void set_logger(LogLevel level, Logger logger) {
    detail::slot<Logger>().set(std::move(logger), [level](Logger *next) {
        auto number = static_cast<KnockLogLevel>(level);
        knock_set_log_callback(number, next != nullptr ? detail::write_line : nullptr, next);
    });
}

// Sets a function that is asked while a call of this thread waits, ten times a second and after a
// signal; where it returns true or throws, the call throws Interrupted. An empty function turns it
// off. It is called on the thread that set it, not for the calls of others, and does not set the
// check itself. The one before goes as in set_logger.
inline void set_interrupt_check(InterruptCheck check) {
    detail::slot<InterruptCheck>().set(std::move(check), [](InterruptCheck *next) {
        knock_set_interrupt_callback(next != nullptr ? detail::ask : nullptr, next);
    });
}

} // namespace knock

#endif
