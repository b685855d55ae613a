// Identifies the users of a file, however many there are, and says which failed.
//
//     bulk FILE
//
// Each line of FILE is a user as a JSON object with an "id". Settings come from the environment:
// KNOCK_API_KEY, and KNOCK_BASE_URL for another server.

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

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text == NULL ? "" : text;
}

static int number_of(const cJSON *object, const char *key)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(number) ? number->valueint : 0;
}

static void print_progress(const char *progress_json, void *file)
{
    cJSON *progress = cJSON_Parse(progress_json);
    fprintf(file, "%d of %d\r", number_of(progress, "processed"), number_of(progress, "read"));
    cJSON_Delete(progress);
}

static int report(const char *summary_json)
{
    cJSON *summary = cJSON_Parse(summary_json);
    const cJSON *interrupted = cJSON_GetObjectItemCaseSensitive(summary, "interrupted");
    const cJSON *failure, *bad, *chunk;
    cJSON_ArrayForEach(failure, cJSON_GetObjectItemCaseSensitive(summary, "failures"))
    {
        printf("%s failed\n", text_of(failure, "id"));
    }
    cJSON_ArrayForEach(bad, cJSON_GetObjectItemCaseSensitive(summary, "bad_records"))
    {
        char *text = cJSON_PrintUnformatted(bad);
        printf("left out: %s\n", text);
        cJSON_free(text);
    }
    cJSON_ArrayForEach(chunk, cJSON_GetObjectItemCaseSensitive(summary, "unacknowledged"))
    {
        printf("records %d to %d were not acknowledged: %s\n", number_of(chunk, "first"),
               number_of(chunk, "end") - 1, text_of(chunk, "reason"));
    }
    if (cJSON_IsObject(interrupted))
        printf("interrupted: %s\n", text_of(interrupted, "message"));
    int read = number_of(summary, "read"), succeeded = number_of(summary, "succeeded");
    int is_success = read == succeeded && !cJSON_IsObject(interrupted);
    printf("%d users read, %d identified, %d failed\n", read, succeeded,
           number_of(summary, "failed"));
    cJSON_Delete(summary);
    return is_success ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int identify_all(KnockBulk bulk, FILE *file)
{
    static char lines[1 << 20];
    char *text;
    KnockStatus status = KNOCK_OK;
    int result = EXIT_SUCCESS;
    knock_bulk_on_progress(bulk, print_progress, stderr);
    // Any number of whole lines may be pushed at once; one at a time is the simplest. After
    // KNOCK_DONE the run takes no more, and its summary says why.
    while (status != KNOCK_DONE && fgets(lines, sizeof lines, file) != NULL) {
        status = knock_bulk_push(bulk, lines, &text);
        if (status > KNOCK_DONE)
            result = fail("a line", status, text);
    }
    status = knock_bulk_finish(bulk, &text);
    if (status != KNOCK_OK)
        return fail("the run", status, text);
    if (report(text) != EXIT_SUCCESS)
        result = EXIT_FAILURE;
    knock_string_free(text);
    return result;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: %s FILE, which can be read\n", argv[0]);
        return EXIT_FAILURE;
    }
    KnockClient client;
    KnockBulk bulk;
    char *error;
    int result = EXIT_FAILURE;
    KnockStatus status = knock_client_new(NULL, &client, &error);
    if (status == KNOCK_OK)
        status = knock_bulk_new(client, "users.bulk.identify", NULL, &bulk, &error);
    if (status == KNOCK_OK) {
        result = identify_all(bulk, file);
        knock_bulk_close(bulk);
    } else {
        fail("the start", status, error);
    }
    knock_client_close(client);
    fclose(file);
    return result;
}
