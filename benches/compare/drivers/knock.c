/* knock BASE_URL get|put|feed CALLS: this library through its C ABI. CA_FILE is an authority to trust. */
#include <knock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: knock BASE_URL get|put|feed CALLS\n");
        return 2;
    }
    KnockStatus (*call)(KnockClient, const char *, char **) = knock_users_get;
    const char *request = "{\"user_id\":\"jane\"}";
    if (strcmp(argv[2], "put") == 0) {
        call = knock_users_update;
        request = "{\"user_id\":\"jane\","
                  "\"body\":{\"name\":\"Jane Doe\",\"email\":\"jane@ingen.net\",\"plan\":\"pro\"}}";
    } else if (strcmp(argv[2], "feed") == 0) {
        call = knock_users_feeds_list_items;
        request = "{\"user_id\":\"jane\",\"id\":\"feed\",\"page_size\":50}";
    }
    char config[512], authority[256] = "", *text = NULL;
    if (getenv("CA_FILE"))
        snprintf(authority, sizeof authority, "\"ca_file\":\"%s\",", getenv("CA_FILE"));
    snprintf(config, sizeof config,
             "{\"api_key\":\"sk_test_12345\",\"base_url\":\"%s\",%s"
             "\"pacing\":{\"1\":1e6,\"2\":1e6,\"3\":1e6,\"4\":1e6,\"5\":1e6}}",
             argv[1], authority);
    KnockClient client = 0;
    KnockStatus status = knock_client_new(config, &client, &text);
    for (long calls = atol(argv[3]); calls > 0 && status == KNOCK_OK; calls--) {
        status = call(client, request, &text);
        if (status == KNOCK_OK && text[0] == '{') {
            knock_string_free(text);
            text = NULL;
        }
    }
    if (status != KNOCK_OK)
        fprintf(stderr, "%s\n", text);
    knock_string_free(text);
    knock_client_close(client);
    return status == KNOCK_OK ? 0 : 1;
}
