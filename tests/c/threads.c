// Handles that many threads use, and close, at once.

#include "harness.h"
#include "sandbox.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#define JANE "{\"user_id\": \"jane\"}"
#define THREADS 16

// A call on a thread of its own.
typedef struct {
    pthread_t thread;
    uint64_t handle;
    KnockStatus status;
    int calls;
} Worker;

static void start(Worker *workers, size_t count, uint64_t handle, void *(*work)(void *))
{
    for (size_t i = 0; i < count; i++) {
        workers[i] = (Worker){.handle = handle};
        CHECK(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
}

static void join(Worker *workers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK(pthread_join(workers[i].thread, NULL) == 0);
}

static void wait_for_requests(long count)
{
    while (requests_arrived() < count)
        sched_yield();
}

static void *call_until_it_fails(void *argument)
{
    Worker *worker = argument;
    do {
        char *response;
        worker->status = knock_users_get(worker->handle, JANE, &response);
        worker->calls += response != NULL;
        knock_string_free(response);
    } while (worker->status == KNOCK_OK);
    return NULL;
}

static void closing_ends_the_calls_of_sixteen_threads(void)
{
    Worker workers[THREADS];
    KnockClient client = open_client();
    long before = requests_arrived();
    start(workers, THREADS, client, call_until_it_fails);
    wait_for_requests(before + 4 * THREADS);
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
    join(workers, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        KnockStatus status = workers[i].status;
        CHECK(status == KNOCK_CLOSED || status == KNOCK_INVALID_HANDLE);
        CHECK(workers[i].calls > 0);
    }
}

static void closing_does_not_wait_for_a_silent_server(void)
{
    Worker workers[THREADS];
    KnockClient client = open_client();
    long before = requests_arrived();
    queue_fault("{\"path\": \"/v1/users/jane\", \"send\": \"nothing\", \"then\": \"hang\","
                " \"times\": 16}");
    start(workers, THREADS, client, call_until_it_fails);
    wait_for_requests(before + THREADS);
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
    join(workers, THREADS);
    for (size_t i = 0; i < THREADS; i++)
        CHECK_STATUS(workers[i].status, KNOCK_CLOSED);
}

static void *close_client(void *argument)
{
    Worker *worker = argument;
    worker->status = knock_client_close(worker->handle);
    return NULL;
}

static void one_of_many_closes_wins(void)
{
    Worker workers[THREADS];
    start(workers, THREADS, open_client(), close_client);
    join(workers, THREADS);
    int closed = 0;
    for (size_t i = 0; i < THREADS; i++) {
        closed += workers[i].status == KNOCK_OK;
        CHECK(workers[i].status == KNOCK_OK || workers[i].status == KNOCK_INVALID_HANDLE);
    }
    CHECK(closed == 1);
}

static void a_pager_outlives_its_client(void)
{
    KnockClient client = open_client();
    KnockPager pager;
    CHECK_STATUS(knock_pager_new(client, "users.list_messages",
                                 "{\"user_id\": \"jane\", \"page_size\": 8}", &pager, NULL),
                 KNOCK_OK);
    CHECK_STATUS(knock_pager_next(pager, NULL), KNOCK_OK);
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_INVALID_HANDLE);
    CHECK_STATUS(knock_pager_next(pager, NULL), KNOCK_OK);
    CHECK_STATUS(knock_pager_next(pager, NULL), KNOCK_DONE);
    CHECK_STATUS(knock_pager_close(pager), KNOCK_OK);
}

static void *page_to_the_end(void *argument)
{
    Worker *worker = argument;
    char *page;
    while ((worker->status = knock_pager_next(worker->handle, &page)) == KNOCK_OK) {
        knock_string_free(page);
        worker->calls++;
    }
    knock_string_free(page);
    return NULL;
}

static void threads_that_share_a_pager_take_turns(void)
{
    Worker workers[4];
    KnockClient client = open_client();
    KnockPager pager;
    CHECK_STATUS(knock_pager_new(client, "users.list_messages",
                                 "{\"user_id\": \"jane\", \"page_size\": 1}", &pager, NULL),
                 KNOCK_OK);
    start(workers, 4, pager, page_to_the_end);
    join(workers, 4);
    int pages = 0;
    for (size_t i = 0; i < 4; i++) {
        CHECK_STATUS(workers[i].status, KNOCK_DONE);
        pages += workers[i].calls;
    }
    CHECK(pages == 12);
    knock_pager_close(pager);
    knock_client_close(client);
}

static void close_a_pager_that_waits(const char *request)
{
    Worker workers[2];
    KnockClient client = open_client();
    KnockPager pager;
    long before = requests_arrived();
    queue_fault("{\"path\": \"/v1/users/jane/messages\", \"send\": \"nothing\", \"then\": \"hang\"}");
    CHECK_STATUS(knock_pager_new(client, "users.list_messages", request, &pager, NULL), KNOCK_OK);
    // One waits for the server, the other for its turn.
    start(workers, 2, pager, page_to_the_end);
    wait_for_requests(before + 1);
    CHECK_STATUS(knock_pager_close(pager), KNOCK_OK);
    join(workers, 2);
    int closed = 0;
    for (size_t i = 0; i < 2; i++) {
        KnockStatus status = workers[i].status;
        CHECK(status == KNOCK_CLOSED || status == KNOCK_INVALID_HANDLE);
        CHECK(workers[i].calls == 0);
        closed += status == KNOCK_CLOSED;
    }
    CHECK(closed > 0 || strstr(request, "prefetch") != NULL);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
}

static void closing_a_pager_ends_its_call(void)
{
    close_a_pager_that_waits("{\"user_id\": \"jane\"}");
}

static void closing_a_pager_ends_the_wait_for_a_page_that_is_fetched_ahead(void)
{
    close_a_pager_that_waits("{\"user_id\": \"jane\", \"request_options\": {\"prefetch\": true}}");
}

typedef struct {
    KnockBulk bulk;
    char *summary;
} Run;

static void *finish(void *argument)
{
    Run *run = argument;
    knock_bulk_finish(run->bulk, &run->summary);
    return NULL;
}

static void cancelling_a_run_ends_the_question_how_far_it_is(void)
{
    KnockClient client = open_client();
    Run run = {0};
    pthread_t thread;
    CHECK_STATUS(knock_bulk_new(client, "users.bulk.delete", "{\"poll_interval_ms\": 1}", &run.bulk, NULL),
                 KNOCK_OK);
    CHECK_STATUS(knock_bulk_push(run.bulk, "\"a\"", NULL), KNOCK_OK);
    queue_fault("{\"path\": \"/v1/bulk_operations/*\", \"send\": \"nothing\", \"then\": \"hang\"}");
    long before = requests_arrived();
    CHECK(pthread_create(&thread, NULL, finish, &run) == 0);
    wait_for_requests(before + 2);
    CHECK_STATUS(knock_bulk_cancel(run.bulk), KNOCK_OK);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_CONTAINS(run.summary, "\"reason\":\"cancelled\"");
    CHECK_CONTAINS(run.summary, "\"accepted\":1");
    CHECK_CONTAINS(run.summary, "\"user_ids\":[\"a\"]");
    knock_string_free(run.summary);
    CHECK_STATUS(knock_bulk_close(run.bulk), KNOCK_OK);
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
}

int main(void)
{
    const Test tests[] = {
        TEST(closing_ends_the_calls_of_sixteen_threads),
        TEST(closing_does_not_wait_for_a_silent_server),
        TEST(one_of_many_closes_wins),
        TEST(a_pager_outlives_its_client),
        TEST(threads_that_share_a_pager_take_turns),
        TEST(closing_a_pager_ends_its_call),
        TEST(closing_a_pager_ends_the_wait_for_a_page_that_is_fetched_ahead),
        TEST(cancelling_a_run_ends_the_question_how_far_it_is),
    };
    return run_tests("threads", tests, sizeof tests / sizeof *tests);
}
