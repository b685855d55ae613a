// A test is a function that checks. Its first failed check ends it.

#ifndef HARNESS_HPP
#define HARNESS_HPP

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <stdexcept>
#include <string>

#include <knock.hpp>

using knock::json;

struct Test {
    const char *name;
    void (*run)();
};

#define TEST(function) {#function, function}

#define CHECK(condition)                                                                       \
    do {                                                                                       \
        if (!(condition))                                                                      \
            throw std::logic_error(std::string(__FILE__) + ":" + std::to_string(__LINE__) +    \
                                   ": not so: " #condition);                                   \
    } while (0)

// The exception that some work throws.
template <typename Exception, typename Work> Exception thrown_by(Work work) {
    try {
        work();
    } catch (const Exception &exception) {
        return exception;
    }
    throw std::logic_error("nothing was thrown");
}

// A client of the sandbox that the test was started with; it neither paces nor repeats.
inline knock::Client open_client() {
    return knock::Client({{"api_key", "sk_test_secret"},
                          {"base_url", std::getenv("KNOCK_BASE_URL")},
                          {"pacing", "off"},
                          {"max_retries", 0}});
}

// Runs the tests, prints what failed and how many did not, and returns what main returns.
inline int run_tests(const char *suite, std::initializer_list<Test> tests) {
    std::size_t passed = 0;
    for (const Test &test : tests) {
        try {
            test.run();
            passed++;
        } catch (const std::exception &error) {
            std::fprintf(stderr, "%s: %s failed: %s\n", suite, test.name, error.what());
        }
    }
    std::printf("%s: %zu passed, %zu failed\n", suite, passed, tests.size() - passed);
    return passed == tests.size() ? 0 : 1;
}

#endif
