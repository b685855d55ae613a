// A test is a function that checks. Its first failed check ends it.

#ifndef HARNESS_H
#define HARNESS_H

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name;
    void (*run)(void);
} Test;

#define TEST(function) {#function, function}

extern jmp_buf test_failed;

// To be used on the thread that runs the test.
#define CHECK(condition)                                                                       \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);            \
            longjmp(test_failed, 1);                                                           \
        }                                                                                      \
    } while (0)

#define CHECK_STATUS(actual, expected)                                                         \
    do {                                                                                       \
        KnockStatus checked_ = (actual);                                                       \
        if (checked_ != (expected)) {                                                          \
            fprintf(stderr, "%s:%d: %s is %s, not %s\n", __FILE__, __LINE__, #actual,          \
                    knock_status_name(checked_), #expected);                                   \
            longjmp(test_failed, 1);                                                           \
        }                                                                                      \
    } while (0)

#define CHECK_CONTAINS(text, part)                                                             \
    do {                                                                                       \
        const char *checked_ = (text);                                                         \
        if (checked_ == NULL || strstr(checked_, part) == NULL) {                              \
            fprintf(stderr, "%s:%d: no %s in %s\n", __FILE__, __LINE__, part,                  \
                    checked_ == NULL ? "NULL" : checked_);                                     \
            longjmp(test_failed, 1);                                                           \
        }                                                                                      \
    } while (0)

// Runs the tests, prints what failed and how many did not, and returns what main returns.
int run_tests(const char *suite, const Test *tests, size_t count);

#endif
