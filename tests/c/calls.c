// Calls that work: every operation through its function, by name, with metadata, in pages.

#include "harness.h"
#include "operations.h"
#include "sandbox.h"

#include <stdlib.h>

typedef KnockStatus (*Function)(KnockClient, const char *, char **);

typedef struct {
    const char *name;
    Function function;
    const char *request;
} Operation;

#define ROW(name, function, request) {name, function, request},
static const Operation operations[] = {FOR_EACH_OPERATION(ROW)};
#undef ROW

static const size_t operation_count = sizeof operations / sizeof *operations;

// The id in the response of a bulk call, as a request.
static void request_of(const char *bulk_operation, char *request, size_t size)
{
    const char *id = strstr(bulk_operation, "\"id\":\"") + strlen("\"id\":\"");
    snprintf(request, size, "{\"id\": \"%.36s\"}", id);
}

static void every_operation_answers_through_its_function(void)
{
    KnockClient client = open_client();
    char request[64] = "";
    for (size_t i = 0; i < operation_count; i++) {
        const Operation *operation = &operations[i];
        int follows = strcmp(operation->name, "bulk_operations.get") == 0;
        char *response = NULL;
        KnockStatus status =
            operation->function(client, follows ? request : operation->request, &response);
        if (status != KNOCK_OK)
            fprintf(stderr, "%s: %s\n", operation->name, response);
        CHECK_STATUS(status, KNOCK_OK);
        CHECK(response != NULL);
        if (strcmp(operation->name, "users.bulk.identify") == 0)
            request_of(response, request, sizeof request);
        knock_string_free(response);
    }
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
}

static void the_manifest_has_every_operation_and_its_function(void)
{
    for (size_t i = 0; i < operation_count; i++) {
        char entry[128];
        snprintf(entry, sizeof entry, "\"name\":\"%s\"", operations[i].name);
        CHECK_CONTAINS(knock_operations(), entry);
    }
    CHECK_CONTAINS(knock_operations(), "\"function\":\"knock_users_get\"");
    CHECK(knock_operations() == knock_operations());
}

static void a_call_goes_by_name_or_operation_id(void)
{
    KnockClient client = open_client();
    char *by_name, *by_id;
    const char *request = "{\"user_id\": \"jane\"}";
    CHECK_STATUS(knock_call(client, "users.get", request, &by_name), KNOCK_OK);
    CHECK_STATUS(knock_call(client, "getUser", request, &by_id), KNOCK_OK);
    CHECK(strcmp(by_name, by_id) == 0);
    CHECK_CONTAINS(by_name, "\"id\":\"jane\"");
    knock_string_free(by_name);
    knock_string_free(by_id);
    knock_client_close(client);
}

static void an_endpoint_is_called_by_its_path(void)
{
    KnockClient client = open_client();
    char *response;
    CHECK_STATUS(knock_request(client, "PUT", "/v1/users/path-1",
                               "{\"query\": {\"x\": [1]}, \"body\": {\"plan\": \"pro\"},"
                               " \"request_options\": {\"metadata\": true}}",
                               &response),
                 KNOCK_OK);
    CHECK_CONTAINS(response, "{\"data\":{");
    CHECK_CONTAINS(response, "\"plan\":\"pro\"");
    CHECK_CONTAINS(response, "\"status\":200");
    knock_string_free(response);
    CHECK_STATUS(knock_request(client, "DELETE", "/v1/users/path-1", NULL, &response), KNOCK_OK);
    CHECK(strcmp(response, "null") == 0);
    knock_string_free(response);
    CHECK_STATUS(knock_request(client, "GET", "/v1/users/path-1", "", &response), KNOCK_API);
    CHECK_CONTAINS(response, "\"operation\":\"request\"");
    CHECK_CONTAINS(response, "resource_missing");
    knock_string_free(response);
    knock_client_close(client);
}

static void an_answer_without_a_body_is_null(void)
{
    KnockClient client = open_client();
    char *response;
    CHECK_STATUS(knock_users_update(client, "{\"user_id\": \"gone\", \"body\": {}}", NULL), KNOCK_OK);
    CHECK_STATUS(knock_users_delete(client, "{\"user_id\": \"gone\"}", &response), KNOCK_OK);
    CHECK(strcmp(response, "null") == 0);
    knock_string_free(response);
    knock_client_close(client);
}

static void metadata_comes_beside_the_answer(void)
{
    KnockClient client = open_client();
    char *response;
    CHECK_STATUS(knock_users_get(client,
                                 "{\"user_id\": \"jane\", \"request_options\": {\"metadata\": true}}",
                                 &response),
                 KNOCK_OK);
    CHECK_CONTAINS(response, "{\"data\":{");
    CHECK_CONTAINS(response, "\"meta\":{");
    CHECK_CONTAINS(response, "\"attempts\":1");
    CHECK_CONTAINS(response, "\"x-request-id\":");
    knock_string_free(response);
    knock_client_close(client);
}

static void any_text_goes_there_and_back(void)
{
    KnockClient client = open_client();
    const char *request =
        "{\"user_id\": \"zo\xc3\xab 100%\", \"body\": {\"motto\": \"\xf0\x9f\x90\xb4 \\u0000 \\\"\"}}";
    char *response;
    CHECK_STATUS(knock_users_update(client, request, &response), KNOCK_OK);
    CHECK_CONTAINS(response, "\xf0\x9f\x90\xb4 \\u0000 \\\"");
    CHECK_CONTAINS(response, "zo\xc3\xab 100%");
    knock_string_free(response);
    knock_client_close(client);
}

static void a_pager_walks_every_page_and_then_is_done(void)
{
    KnockClient client = open_client();
    KnockPager pager;
    char *page;
    int pages = 0;
    KnockStatus status;
    CHECK_STATUS(knock_pager_new(client, "users.feeds.list_items",
                                 "{\"user_id\": \"jane\", \"page_size\": 25, \"archived\": \"include\","
                                 " \"id\": \"f1000000-0000-4000-8000-000000000001\"}",
                                 &pager, NULL),
                 KNOCK_OK);
    while ((status = knock_pager_next(pager, &page)) == KNOCK_OK) {
        CHECK_CONTAINS(page, "\"entries\":");
        knock_string_free(page);
        pages++;
    }
    CHECK_STATUS(status, KNOCK_DONE);
    CHECK(page == NULL);
    CHECK(pages == 3);
    CHECK_STATUS(knock_pager_next(pager, NULL), KNOCK_DONE);
    CHECK_STATUS(knock_pager_close(pager), KNOCK_OK);
    knock_client_close(client);
}

static void a_pager_that_failed_asks_for_the_same_page_again(void)
{
    KnockClient client = open_client();
    KnockPager pager;
    char *page;
    CHECK_STATUS(knock_pager_new(client, "users.list_messages",
                                 "{\"user_id\": \"jane\", \"page_size\": 8}", &pager, NULL),
                 KNOCK_OK);
    CHECK_STATUS(knock_pager_next(pager, NULL), KNOCK_OK);
    queue_fault("{\"path\": \"/v1/users/jane/messages\", \"status\": 500}");
    CHECK_STATUS(knock_pager_next(pager, &page), KNOCK_API);
    knock_string_free(page);
    CHECK_STATUS(knock_pager_next(pager, &page), KNOCK_OK);
    CHECK_CONTAINS(page, "DemoMessage0000000000000011");
    knock_string_free(page);
    CHECK_STATUS(knock_pager_next(pager, NULL), KNOCK_DONE);
    knock_pager_close(pager);
    knock_client_close(client);
}

static void the_library_is_the_one_of_the_header(void)
{
    CHECK(knock_abi_version() == KNOCK_ABI_VERSION);
    CHECK(knock_version()[0] != '\0');
    CHECK(strcmp(knock_status_name(KNOCK_RATE_LIMITED), "KNOCK_RATE_LIMITED") == 0);
    CHECK(strcmp(knock_status_name(-1), "unknown") == 0);
}

int main(void)
{
    const Test tests[] = {
        TEST(a_pager_walks_every_page_and_then_is_done),
        TEST(a_pager_that_failed_asks_for_the_same_page_again),
        TEST(every_operation_answers_through_its_function),
        TEST(the_manifest_has_every_operation_and_its_function),
        TEST(a_call_goes_by_name_or_operation_id),
        TEST(an_endpoint_is_called_by_its_path),
        TEST(an_answer_without_a_body_is_null),
        TEST(metadata_comes_beside_the_answer),
        TEST(any_text_goes_there_and_back),
        TEST(the_library_is_the_one_of_the_header),
    };
    return run_tests("calls", tests, sizeof tests / sizeof *tests);
}
