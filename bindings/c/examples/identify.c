// Identifies a user and reads it back.
//
//     identify USER_ID EMAIL [PLAN]
//
// Settings come from the environment: KNOCK_API_KEY, and KNOCK_BASE_URL for another server.

#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>
#include <knock.h>

static int fail(const char *what, KnockStatus status, char *error)
{
    fprintf(stderr, "%s: %s: %s\n", what, knock_status_name(status), error);
    knock_string_free(error);
    return EXIT_FAILURE;
}

// {"user_id": …, "body": {"email": …, "plan": …}}; a plan that is not given is cleared by null.
static char *identify_request(const char *user_id, const char *email, const char *plan)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "user_id", user_id);
    cJSON *body = cJSON_AddObjectToObject(request, "body");
    cJSON_AddStringToObject(body, "email", email);
    if (plan != NULL)
        cJSON_AddStringToObject(body, "plan", plan);
    else
        cJSON_AddNullToObject(body, "plan");
    char *text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    return text;
}

static char *get_request(const char *user_id)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "user_id", user_id);
    char *text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    return text;
}

static int identify_and_read(KnockClient client, char **arguments, int count)
{
    char *text;
    char *request = identify_request(arguments[0], arguments[1], count > 2 ? arguments[2] : NULL);
    KnockStatus status = knock_users_update(client, request, &text);
    cJSON_free(request);
    if (status != KNOCK_OK)
        return fail("identify", status, text);
    knock_string_free(text);

    request = get_request(arguments[0]);
    status = knock_users_get(client, request, &text);
    cJSON_free(request);
    if (status != KNOCK_OK)
        return fail("read", status, text);
    cJSON *user = cJSON_Parse(text);
    const cJSON *plan = cJSON_GetObjectItemCaseSensitive(user, "plan");
    printf("%s has the email %s and %s%s\n",
           cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(user, "id")),
           cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(user, "email")),
           cJSON_IsString(plan) ? "the plan " : "no plan",
           cJSON_IsString(plan) ? plan->valuestring : "");
    cJSON_Delete(user);
    knock_string_free(text);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s USER_ID EMAIL [PLAN]\n", argv[0]);
        return EXIT_FAILURE;
    }
    KnockClient client;
    char *error;
    KnockStatus status = knock_client_new(NULL, &client, &error);
    if (status != KNOCK_OK)
        return fail("settings", status, error);
    int result = identify_and_read(client, argv + 1, argc - 1);
    knock_client_close(client);
    return result;
}
