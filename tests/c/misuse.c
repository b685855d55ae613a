// What a caller may get wrong. Each is a status and a message, never undefined behavior.

#include "harness.h"
#include "sandbox.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define JANE "{\"user_id\": \"jane\"}"

// What out-parameters hold before a call, to see that they were written.
static char *const UNTOUCHED = (char *)1;

// Checks that text is an error object of a kind whose message has a part in it, and frees it.
static void check_error(char *text, const char *kind, const char *part)
{
    char expected[64];
    snprintf(expected, sizeof expected, "\"kind\":\"%s\"", kind);
    CHECK(text != NULL && text != UNTOUCHED);
    CHECK_CONTAINS(text, "{\"error\":{");
    CHECK_CONTAINS(text, expected);
    CHECK_CONTAINS(text, part);
    knock_string_free(text);
}

// Reading it would wait for a writer, and hold up every other thread that makes a client or forks.
static void a_pipe_for_ca_file_is_refused_at_once(void)
{
    char folder[] = "/tmp/knock-XXXXXX", path[64], config[128];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/pipe", folder);
    CHECK(mkfifo(path, 0600) == 0);
    snprintf(config, sizeof config, "{\"api_key\": \"k\", \"ca_file\": \"%s\"}", path);
    KnockClient client = 7;
    char *text = UNTOUCHED;
    CHECK_STATUS(knock_client_new(config, &client, &text), KNOCK_CONFIG);
    CHECK(client == 0);
    check_error(text, "config", "not a regular file");
    CHECK(remove(path) == 0 && remove(folder) == 0);
}

static void null_is_refused_or_harmless_everywhere(void)
{
    KnockClient client = open_client();
    KnockPager pager = 7;
    char *text = UNTOUCHED;
    CHECK_STATUS(knock_call(client, NULL, JANE, &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "operation is NULL");
    CHECK_STATUS(knock_users_get(client, NULL, &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "user_id");
    CHECK_STATUS(knock_users_get(client, "", NULL), KNOCK_INVALID_ARGUMENT);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    CHECK_STATUS(knock_users_list(client, NULL, NULL), KNOCK_OK);
    CHECK_STATUS(knock_users_list(client, "", NULL), KNOCK_OK);

    CHECK_STATUS(knock_request(client, NULL, "/v1/users", NULL, &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "method is NULL");
    CHECK_STATUS(knock_request(client, "GET", NULL, NULL, &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "path is NULL");
    CHECK_STATUS(knock_request(client, "GET", "/v1/users?a", NULL, &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "the query goes apart");
    CHECK_STATUS(knock_request(0, "GET", "/v1/users", NULL, NULL), KNOCK_INVALID_HANDLE);

    CHECK_STATUS(knock_pager_new(client, NULL, NULL, &pager, &text), KNOCK_INVALID_ARGUMENT);
    CHECK(pager == 0);
    check_error(text, "invalid_argument", "operation is NULL");
    CHECK_STATUS(knock_pager_new(client, "users.list", NULL, NULL, &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "pager is NULL");
    CHECK_STATUS(knock_pager_new(client, "users.list", NULL, &pager, NULL), KNOCK_OK);
    CHECK_STATUS(knock_pager_next(pager, NULL), KNOCK_OK);
    CHECK_STATUS(knock_pager_close(pager), KNOCK_OK);

    CHECK_STATUS(knock_client_new("{\"api_key\": \"k\"}", NULL, &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "client is NULL");
    CHECK_STATUS(knock_client_new("{\"api_key\": \"k\"}", NULL, NULL), KNOCK_INVALID_ARGUMENT);
    knock_string_free(NULL);
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
}

static void no_configuration_means_the_environment(void)
{
    KnockClient client = 7;
    char *error = UNTOUCHED;
    unsetenv("KNOCK_API_KEY");
    CHECK_STATUS(knock_client_new(NULL, &client, &error), KNOCK_CONFIG);
    CHECK(client == 0);
    check_error(error, "config", "KNOCK_API_KEY");
    setenv("KNOCK_API_KEY", KEY, 1);
    CHECK_STATUS(knock_client_new("", &client, &error), KNOCK_OK);
    CHECK(error == NULL);
    CHECK_STATUS(knock_users_get(client, JANE, NULL), KNOCK_OK);
    knock_client_close(client);
    unsetenv("KNOCK_API_KEY");
}

static void text_that_is_not_utf8_is_refused(void)
{
    KnockClient client = open_client(), other = 7;
    KnockPager pager = 7;
    char *text = UNTOUCHED;
    CHECK_STATUS(knock_users_get(client, "{\"user_id\": \"\xff\"}", &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "request_json is not UTF-8: the byte at 13");
    CHECK_STATUS(knock_call(client, "users\xc3.get", JANE, &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "operation is not UTF-8");
    CHECK_STATUS(knock_pager_new(client, "users.list", "\x80", &pager, &text),
                 KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "request_json is not UTF-8");
    CHECK_STATUS(knock_client_new("{\"api_key\": \"\xe2\x82\"}", &other, &text),
                 KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "config_json is not UTF-8");
    CHECK(pager == 0 && other == 0);
    knock_client_close(client);
}

static void broken_json_is_refused_with_its_place(void)
{
    KnockClient client = open_client(), other;
    char *text = UNTOUCHED;
    const char *broken[] = {"{", "[]", "nonsense", "{\"user_id\": \"jane\"} {}", "{\"user_id\": 1}",
                            "{\"user_id\": \"a\", \"user_id\": \"b\"}", "\"jane\""};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        CHECK_STATUS(knock_users_get(client, broken[i], &text), KNOCK_INVALID_ARGUMENT);
        check_error(text, "invalid_argument", "\"operation\":\"users.get\"");
    }
    CHECK_STATUS(knock_users_get(client, "{\"user_id\":\n  x}", &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "line 2");
    CHECK_STATUS(knock_client_new("{\"api_key\": ", &other, &text), KNOCK_CONFIG);
    check_error(text, "config", "not a JSON object");
    knock_client_close(client);
}

static void a_mistyped_key_names_the_nearest_known_one(void)
{
    KnockClient client = open_client(), other;
    KnockPager pager;
    char *text = UNTOUCHED;
    CHECK_STATUS(knock_users_get(client, "{\"userid\": \"jane\"}", &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "did you mean \\\"user_id\\\"");
    CHECK_STATUS(knock_call(client, "users.gte", JANE, &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "did you mean \\\"users.get\\\"");
    CHECK_STATUS(knock_users_get(client, "{\"user_id\": \"jane\", \"request_options\": {\"timeout\": 1}}",
                                 &text),
                 KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "did you mean \\\"timeout_ms\\\"");
    CHECK_STATUS(knock_client_new("{\"api_kye\": \"k\"}", &other, &text), KNOCK_CONFIG);
    check_error(text, "config", "did you mean \\\"api_key\\\"");
    CHECK_STATUS(knock_pager_new(client, "users.get", JANE, &pager, &text), KNOCK_INVALID_ARGUMENT);
    check_error(text, "invalid_argument", "is not a paginated list");
    knock_client_close(client);
}

static void ids_that_would_change_the_path_are_refused(void)
{
    KnockClient client = open_client();
    const char *ids[] = {"{\"user_id\": \"\"}", "{\"user_id\": \".\"}", "{\"user_id\": \"..\"}"};
    long before = requests_arrived();
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        CHECK_STATUS(knock_users_get(client, ids[i], NULL), KNOCK_INVALID_ARGUMENT);
    CHECK(requests_arrived() == before);
    knock_client_close(client);
}

// Checks that a number is neither a client nor a pager for any function.
static void check_void(uint64_t handle)
{
    KnockPager pager = 7;
    char *text = UNTOUCHED;
    CHECK_STATUS(knock_users_get(handle, JANE, &text), KNOCK_INVALID_HANDLE);
    check_error(text, "invalid_handle", "is no open client");
    CHECK_STATUS(knock_call(handle, "users.get", JANE, &text), KNOCK_INVALID_HANDLE);
    check_error(text, "invalid_handle", "is no open client");
    CHECK_STATUS(knock_pager_new(handle, "users.list", NULL, &pager, &text), KNOCK_INVALID_HANDLE);
    CHECK(pager == 0);
    check_error(text, "invalid_handle", "is no open client");
    CHECK_STATUS(knock_pager_next(handle, &text), KNOCK_INVALID_HANDLE);
    check_error(text, "invalid_handle", "is no open pager");
    CHECK_STATUS(knock_users_get(handle, JANE, NULL), KNOCK_INVALID_HANDLE);
    CHECK_STATUS(knock_client_close(handle), KNOCK_INVALID_HANDLE);
    CHECK_STATUS(knock_pager_close(handle), KNOCK_INVALID_HANDLE);
}

static void closed_and_doubled_handles_are_void(void)
{
    KnockClient client = open_client();
    KnockPager pager;
    CHECK_STATUS(knock_pager_new(client, "users.list", NULL, &pager, NULL), KNOCK_OK);
    CHECK_STATUS(knock_pager_close(pager), KNOCK_OK);
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
    check_void(pager);
    check_void(client);
    // The slot is used again, and the old number stays void.
    KnockClient next = open_client();
    CHECK(next != client);
    check_void(client);
    CHECK_STATUS(knock_client_close(next), KNOCK_OK);
}

static void swapped_handles_are_void(void)
{
    KnockClient client = open_client();
    KnockPager pager;
    char *text = UNTOUCHED;
    CHECK_STATUS(knock_pager_new(client, "users.list", NULL, &pager, NULL), KNOCK_OK);
    CHECK_STATUS(knock_users_list(pager, NULL, &text), KNOCK_INVALID_HANDLE);
    check_error(text, "invalid_handle", "is no open client");
    CHECK_STATUS(knock_pager_next(client, &text), KNOCK_INVALID_HANDLE);
    check_error(text, "invalid_handle", "is no open pager");
    CHECK_STATUS(knock_client_close(pager), KNOCK_INVALID_HANDLE);
    CHECK_STATUS(knock_pager_close(client), KNOCK_INVALID_HANDLE);
    CHECK_STATUS(knock_pager_close(pager), KNOCK_OK);
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
}

static void made_up_handles_are_void(void)
{
    KnockClient client = open_client();
    const uint64_t made_up[] = {0, 1, 0xdeadbeef, client + 1, client ^ (UINT64_C(1) << 30),
                                client | (UINT64_C(1) << 63), UINT64_MAX};
    for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++)
        check_void(made_up[i]);
    CHECK_STATUS(knock_client_close(client), KNOCK_OK);
}

static void a_log_level_that_is_none_is_refused(void)
{
    CHECK_STATUS(knock_set_log_callback(5, NULL, NULL), KNOCK_INVALID_ARGUMENT);
    CHECK_STATUS(knock_set_log_callback(KNOCK_LOG_DEBUG, NULL, NULL), KNOCK_OK);
    CHECK_STATUS(knock_set_interrupt_callback(NULL, NULL), KNOCK_OK);
}

int main(void)
{
    const Test tests[] = {
        TEST(null_is_refused_or_harmless_everywhere),
        TEST(a_pipe_for_ca_file_is_refused_at_once),
        TEST(no_configuration_means_the_environment),
        TEST(text_that_is_not_utf8_is_refused),
        TEST(broken_json_is_refused_with_its_place),
        TEST(a_mistyped_key_names_the_nearest_known_one),
        TEST(ids_that_would_change_the_path_are_refused),
        TEST(closed_and_doubled_handles_are_void),
        TEST(swapped_handles_are_void),
        TEST(made_up_handles_are_void),
        TEST(a_log_level_that_is_none_is_refused),
    };
    return run_tests("misuse", tests, sizeof tests / sizeof *tests);
}
