#include "sandbox.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void give_up(const char *what)
{
    fprintf(stderr, "the sandbox of this test: %s\n", what);
    exit(2);
}

static const char *base_url(void)
{
    const char *url = getenv("KNOCK_BASE_URL");
    if (url == NULL)
        give_up("KNOCK_BASE_URL is not set; tests/native/run sets it");
    return url;
}

KnockClient open_client(void)
{
    return open_client_with("\"max_retries\": 0");
}

KnockClient open_client_with(const char *settings)
{
    char config[512];
    snprintf(config, sizeof config,
             "{\"api_key\": \"" KEY "\", \"base_url\": \"%s\", \"pacing\": \"off\", %s}",
             base_url(), settings);
    KnockClient client;
    char *error;
    if (knock_client_new(config, &client, &error) != KNOCK_OK)
        give_up(error);
    return client;
}

// One request to the sandbox's own endpoints; the response stays until the next one.
static const char *ask(const char *method, const char *path, const char *body)
{
    static char answer[4096];
    char request[2048];
    unsigned port;
    if (sscanf(base_url(), "http://127.0.0.1:%u", &port) != 1)
        give_up("KNOCK_BASE_URL must be like http://127.0.0.1:4010");
    int length = snprintf(request, sizeof request,
                          "%s /_sandbox/%s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
                          "content-length: %zu\r\n\r\n%s",
                          method, path, strlen(body), body);
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0)
        give_up("cannot connect");
    if (write(connection, request, (size_t)length) != length)
        give_up("cannot write");
    size_t used = 0;
    ssize_t got;
    while ((got = read(connection, answer + used, sizeof answer - 1 - used)) > 0)
        used += (size_t)got;
    answer[used] = '\0';
    close(connection);
    if (strncmp(answer, "HTTP/1.1 2", 10) != 0)
        give_up(answer);
    return answer;
}

void queue_fault(const char *fault_json)
{
    ask("POST", "faults", fault_json);
}

long requests_arrived(void)
{
    const char *count = strstr(ask("GET", "stats", ""), "\"requests\":");
    return count == NULL ? -1 : strtol(count + strlen("\"requests\":"), NULL, 10);
}
