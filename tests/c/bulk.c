// Bulk runs.

#include "harness.h"
#include "sandbox.h"

#include <stdint.h>
#include <stdlib.h>

#define QUICK "{\"poll_interval_ms\": 1, \"max_records\": 2}"

static KnockBulk start(KnockClient client, const char *operation, const char *options)
{
    KnockBulk bulk = 0;
    CHECK_STATUS(knock_bulk_new(client, operation, options, &bulk, NULL), KNOCK_OK);
    CHECK(bulk != 0);
    return bulk;
}

static void users_are_pushed_and_followed_to_their_end(void)
{
    KnockClient client = open_client();
    KnockBulk bulk = start(client, "users.bulk.identify", QUICK);
    char *summary = NULL;
    CHECK_STATUS(knock_bulk_push(bulk, "{\"id\": \"push-1\"}", NULL), KNOCK_OK);
    CHECK_STATUS(knock_bulk_push(bulk, "[{\"id\": \"push-2\"}, {\"id\": \"push-3\"}]", NULL), KNOCK_OK);
    CHECK_STATUS(knock_bulk_push(bulk, "{\"id\": \"push-4\"}\n{\"id\": \"push-5\"}\n", NULL), KNOCK_OK);
    CHECK_STATUS(knock_bulk_finish(bulk, &summary), KNOCK_OK);
    CHECK_CONTAINS(summary, "\"interrupted\":null");
    CHECK_CONTAINS(summary, "\"succeeded\":5");
    knock_string_free(summary);
    CHECK_STATUS(knock_bulk_push(bulk, "{\"id\": \"push-6\"}", NULL), KNOCK_DONE);
    CHECK_STATUS(knock_bulk_close(bulk), KNOCK_OK);
    CHECK_STATUS(knock_users_get(client, "{\"user_id\": \"push-5\"}", NULL), KNOCK_OK);
    knock_client_close(client);
}

static void users_that_fail_are_named(void)
{
    KnockClient client = open_client();
    KnockBulk bulk = start(client, "users.bulk.identify", QUICK);
    char *summary = NULL;
    queue_fault("{\"path\": \"/v1/users/bulk/identify\", \"bulk\": {\"failed_ids\": [\"fail-2\"]}}");
    CHECK_STATUS(knock_bulk_push(bulk, "[{\"id\": \"fail-1\"}, {\"id\": \"fail-2\"}]", NULL), KNOCK_OK);
    CHECK_STATUS(knock_bulk_finish(bulk, &summary), KNOCK_OK);
    CHECK_CONTAINS(summary, "\"failed\":1");
    CHECK_CONTAINS(summary, "\"failures\":[{\"id\":\"fail-2\"");
    knock_string_free(summary);
    CHECK_STATUS(knock_bulk_close(bulk), KNOCK_OK);
    knock_client_close(client);
}

static void a_line_that_cannot_be_read_is_a_bad_record(void)
{
    KnockClient client = open_client();
    KnockBulk bulk = start(client, "users.bulk.identify", QUICK);
    char *summary = NULL;
    CHECK_STATUS(knock_bulk_push(bulk, "{\"id\": \"line-0\"}", NULL), KNOCK_OK);
    CHECK_STATUS(knock_bulk_push(bulk, "[broken\n", NULL), KNOCK_OK);
    CHECK_STATUS(knock_bulk_push(bulk, "{\"id\": \"line-2\"}\n{\"id\": \"Jos\xe9\"}\n{\"id\": \"line-4\"}", NULL),
                 KNOCK_OK);
    CHECK_STATUS(knock_bulk_finish(bulk, &summary), KNOCK_OK);
    CHECK_CONTAINS(summary, "\"succeeded\":3");
    CHECK_CONTAINS(summary, "{\"position\":1,\"id\":null,\"reason\":\"it is not an object");
    CHECK_CONTAINS(summary, "{\"position\":3,\"id\":null,\"reason\":\"it is not UTF-8\"}");
    knock_string_free(summary);
    CHECK_STATUS(knock_bulk_close(bulk), KNOCK_OK);
    knock_client_close(client);
}

typedef struct {
    KnockBulk bulk;
    int calls;
    KnockStatus nested;
} Watch;

static void cancel_at_once(const char *progress, void *user_data)
{
    Watch *watch = user_data;
    watch->calls += strstr(progress, "\"sent\":") != NULL;
    watch->nested = knock_bulk_push(watch->bulk, "\"nested\"", NULL);
    knock_bulk_cancel(watch->bulk);
}

static void a_run_is_cancelled_from_its_progress_and_resumed(void)
{
    KnockClient client = open_client();
    Watch watch = {start(client, "users.bulk.delete", QUICK), 0, KNOCK_OK};
    char *summary = NULL, options[4096];
    CHECK_STATUS(knock_bulk_on_progress(watch.bulk, cancel_at_once, &watch), KNOCK_OK);
    CHECK_STATUS(knock_bulk_push(watch.bulk, "[\"a\", \"b\", \"c\"]", NULL), KNOCK_DONE);
    CHECK(watch.calls > 0);
    CHECK_STATUS(watch.nested, KNOCK_INVALID_ARGUMENT);
    CHECK_STATUS(knock_bulk_finish(watch.bulk, &summary), KNOCK_OK);
    CHECK_CONTAINS(summary, "\"reason\":\"cancelled\"");
    snprintf(options, sizeof options, "{\"poll_interval_ms\": 1, \"resume\": %s}", summary);
    knock_string_free(summary);
    CHECK_STATUS(knock_bulk_close(watch.bulk), KNOCK_OK);

    KnockBulk bulk = start(client, "users.bulk.delete", options);
    CHECK_STATUS(knock_bulk_push(bulk, "[\"a\", \"b\", \"c\"]", NULL), KNOCK_OK);
    CHECK_STATUS(knock_bulk_finish(bulk, &summary), KNOCK_OK);
    CHECK_CONTAINS(summary, "\"accepted\":3");
    CHECK_CONTAINS(summary, "\"interrupted\":null");
    knock_string_free(summary);
    CHECK_STATUS(knock_bulk_close(bulk), KNOCK_OK);
    knock_client_close(client);
}

static void keep_state(const char *state, void *user_data)
{
    snprintf(user_data, 2048, "%s", state);
}

static void a_run_is_resumed_from_the_state_that_was_handed_over(void)
{
    KnockClient client = open_client();
    KnockBulk bulk = start(client, "users.bulk.delete", QUICK);
    char state[2048] = "", options[4096], *summary = NULL;
    CHECK_STATUS(knock_bulk_on_acknowledged(bulk, keep_state, state), KNOCK_OK);
    CHECK_STATUS(knock_bulk_push(bulk, "\"a\"", NULL), KNOCK_OK);
    CHECK(*state == '\0');
    CHECK_STATUS(knock_bulk_push(bulk, "\"b\"", NULL), KNOCK_OK);
    CHECK_CONTAINS(state, "\"accepted\":2");
    /* As if the process had ended here. */
    CHECK_STATUS(knock_bulk_close(bulk), KNOCK_OK);

    snprintf(options, sizeof options, "{\"poll_interval_ms\": 1, \"resume\": %s}", state);
    bulk = start(client, "users.bulk.delete", options);
    CHECK_STATUS(knock_bulk_push(bulk, "[\"a\", \"b\"]", NULL), KNOCK_OK);
    CHECK_STATUS(knock_bulk_finish(bulk, &summary), KNOCK_OK);
    CHECK_CONTAINS(summary, "\"succeeded\":2");
    CHECK_CONTAINS(summary, "\"interrupted\":null");
    knock_string_free(summary);
    CHECK_STATUS(knock_bulk_close(bulk), KNOCK_OK);
    knock_client_close(client);
}

static void what_is_wrong_is_said(void)
{
    KnockClient client = open_client();
    KnockBulk bulk = 7;
    char *error = NULL;
    CHECK_STATUS(knock_bulk_new(client, "users.get", NULL, &bulk, &error), KNOCK_INVALID_ARGUMENT);
    CHECK(bulk == 0);
    CHECK_CONTAINS(error, "users.bulk.identify");
    knock_string_free(error);
    CHECK_STATUS(knock_bulk_new(client, "users.bulk.delete", NULL, NULL, NULL), KNOCK_INVALID_ARGUMENT);
    CHECK_STATUS(knock_bulk_new(client, "users.bulk.delete", "[", &bulk, NULL), KNOCK_INVALID_ARGUMENT);
    CHECK_STATUS(knock_bulk_new(0, "users.bulk.delete", NULL, &bulk, NULL), KNOCK_INVALID_HANDLE);
    bulk = start(client, "users.bulk.delete", NULL);
    CHECK_STATUS(knock_bulk_push(bulk, "[\"a\",\n\"b\"", &error), KNOCK_INVALID_ARGUMENT);
    CHECK_CONTAINS(error, "not valid JSON");
    knock_string_free(error);
    CHECK_STATUS(knock_bulk_push(bulk, NULL, NULL), KNOCK_OK);
    CHECK_STATUS(knock_bulk_close(bulk), KNOCK_OK);
    const uint64_t void_ones[] = {0, bulk, client};
    for (size_t i = 0; i < sizeof void_ones / sizeof *void_ones; i++) {
        KnockBulk handle = void_ones[i];
        CHECK_STATUS(knock_bulk_push(handle, "\"a\"", NULL), KNOCK_INVALID_HANDLE);
        CHECK_STATUS(knock_bulk_on_progress(handle, NULL, NULL), KNOCK_INVALID_HANDLE);
        CHECK_STATUS(knock_bulk_on_acknowledged(handle, NULL, NULL), KNOCK_INVALID_HANDLE);
        CHECK_STATUS(knock_bulk_finish(handle, NULL), KNOCK_INVALID_HANDLE);
        CHECK_STATUS(knock_bulk_cancel(handle), KNOCK_INVALID_HANDLE);
        CHECK_STATUS(knock_bulk_close(handle), KNOCK_INVALID_HANDLE);
    }
    knock_client_close(client);
}

static void a_run_keeps_its_client_alive(void)
{
    KnockClient client = open_client();
    KnockBulk bulk = start(client, "users.bulk.delete", QUICK);
    char *summary = NULL;
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
    CHECK_STATUS(knock_bulk_push(bulk, "[\"a\", \"b\"]", NULL), KNOCK_OK);
    CHECK_STATUS(knock_bulk_finish(bulk, &summary), KNOCK_OK);
    CHECK_CONTAINS(summary, "\"succeeded\":2");
    knock_string_free(summary);
    CHECK_STATUS(knock_bulk_close(bulk), KNOCK_OK);
}

int main(void)
{
    const Test tests[] = {
        TEST(users_are_pushed_and_followed_to_their_end),
        TEST(users_that_fail_are_named),
        TEST(a_line_that_cannot_be_read_is_a_bad_record),
        TEST(a_run_is_cancelled_from_its_progress_and_resumed),
        TEST(a_run_is_resumed_from_the_state_that_was_handed_over),
        TEST(what_is_wrong_is_said),
        TEST(a_run_keeps_its_client_alive),
    };
    return run_tests("bulk", tests, sizeof tests / sizeof *tests);
}
