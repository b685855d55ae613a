// A process that forks while other threads make calls.

#include "harness.h"
#include "sandbox.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define JANE "{\"user_id\": \"jane\"}"
#define SOON "{\"user_id\": \"jane\", \"request_options\": {\"deadline_ms\": 5000}}"

static void *call_until_it_is_closed(void *client)
{
    while (knock_users_get(*(KnockClient *)client, JANE, NULL) == KNOCK_OK)
        ;
    return NULL;
}

// Forks. What `work` returns in the child is returned in the parent.
static int in_child(int (*work)(KnockClient), KnockClient client)
{
    int ends[2], result = -1;
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        result = work(client);
        _exit(write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
    }
    close(ends[1]);
    CHECK(child > 0);
    CHECK(read(ends[0], &result, sizeof result) == sizeof result);
    close(ends[0]);
    CHECK(waitpid(child, NULL, 0) == child);
    return result;
}

// The number of the first thing that is not as it should be; 0 where all is well.
static int handles_are_void(KnockClient client)
{
    if (knock_users_get(client, JANE, NULL) != KNOCK_INVALID_HANDLE)
        return 1;
    if (knock_client_close(client) != KNOCK_INVALID_HANDLE)
        return 2;
    KnockClient own = open_client();
    if (knock_users_get(own, JANE, NULL) != KNOCK_OK)
        return 3;
    return knock_client_close(own) == KNOCK_OK ? 0 : 4;
}

static void the_child_makes_clients_of_its_own(void)
{
    KnockClient client = open_client();
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, call_until_it_is_closed, &client) == 0);
    for (int i = 0; i < 5; i++)
        CHECK(in_child(handles_are_void, client) == 0);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
    CHECK(pthread_join(thread, NULL) == 0);
}

// The sandbox by the name of this machine, which is looked up.
static KnockClient open_named_client(void)
{
    const char *port = strrchr(getenv("KNOCK_BASE_URL"), ':');
    char settings[128];
    snprintf(settings, sizeof settings,
             "\"base_url\": \"http://localhost%s\", \"max_retries\": 0", port);
    return open_client_with(settings);
}

static int named_host_is_reached(KnockClient client)
{
    (void)client;
    KnockClient own = open_named_client();
    KnockStatus status = knock_users_get(own, SOON, NULL);
    knock_client_close(own);
    return status;
}

static void *look_up_until_told(void *stop)
{
    while (!*(volatile int *)stop)
        named_host_is_reached(0);
    return NULL;
}

// What other threads look up and set up meanwhile is nothing that the child waits for.
static void the_child_looks_hosts_up_itself(void)
{
    volatile int stop = 0;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, look_up_until_told, (void *)&stop) == 0);
    for (int i = 0; i < 50; i++)
        CHECK(in_child(named_host_is_reached, 0) == KNOCK_OK);
    stop = 1;
    for (int i = 0; i < 4; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static void handles_of_parent_and_child_differ(void)
{
    knock_client_close(open_client());
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    KnockClient own = open_client(), other = 0;
    if (child == 0)
        _exit(write(ends[1], &own, sizeof own) == sizeof own ? 0 : 1);
    CHECK(child > 0);
    CHECK(read(ends[0], &other, sizeof other) == sizeof other);
    CHECK(waitpid(child, NULL, 0) == child);
    close(ends[0]);
    close(ends[1]);
    CHECK(own != other);
    CHECK_STATUS(knock_client_close(other), KNOCK_INVALID_HANDLE);
    CHECK_STATUS(knock_client_close(own), KNOCK_OK);
}

static void count(KnockLogLevel level, const char *line, void *lines)
{
    (void)level;
    (void)line;
    ++*(int *)lines;
}

static int32_t count_and_end(void *questions)
{
    ++*(int *)questions;
    return 1;
}

static int lines, questions;

static int callbacks_are_unset(KnockClient client)
{
    (void)client;
    KnockClient own = open_client_with("\"max_retries\": 1");
    queue_fault("{\"path\": \"/v1/users/jane\", \"status\": 503,"
                " \"headers\": {\"retry-after-ms\": \"150\"}}");
    lines = questions = 0;
    if (knock_users_get(own, JANE, NULL) != KNOCK_OK)
        return 1;
    return lines + questions;
}

static void no_callback_is_set_in_the_child(void)
{
    KnockClient client = open_client();
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_DEBUG, count, &lines), KNOCK_OK);
    CHECK_STATUS(knock_set_interrupt_callback(count_and_end, &questions), KNOCK_OK);
    CHECK(in_child(callbacks_are_unset, client) == 0);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    CHECK(lines == 1);
    CHECK_STATUS(knock_set_interrupt_callback(NULL, NULL), KNOCK_OK);
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_OFF, NULL, NULL), KNOCK_OK);
    knock_client_close(client);
}

// One request in 100 seconds.
static KnockClient open_slow_client(void)
{
    return open_client_with("\"pacing\": {\"4\": 0.01}");
}

static int there_is_a_place_at_once(KnockClient client)
{
    (void)client;
    return knock_users_get(open_slow_client(), SOON, NULL);
}

static void rate_limits_are_counted_anew_in_the_child(void)
{
    KnockClient client = open_slow_client();
    CHECK_STATUS(knock_users_get(client, SOON, NULL), KNOCK_OK);
    CHECK_STATUS(in_child(there_is_a_place_at_once, client), KNOCK_OK);
    CHECK_STATUS(knock_users_get(client, SOON, NULL), KNOCK_RATE_LIMITED);
    knock_client_close(client);
}

int main(void)
{
    const Test tests[] = {
        TEST(the_child_makes_clients_of_its_own),
        TEST(the_child_looks_hosts_up_itself),
        TEST(handles_of_parent_and_child_differ),
        TEST(no_callback_is_set_in_the_child),
        TEST(rate_limits_are_counted_anew_in_the_child),
    };
    return run_tests("fork", tests, sizeof tests / sizeof *tests);
}
