// Does not free a string, so that the memory checker can be seen to work.

#include <knock.h>

#include <stddef.h>

int main(void)
{
    KnockClient client;
    char *error;
    KnockStatus status = knock_client_new("{}", &client, &error);
    error = NULL;
    return status == KNOCK_CONFIG && error == NULL ? 0 : 1;
}
