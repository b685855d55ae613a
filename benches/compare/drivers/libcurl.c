/* libcurl BASE_URL get|put|feed CALLS: libcurl's easy interface, one handle for all calls. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct body {
    char *data;
    size_t length, capacity;
};

static size_t collect(char *data, size_t size, size_t count, void *user)
{
    struct body *body = user;
    size_t more = size * count;
    if (body->length + more > body->capacity) {
        body->capacity = (body->length + more) * 2;
        body->data = realloc(body->data, body->capacity);
        if (!body->data)
            return 0;
    }
    memcpy(body->data + body->length, data, more);
    body->length += more;
    return more;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: libcurl BASE_URL get|put|feed CALLS\n");
        return 2;
    }
    const char *json = "{\"name\":\"Jane Doe\",\"email\":\"jane@ingen.net\",\"plan\":\"pro\"}";
    const char *path = strcmp(argv[2], "feed") == 0 ? "/v1/users/jane/feeds/feed?page_size=50" : "/v1/users/jane";
    char url[256];
    snprintf(url, sizeof url, "%s%s", argv[1], path);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "accept: application/json");
    headers = curl_slist_append(headers, "authorization: Bearer sk_test_12345");
    if (strcmp(argv[2], "put") == 0) {
        headers = curl_slist_append(headers, "content-type: application/json");
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, json);
    }
    struct body body = {0};
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "knock-client/0.1.0");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 60000L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    for (long calls = atol(argv[3]); calls > 0; calls--) {
        long status = 0;
        body.length = 0;
        if (curl_easy_perform(curl) != CURLE_OK)
            return 1;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        if (status != 200 || body.data[0] != '{')
            return 1;
    }
    free(body.data);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return 0;
}
