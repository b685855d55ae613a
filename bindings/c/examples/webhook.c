// Verifies a webhook whose body is in a file, and says what happened: to be called by a server or a CGI script.
//
//     webhook BODY_FILE SIGNATURE
//
// SIGNATURE is the header x-knock-signature as it came. The signing secret comes from KNOCK_WEBHOOK_SECRET. The exit
// code is 0 for a webhook of Knock's, and else 1.

#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>
#include <knock.h>

// The bytes of a file, which the caller frees; NULL where it cannot be read.
static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    size_t size = 0, got;
    if (file == NULL)
        return NULL;
    *length = 0;
    do {
        size = size == 0 ? 16384 : size * 2;
        char *more = realloc(bytes, size);
        if (more == NULL)
            break;
        bytes = more;
        got = fread(bytes + *length, 1, size - *length, file);
        *length += got;
    } while (*length == size);
    if (!feof(file)) {
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    return bytes;
}

static char *options(const char *secret)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "secret", secret);
    char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    return text;
}

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text == NULL ? "-" : text;
}

static int explain(KnockStatus status, const char *error_json)
{
    cJSON *object = cJSON_Parse(error_json);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(object, "error");
    // Whoever sent it is told no more than that it was refused.
    fprintf(stderr, "%s %s: %s\n", knock_status_name(status), text_of(error, "code"),
            text_of(error, "message"));
    cJSON_Delete(object);
    return EXIT_FAILURE;
}

static int handle(const char *event_json)
{
    cJSON *event = cJSON_Parse(event_json);
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");
    printf("%s of %s\n", text_of(event, "type"), text_of(data, "id"));
    cJSON_Delete(event);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *secret = getenv("KNOCK_WEBHOOK_SECRET");
    if (argc != 3 || secret == NULL) {
        fprintf(stderr, "usage: KNOCK_WEBHOOK_SECRET=... %s BODY_FILE SIGNATURE\n", argv[0]);
        return EXIT_FAILURE;
    }
    size_t length;
    char *body = read_file(argv[1], &length);
    if (body == NULL) {
        perror(argv[1]);
        return EXIT_FAILURE;
    }
    char *options_json = options(secret), *text;
    KnockStatus status = knock_webhook_verify(options_json, argv[2], body, length, &text);
    int result = status == KNOCK_OK ? handle(text) : explain(status, text);
    knock_string_free(text);
    cJSON_free(options_json);
    free(body);
    return result;
}
