// What the server and the network may do: a status each, and an error object that says it all.

#include "harness.h"
#include "sandbox.h"

#include <stdlib.h>

#define JANE "{\"user_id\": \"jane\"}"
#define ON_JANE "{\"path\": \"/v1/users/jane\", "

static void a_refusal_tells_everything_that_the_server_said(void)
{
    KnockClient client = open_client();
    char *error;
    CHECK_STATUS(knock_users_get(client, "{\"user_id\": \"nobody\"}", &error), KNOCK_API);
    CHECK_CONTAINS(error, "\"kind\":\"api\"");
    CHECK_CONTAINS(error, "\"status\":404");
    CHECK_CONTAINS(error, "\"code\":\"resource_missing\"");
    CHECK_CONTAINS(error, "\"operation\":\"users.get\"");
    CHECK_CONTAINS(error, "\"request_id\":\"sandbox-");
    CHECK_CONTAINS(error, "\"retryable\":false");
    CHECK_CONTAINS(error, "\"attempts\":1");
    CHECK_CONTAINS(error, "\"body\":{");
    knock_string_free(error);
    knock_client_close(client);
}

static void fields_that_were_not_accepted_are_listed(void)
{
    KnockClient client = open_client();
    char *error;
    queue_fault(ON_JANE "\"status\": 422, \"body\": {\"code\": \"invalid_params\", \"errors\":"
                        " [{\"field\": \"email\", \"message\": \"is taken\", \"type\": \"unique\"}]}}");
    CHECK_STATUS(knock_users_get(client, JANE, &error), KNOCK_API);
    CHECK_CONTAINS(error, "\"errors\":[{\"field\":\"email\"");
    knock_string_free(error);
    knock_client_close(client);
}

static void too_many_requests_say_how_long_to_wait(void)
{
    KnockClient client = open_client();
    char *error;
    queue_fault(ON_JANE "\"status\": 429, \"headers\": {\"retry-after\": \"7\"}}");
    CHECK_STATUS(knock_users_get(client, JANE, &error), KNOCK_RATE_LIMITED);
    CHECK_CONTAINS(error, "\"retry_after_ms\":7000");
    CHECK_CONTAINS(error, "\"retryable\":true");
    knock_string_free(error);
    knock_client_close(client);
}

static void a_failed_attempt_is_repeated_where_that_is_allowed(void)
{
    KnockClient client = open_client_with("\"max_retries\": 2");
    char *response;
    queue_fault(ON_JANE "\"status\": 503, \"headers\": {\"retry-after\": \"0\"}, \"times\": 2}");
    CHECK_STATUS(knock_users_get(client,
                                 "{\"user_id\": \"jane\", \"request_options\": {\"metadata\": true}}",
                                 &response),
                 KNOCK_OK);
    CHECK_CONTAINS(response, "\"attempts\":3");
    knock_string_free(response);
    knock_client_close(client);
}

static void silence_ends_in_a_timeout(void)
{
    KnockClient client = open_client();
    char *error;
    queue_fault(ON_JANE "\"send\": \"nothing\", \"then\": \"hang\"}");
    CHECK_STATUS(knock_users_get(client,
                                 "{\"user_id\": \"jane\", \"request_options\": {\"timeout_ms\": 50}}",
                                 &error),
                 KNOCK_TIMEOUT);
    CHECK_CONTAINS(error, "\"kind\":\"timeout\"");
    CHECK_CONTAINS(error, "50 ms");
    knock_string_free(error);
    knock_client_close(client);
}

static void a_broken_connection_is_a_transport_error(void)
{
    KnockClient client = open_client();
    char *error;
    queue_fault(ON_JANE "\"send\": \"nothing\", \"then\": \"reset\"}");
    CHECK_STATUS(knock_users_get(client, JANE, &error), KNOCK_TRANSPORT);
    CHECK_CONTAINS(error, "\"kind\":\"transport\"");
    knock_string_free(error);
    knock_client_close(client);
}

static void half_an_answer_and_no_json_are_of_no_use(void)
{
    KnockClient client = open_client();
    char *error;
    queue_fault(ON_JANE "\"send\": {\"body_bytes\": 9}, \"then\": \"close\"}");
    CHECK_STATUS(knock_users_get(client, JANE, &error), KNOCK_RESPONSE);
    CHECK_CONTAINS(error, "cut short");
    knock_string_free(error);
    queue_fault(ON_JANE "\"status\": 200, \"body\": \"<html>\"}");
    CHECK_STATUS(knock_users_get(client, JANE, &error), KNOCK_RESPONSE);
    CHECK_CONTAINS(error, "not valid JSON");
    knock_string_free(error);
    queue_fault(ON_JANE "\"status\": 200, \"body\": \"[]\"}");
    CHECK_STATUS(knock_users_get(client, JANE, &error), KNOCK_RESPONSE);
    CHECK_CONTAINS(error, "a list instead of an object");
    knock_string_free(error);
    knock_client_close(client);
}

static void secrets_are_in_no_error(void)
{
    KnockClient client = open_client();
    char *error;
    queue_fault(ON_JANE "\"status\": 400, \"body\": {\"message\": \"bad key " KEY "\"}}");
    CHECK_STATUS(knock_users_get(client, JANE, &error), KNOCK_API);
    CHECK_CONTAINS(error, "bad key");
    CHECK(strstr(error, KEY) == NULL);
    knock_string_free(error);
    knock_client_close(client);
}

int main(void)
{
    const Test tests[] = {
        TEST(a_refusal_tells_everything_that_the_server_said),
        TEST(fields_that_were_not_accepted_are_listed),
        TEST(too_many_requests_say_how_long_to_wait),
        TEST(a_failed_attempt_is_repeated_where_that_is_allowed),
        TEST(silence_ends_in_a_timeout),
        TEST(a_broken_connection_is_a_transport_error),
        TEST(half_an_answer_and_no_json_are_of_no_use),
        TEST(secrets_are_in_no_error),
    };
    return run_tests("failures", tests, sizeof tests / sizeof *tests);
}
