// Log lines, and calls that are interrupted.

#include "harness.h"
#include "sandbox.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#define JANE "{\"user_id\": \"jane\"}"

// The last line and how many there were. One thread calls at a time.
typedef struct {
    KnockLogLevel level;
    int lines;
    char last[256];
} Log;

static void keep(KnockLogLevel level, const char *line, void *user_data)
{
    Log *log = user_data;
    log->level = level;
    log->lines++;
    snprintf(log->last, sizeof log->last, "%s", line);
}

static void every_attempt_is_a_line_without_secrets(void)
{
    KnockClient client = open_client();
    Log log = {0};
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_DEBUG, keep, &log), KNOCK_OK);
    CHECK_STATUS(knock_users_get(client,
                                 "{\"user_id\": \"jane\", \"request_options\":"
                                 " {\"headers\": {\"authorization\": \"Bearer " KEY "\"}}}",
                                 NULL),
                 KNOCK_OK);
    CHECK(log.lines == 1);
    CHECK(log.level == KNOCK_LOG_DEBUG);
    CHECK_CONTAINS(log.last, "users.get attempt=1 200 request_id=sandbox-");
    CHECK_CONTAINS(log.last, "ms");
    CHECK(strstr(log.last, KEY) == NULL);
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_OFF, keep, &log), KNOCK_OK);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    CHECK(log.lines == 1);
    knock_client_close(client);
}

static void lines_have_the_level_of_what_became_of_the_attempt(void)
{
    KnockClient client = open_client_with("\"max_retries\": 1");
    Log log = {0};
    const char *fault = "{\"path\": \"/v1/users/jane\", \"status\": 503,"
                        " \"headers\": {\"retry-after-ms\": \"1\"}}";
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_WARN, keep, &log), KNOCK_OK);
    queue_fault(fault);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    CHECK(log.lines == 1);
    CHECK(log.level == KNOCK_LOG_WARN);
    CHECK_CONTAINS(log.last, "users.get attempt=1 503");
    queue_fault(fault);
    queue_fault(fault);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_API);
    CHECK(log.lines == 3);
    CHECK(log.level == KNOCK_LOG_ERROR);
    CHECK_CONTAINS(log.last, "users.get attempt=2 503");
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_OFF, NULL, NULL), KNOCK_OK);
    knock_client_close(client);
}

static void a_level_keeps_lesser_lines_away(void)
{
    KnockClient client = open_client();
    Log log = {0};
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_WARN, keep, &log), KNOCK_OK);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    CHECK(log.lines == 0);
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_OFF, NULL, NULL), KNOCK_OK);
    knock_client_close(client);
}

static void *call_many(void *client)
{
    for (int i = 0; i < 100; i++)
        knock_users_get(*(KnockClient *)client, JANE, NULL);
    return NULL;
}

static void count(KnockLogLevel level, const char *line, void *user_data)
{
    (void)level;
    *(size_t *)user_data += strlen(line);
}

// A callback's data is freed as soon as the next one is set; a memory checker sees it if it was
// used once more.
static void the_callback_changes_while_calls_run(void)
{
    KnockClient client = open_client();
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, call_many, &client) == 0);
    size_t *before = NULL;
    for (int i = 0; i < 200; i++) {
        size_t *next = calloc(1, sizeof *next);
        CHECK(next != NULL);
        CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_DEBUG, count, next), KNOCK_OK);
        free(before);
        before = next;
        sched_yield();
    }
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_OFF, NULL, NULL), KNOCK_OK);
    free(before);
    CHECK(pthread_join(thread, NULL) == 0);
    knock_client_close(client);
}

// What two threads that set the callback at once share with the callback that was set before.
typedef struct {
    int inside, leave, returned, returned_too_early;
} Overlap;

static int read_flag(int *flag)
{
    return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

static void set_flag(int *flag, int value)
{
    __atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
}

static void stay(KnockLogLevel level, const char *line, void *user_data)
{
    (void)level;
    (void)line;
    Overlap *overlap = user_data;
    set_flag(&overlap->inside, 1);
    while (!read_flag(&overlap->leave))
        sched_yield();
    set_flag(&overlap->inside, 0);
}

static void *call_once(void *client)
{
    knock_users_get(*(KnockClient *)client, JANE, NULL);
    return NULL;
}

static void *set_another(void *argument)
{
    Overlap *overlap = argument;
    size_t *length = calloc(1, sizeof *length);
    knock_set_log_callback(KNOCK_LOG_DEBUG, count, length);
    knock_set_log_callback(KNOCK_LOG_OFF, NULL, NULL);
    set_flag(&overlap->returned, 1);
    if (read_flag(&overlap->inside))
        set_flag(&overlap->returned_too_early, 1);
    free(length);
    return NULL;
}

static void no_setter_returns_while_an_earlier_callback_runs(void)
{
    KnockClient client = open_client();
    Overlap overlap = {0};
    pthread_t caller, setters[2];
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_DEBUG, stay, &overlap), KNOCK_OK);
    CHECK(pthread_create(&caller, NULL, call_once, &client) == 0);
    while (!read_flag(&overlap.inside))
        sched_yield();
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&setters[i], NULL, set_another, &overlap) == 0);
    // Time for a setter that does not wait to come back.
    for (int i = 0; i < 50 && !read_flag(&overlap.returned); i++)
        requests_arrived();
    set_flag(&overlap.leave, 1);
    CHECK(pthread_join(caller, NULL) == 0);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(setters[i], NULL) == 0);
    CHECK(!overlap.returned_too_early);
    knock_client_close(client);
}

static void turn_off(KnockLogLevel level, const char *line, void *user_data)
{
    (void)level;
    (void)line;
    ++*(int *)user_data;
    knock_set_log_callback(KNOCK_LOG_OFF, NULL, NULL);
}

static void a_callback_may_turn_itself_off(void)
{
    KnockClient client = open_client();
    int lines = 0;
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_DEBUG, turn_off, &lines), KNOCK_OK);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    CHECK(lines == 1);
    knock_client_close(client);
}

static int32_t end_it(void *user_data)
{
    ++*(int *)user_data;
    return 1;
}

static void check_interrupted(KnockClient client, const char *request)
{
    int asked = 0;
    char *error;
    CHECK_STATUS(knock_set_interrupt_callback(end_it, &asked), KNOCK_OK);
    CHECK_STATUS(knock_users_get(client, request, &error), KNOCK_INTERRUPTED);
    CHECK_STATUS(knock_set_interrupt_callback(NULL, NULL), KNOCK_OK);
    CHECK(asked == 1);
    CHECK_CONTAINS(error, "\"kind\":\"interrupted\"");
    knock_string_free(error);
}

static void a_call_that_waits_for_the_server_is_interrupted(void)
{
    KnockClient client = open_client();
    queue_fault("{\"path\": \"/v1/users/jane\", \"send\": \"nothing\", \"then\": \"hang\"}");
    check_interrupted(client, JANE);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    knock_client_close(client);
}

static void a_call_that_waits_for_its_next_attempt_is_interrupted(void)
{
    KnockClient client = open_client_with("\"max_retries\": 1");
    queue_fault("{\"path\": \"/v1/users/jane\", \"status\": 503,"
                " \"headers\": {\"retry-after\": \"30\"}}");
    check_interrupted(client, JANE);
    knock_client_close(client);
}

static volatile sig_atomic_t signalled;

static void note(int number)
{
    (void)number;
    signalled = 1;
}

static int32_t was_signalled(void *user_data)
{
    (void)user_data;
    return signalled;
}

// A thread that calls, and how many requests there had been before.
typedef struct {
    pthread_t thread;
    long arrived;
} Caller;

static void *signal_when_it_waits(void *argument)
{
    Caller *caller = argument;
    while (requests_arrived() == caller->arrived)
        sched_yield();
    pthread_kill(caller->thread, SIGUSR1);
    return NULL;
}

static void a_signal_ends_a_call_that_asks(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    KnockClient client = open_client();
    Caller caller = {pthread_self(), requests_arrived()};
    pthread_t thread;
    queue_fault("{\"path\": \"/v1/users/jane\", \"send\": \"nothing\", \"then\": \"hang\"}");
    CHECK_STATUS(knock_set_interrupt_callback(was_signalled, NULL), KNOCK_OK);
    CHECK(pthread_create(&thread, NULL, signal_when_it_waits, &caller) == 0);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_INTERRUPTED);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_STATUS(knock_set_interrupt_callback(NULL, NULL), KNOCK_OK);
    knock_client_close(client);
}

int main(void)
{
    const Test tests[] = {
        TEST(every_attempt_is_a_line_without_secrets),
        TEST(lines_have_the_level_of_what_became_of_the_attempt),
        TEST(a_level_keeps_lesser_lines_away),
        TEST(the_callback_changes_while_calls_run),
        TEST(no_setter_returns_while_an_earlier_callback_runs),
        TEST(a_callback_may_turn_itself_off),
        TEST(a_call_that_waits_for_the_server_is_interrupted),
        TEST(a_call_that_waits_for_its_next_attempt_is_interrupted),
        TEST(a_signal_ends_a_call_that_asks),
    };
    return run_tests("callbacks", tests, sizeof tests / sizeof *tests);
}
