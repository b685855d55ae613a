// Faults for the sanitizers to see, each inside the library: the program is wrong on purpose.

#include <knock.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static KnockClient shared;

static void *open_into_shared(void *settings)
{
    knock_client_new(settings, &shared, NULL);
    return NULL;
}

// Two threads hand the library the same out-parameter.
static void race(const char *settings)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, open_into_shared, (void *)settings) != 0)
        exit(3);
    open_into_shared((void *)settings);
    pthread_join(thread, NULL);
}

// The out-parameter is freed before the library writes to it.
static void use_after_free(const char *settings)
{
    KnockClient *client = malloc(sizeof *client);
    KnockClient *volatile freed = client;
    free(client);
    knock_client_new(settings, freed, NULL);
}

int main(int count, char **arguments)
{
    const char *settings = "{\"api_key\": \"sk_test\"}";
    if (count == 2 && strcmp(arguments[1], "thread") == 0)
        race(settings);
    else if (count == 2 && strcmp(arguments[1], "address") == 0)
        use_after_free(settings);
    else
        return 2;
    return 0;
}
