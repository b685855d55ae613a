/* sockets BASE_URL get|put|feed CALLS: a request in one send, the response in as many receives as
 * it takes, and nothing else. What a client cannot go below. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: sockets BASE_URL get|put|feed CALLS\n");
        return 2;
    }
    const char *put = "{\"name\":\"Jane Doe\",\"email\":\"jane@ingen.net\",\"plan\":\"pro\"}";
    const char *json = strcmp(argv[2], "put") == 0 ? put : "";
    const char *path = strcmp(argv[2], "feed") == 0 ? "/v1/users/jane/feeds/feed?page_size=50" : "/v1/users/jane";
    const char *host = argv[1] + strlen("http://");
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((unsigned short)atoi(strchr(host, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char request[1024];
    int length = snprintf(request, sizeof request,
                          "%s %s HTTP/1.1\r\nhost: %s\r\naccept: application/json\r\naccept-encoding: gzip\r\n"
                          "authorization: Bearer sk_test_12345\r\nuser-agent: knock-client/0.1.0\r\n"
                          "content-type: application/json\r\ncontent-length: %zu\r\n\r\n%s",
                          *json ? "PUT" : "GET", path, host, strlen(json), json);
    static char answer[1 << 20];
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (long calls = atol(argv[3]); calls > 0; calls--) {
        size_t filled = 0, whole = 0;
        if (send(fd, request, (size_t)length, 0) != length)
            return 1;
        while (whole == 0 || filled < whole) {
            ssize_t received = recv(fd, answer + filled, sizeof answer - 1 - filled, 0);
            if (received <= 0)
                return 1;
            filled += (size_t)received;
            answer[filled] = 0;
            char *end = whole ? NULL : strstr(answer, "\r\n\r\n");
            if (end)
                whole = (size_t)(end + 4 - answer) + strtoul(strstr(answer, "content-length: ") + 16, NULL, 10);
        }
    }
    close(fd);
    return 0;
}
