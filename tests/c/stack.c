// Calls on threads with little stack: docs/c-abi.md says how much they need.

#include "harness.h"
#include "sandbox.h"

#include <pthread.h>
#include <stdlib.h>

// For a debug build of the library; a release build takes half of it.
#define STACK ((size_t)256 * 1024)

// What became of the work of a thread; the handles belong to the test.
typedef struct {
    KnockClient client;
    KnockStatus status;
} Work;

static void *nested(void *argument)
{
    Work *work = argument;
    char request[512] = "{\"user_id\": \"deep\", \"body\": {\"levels\": ";
    for (int i = 0; i < 110; i++)
        strcat(request, "[");
    for (int i = 0; i < 110; i++)
        strcat(request, "]");
    strcat(request, "}}");
    work->status = knock_users_update(work->client, request, NULL);
    if (work->status == KNOCK_OK)
        work->status = knock_users_get(work->client, "{\"user_id\": \"deep\"}", NULL);
    return NULL;
}

static void *pages(void *argument)
{
    Work *work = argument;
    KnockPager pager;
    work->status = knock_pager_new(work->client, "users.list", "{\"page_size\": 2}", &pager, NULL);
    while (work->status == KNOCK_OK)
        work->status = knock_pager_next(pager, NULL);
    knock_pager_close(pager);
    return NULL;
}

static void *bulk(void *argument)
{
    Work *work = argument;
    KnockBulk run;
    work->status = knock_bulk_new(work->client, "users.bulk.identify", "{\"poll_interval_ms\": 1}", &run, NULL);
    if (work->status != KNOCK_OK)
        return NULL;
    work->status = knock_bulk_push(run, "[{\"id\": \"ann\"}, {\"id\": \"bob\"}]", NULL);
    if (work->status == KNOCK_OK)
        work->status = knock_bulk_finish(run, NULL);
    knock_bulk_close(run);
    return NULL;
}

static KnockStatus on_a_small_stack(void *(*run)(void *), KnockClient client)
{
    Work work = {client, -1};
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, STACK) == 0);
    CHECK(pthread_create(&thread, &attributes, run, &work) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
    return work.status;
}

static void calls_need_little_stack(void)
{
    KnockClient client = open_client();
    CHECK_STATUS(on_a_small_stack(nested, client), KNOCK_OK);
    CHECK_STATUS(on_a_small_stack(pages, client), KNOCK_DONE);
    CHECK_STATUS(on_a_small_stack(bulk, client), KNOCK_OK);
    knock_client_close(client);
}

int main(void)
{
    const Test tests[] = {
        TEST(calls_need_little_stack),
    };
    return run_tests("stack", tests, sizeof tests / sizeof *tests);
}
