// Makes any call, and shows what there is to do about each kind of error.
//
//     errors OPERATION REQUEST
//     errors users.get '{"user_id": "jane"}'
//
// Settings come from the environment: KNOCK_API_KEY, and KNOCK_BASE_URL for another server. The
// exit code is the status of the call.

#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>
#include <knock.h>

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text == NULL ? "-" : text;
}

static int number_of(const cJSON *object, const char *key)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(number) ? number->valueint : 0;
}

// The server understood the request and said no.
static void print_refusal(const cJSON *error)
{
    const cJSON *field;
    printf("the server said %d %s\n", number_of(error, "status"), text_of(error, "code"));
    cJSON_ArrayForEach(field, cJSON_GetObjectItemCaseSensitive(error, "errors"))
    {
        printf("  %s %s\n", text_of(field, "field"), text_of(field, "message"));
    }
}

static void print_advice(KnockStatus status, const cJSON *error)
{
    switch (status) {
    case KNOCK_INVALID_ARGUMENT:
        printf("nothing was sent: correct the request\n");
        break;
    case KNOCK_CONFIG:
        printf("nothing was sent: correct the settings\n");
        break;
    case KNOCK_API:
        print_refusal(error);
        break;
    case KNOCK_RATE_LIMITED:
        printf("wait for %d ms, then call again\n", number_of(error, "retry_after_ms"));
        break;
    case KNOCK_TIMEOUT:
    case KNOCK_TRANSPORT:
    case KNOCK_RESPONSE:
        // The library has repeated what may be repeated. The rest is for who knows the call.
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(error, "maybe_processed")))
            printf("the server may have done it all the same: look before calling again\n");
        else
            printf("nothing has happened: call again later\n");
        break;
    case KNOCK_INVALID_HANDLE:
    case KNOCK_CLOSED:
        printf("the client is closed: make another one\n");
        break;
    case KNOCK_INTERRUPTED:
        printf("stopped by request\n");
        break;
    default:
        printf("a defect of libknock %s: please report it\n", knock_version());
        break;
    }
}

static void explain(KnockStatus status, char *text)
{
    cJSON *object = cJSON_Parse(text);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(object, "error");
    printf("%s after %d attempts: %s\n", knock_status_name(status), number_of(error, "attempts"),
           text_of(error, "message"));
    print_advice(status, error);
    // To be quoted to Knock's support.
    printf("request id: %s\n", text_of(error, "request_id"));
    cJSON_Delete(object);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s OPERATION REQUEST\n", argv[0]);
        return EXIT_FAILURE;
    }
    KnockClient client;
    char *text;
    KnockStatus status = knock_client_new(NULL, &client, &text);
    if (status == KNOCK_OK)
        status = knock_call(client, argv[1], argv[2], &text);
    if (status == KNOCK_OK)
        printf("%s\n", text);
    else
        explain(status, text);
    knock_string_free(text);
    knock_client_close(client);
    return status;
}
