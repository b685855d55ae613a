#include "harness.h"

jmp_buf test_failed;

static int passes(const Test *test)
{
    if (setjmp(test_failed) != 0)
        return 0;
    test->run();
    return 1;
}

int run_tests(const char *suite, const Test *tests, size_t count)
{
    size_t passed = 0;
    for (size_t i = 0; i < count; i++) {
        if (passes(&tests[i]))
            passed++;
        else
            fprintf(stderr, "%s: %s failed\n", suite, tests[i].name);
    }
    printf("%s: %zu passed, %zu failed\n", suite, passed, count - passed);
    return passed == count ? 0 : 1;
}
