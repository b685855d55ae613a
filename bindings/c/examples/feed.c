// Prints what is in a user's feed, all of it, a page at a time.
//
//     feed USER_ID CHANNEL_ID [STATUS]
//
// STATUS is unread, read, unseen, seen or all. Settings come from the environment:
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

static char *list_request(const char *user_id, const char *channel_id, const char *status)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "user_id", user_id);
    cJSON_AddStringToObject(request, "id", channel_id);
    cJSON_AddNumberToObject(request, "page_size", 20);
    if (status != NULL)
        cJSON_AddStringToObject(request, "status", status);
    char *text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    return text;
}

// The text of an item is in its blocks; the first one with rendered text is its summary.
static const char *summary(const cJSON *item)
{
    const cJSON *block;
    cJSON_ArrayForEach(block, cJSON_GetObjectItemCaseSensitive(item, "blocks"))
    {
        const cJSON *rendered = cJSON_GetObjectItemCaseSensitive(block, "rendered");
        if (cJSON_IsString(rendered))
            return rendered->valuestring;
    }
    return "(no text)";
}

static int print_page(const char *text)
{
    int printed = 0;
    cJSON *page = cJSON_Parse(text);
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(page, "entries"))
    {
        const cJSON *time = cJSON_GetObjectItemCaseSensitive(item, "inserted_at");
        printf("%s  %s\n", cJSON_GetStringValue(time), summary(item));
        printed++;
    }
    cJSON_Delete(page);
    return printed;
}

static int print_feed(KnockClient client, const char *request)
{
    KnockPager pager;
    char *text;
    int items = 0, pages = 0;
    KnockStatus status = knock_pager_new(client, "users.feeds.list_items", request, &pager, &text);
    if (status != KNOCK_OK)
        return fail("the feed", status, text);
    while ((status = knock_pager_next(pager, &text)) == KNOCK_OK) {
        items += print_page(text);
        pages++;
        knock_string_free(text);
    }
    knock_pager_close(pager);
    if (status != KNOCK_DONE)
        return fail("a page", status, text);
    printf("%d items on %d pages\n", items, pages);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s USER_ID CHANNEL_ID [STATUS]\n", argv[0]);
        return EXIT_FAILURE;
    }
    KnockClient client;
    char *error;
    KnockStatus status = knock_client_new(NULL, &client, &error);
    if (status != KNOCK_OK)
        return fail("settings", status, error);
    char *request = list_request(argv[1], argv[2], argc > 3 ? argv[3] : NULL);
    int result = print_feed(client, request);
    cJSON_free(request);
    knock_client_close(client);
    return result;
}
