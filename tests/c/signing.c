// User tokens and webhooks: no server takes part.

#include "harness.h"
#include "knock.h"

#include <stdlib.h>

#define BODY "{\"type\":\"message.sent\",\"data\":{\"id\":\"2w3YUpTTOxuDvZFji8OMsKrG176\"}}"
#define SIGNATURE "t=1735689600000,s=VUqWspXneLNZovPWcP8ElFRnOqD9u1zOEBWbq6qAm8Y="
#define SECRET "{\"secret\": \"some-secret\", \"now_ms\": 1735689600000"

// Options with the signing key of the tests, as JSON text.
static void with_key(char *options, size_t size, const char *more)
{
    char pem[4096];
    FILE *file = fopen("sandbox/tests/fixtures/user_token_private.pem", "r");
    CHECK(file != NULL);
    size_t length = fread(pem, 1, sizeof pem - 1, file);
    fclose(file);
    pem[length] = 0;
    size_t at = (size_t)snprintf(options, size, "{%s, \"signing_key\": \"", more);
    for (const char *letter = pem; *letter != 0; letter++)
        at += (size_t)snprintf(options + at, size - at, *letter == '\n' ? "\\n" : "%c", *letter);
    snprintf(options + at, size - at, "\"}");
}

static void a_token_is_signed_as_by_knocks_own_package(void)
{
    char options[8192];
    char *token;
    with_key(options, sizeof options, "\"user_id\": \"jhammond\", \"issued_at\": 1735689600");
    CHECK_STATUS(knock_user_token_sign(options, &token), KNOCK_OK);
    CHECK_CONTAINS(token, "\"expires_at\":1735693200");
    CHECK_CONTAINS(token, "\"token\":\"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."
                          "eyJzdWIiOiJqaGFtbW9uZCIsImlhdCI6MTczNTY4OTYwMCwiZXhwIjoxNzM1NjkzMjAwfQ.");
    knock_string_free(token);
    with_key(options, sizeof options, "\"user_id\": \"jane\", \"jti\": true, \"explicit_grants\": true, "
                                      "\"grants\": {\"https://api.knock.app/v1/users/jane\": [\"user/feed_read\"]}");
    CHECK_STATUS(knock_user_token_sign(options, NULL), KNOCK_OK);
}

static void a_token_that_cannot_be_signed_is_told_without_the_key(void)
{
    char options[8192];
    char *error;
    CHECK_STATUS(knock_user_token_sign("{\"signing_key\": \"sk_secret\", \"user_id\": \"jane\"}", &error), KNOCK_CONFIG);
    CHECK_CONTAINS(error, "neither PEM");
    CHECK(strstr(error, "sk_secret") == NULL);
    knock_string_free(error);
    CHECK_STATUS(knock_user_token_sign("\"sk_secret\"", &error), KNOCK_INVALID_ARGUMENT);
    CHECK(strstr(error, "sk_secret") == NULL);
    knock_string_free(error);
    with_key(options, sizeof options, "\"user_di\": \"jane\"");
    CHECK_STATUS(knock_user_token_sign(options, &error), KNOCK_INVALID_ARGUMENT);
    CHECK_CONTAINS(error, "did you mean \\\"user_id\\\"?");
    knock_string_free(error);
    with_key(options, sizeof options, "\"user_id\": \"jane\", \"expires_in\": \"1h\"");
    CHECK_STATUS(knock_user_token_sign(options, &error), KNOCK_INVALID_ARGUMENT);
    CHECK_CONTAINS(error, "expires_in must be a whole number of seconds, not text");
    knock_string_free(error);
    with_key(options, sizeof options, "\"expires_in\": 60");
    CHECK_STATUS(knock_user_token_sign(options, &error), KNOCK_INVALID_ARGUMENT);
    CHECK_CONTAINS(error, "user_id is required");
    knock_string_free(error);
}

static void a_webhook_of_the_service_gives_its_event(void)
{
    char *event, *signature;
    CHECK_STATUS(knock_webhook_verify(SECRET "}", SIGNATURE, BODY, strlen(BODY), &event), KNOCK_OK);
    CHECK(strcmp(event, BODY) == 0);
    knock_string_free(event);
    CHECK_STATUS(knock_webhook_sign(SECRET "}", BODY, strlen(BODY), &signature), KNOCK_OK);
    CHECK(strcmp(signature, SIGNATURE) == 0);
    knock_string_free(signature);
    const char *large = "{\"type\": \"message.sent\", \"data\": {\"balance\": 123456789012345678901234567890}}";
    CHECK_STATUS(knock_webhook_sign(SECRET "}", large, strlen(large), &signature), KNOCK_OK);
    CHECK_STATUS(knock_webhook_verify(SECRET "}", signature, large, strlen(large), &event), KNOCK_OK);
    CHECK(strcmp(event, large) == 0);
    knock_string_free(event);
    knock_string_free(signature);
    const char *rotating = "{\"secret\": [\"new-secret\", \"some-secret\"], \"now_ms\": 1735689600000}";
    CHECK_STATUS(knock_webhook_verify(rotating, SIGNATURE, BODY, strlen(BODY), NULL), KNOCK_OK);
    CHECK_STATUS(knock_webhook_verify("{\"secret\": \"some-secret\", \"tolerance_ms\": 0}", SIGNATURE, BODY, strlen(BODY), NULL), KNOCK_OK);
}

static void each_reason_has_its_code(void)
{
    static const struct {
        const char *options, *signature, *code;
    } cases[] = {
        {SECRET "}", NULL, "signature_missing"},
        {SECRET "}", "sha256=abc", "signature_malformed"},
        {SECRET "}", "t=1735689600000,s=\xff", "signature_malformed"},
        {SECRET "}", "t=1735689600001,s=VUqWspXneLNZovPWcP8ElFRnOqD9u1zOEBWbq6qAm8Y=", "signature_mismatch"},
        {"{\"secret\": \"some-secret\", \"now_ms\": 1735689900001}", SIGNATURE, "timestamp_too_old"},
        {"{\"secret\": \"some-secret\", \"now_ms\": 1735689299999}", SIGNATURE, "timestamp_too_early"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *error;
        CHECK_STATUS(knock_webhook_verify(cases[i].options, cases[i].signature, BODY, strlen(BODY), &error),
                     KNOCK_INVALID_SIGNATURE);
        CHECK_CONTAINS(error, "\"kind\":\"invalid_signature\"");
        CHECK_CONTAINS(error, cases[i].code);
        CHECK(strstr(error, "some-secret") == NULL);
        knock_string_free(error);
    }
}

static void bodies_are_bytes_with_a_length(void)
{
    char *signature, *error;
    const char body[] = "a\0b\xff";
    CHECK_STATUS(knock_webhook_sign(SECRET "}", body, sizeof body, &signature), KNOCK_OK);
    CHECK_STATUS(knock_webhook_verify(SECRET "}", signature, body, sizeof body, NULL), KNOCK_OK);
    CHECK_STATUS(knock_webhook_verify(SECRET "}", signature, body, sizeof body, &error), KNOCK_RESPONSE);
    CHECK_CONTAINS(error, "is not JSON");
    knock_string_free(error);
    CHECK_STATUS(knock_webhook_verify(SECRET "}", signature, body, sizeof body - 1, NULL), KNOCK_INVALID_SIGNATURE);
    knock_string_free(signature);
    CHECK_STATUS(knock_webhook_sign(SECRET "}", NULL, 0, &signature), KNOCK_OK);
    CHECK_STATUS(knock_webhook_verify(SECRET "}", signature, NULL, 0, NULL), KNOCK_OK);
    CHECK_STATUS(knock_webhook_verify(SECRET "}", signature, NULL, 1, NULL), KNOCK_INVALID_ARGUMENT);
    knock_string_free(signature);
}

static void options_that_cannot_verify_are_refused(void)
{
    char *error;
    CHECK_STATUS(knock_webhook_verify(NULL, SIGNATURE, BODY, strlen(BODY), &error), KNOCK_INVALID_ARGUMENT);
    CHECK_CONTAINS(error, "secret is required");
    knock_string_free(error);
    CHECK_STATUS(knock_webhook_verify("{\"secret\": \"\"}", SIGNATURE, BODY, strlen(BODY), NULL), KNOCK_CONFIG);
    CHECK_STATUS(knock_webhook_verify("{\"secret\": []}", SIGNATURE, BODY, strlen(BODY), NULL), KNOCK_CONFIG);
    CHECK_STATUS(knock_webhook_verify("{\"secret\": 7}", SIGNATURE, BODY, strlen(BODY), NULL), KNOCK_INVALID_ARGUMENT);
    CHECK_STATUS(knock_webhook_verify(SECRET ", \"tolerance\": 1}", SIGNATURE, BODY, strlen(BODY), &error),
                 KNOCK_INVALID_ARGUMENT);
    CHECK_CONTAINS(error, "tolerance_ms");
    knock_string_free(error);
}

int main(void)
{
    static const Test tests[] = {
        TEST(a_token_is_signed_as_by_knocks_own_package),
        TEST(a_token_that_cannot_be_signed_is_told_without_the_key),
        TEST(a_webhook_of_the_service_gives_its_event),
        TEST(each_reason_has_its_code),
        TEST(bodies_are_bytes_with_a_length),
        TEST(options_that_cannot_verify_are_refused),
    };
    return run_tests("signing", tests, sizeof tests / sizeof *tests);
}
