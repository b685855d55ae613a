// The sandbox that the test was started with (KNOCK_BASE_URL), and what is done to it.

#ifndef SANDBOX_H
#define SANDBOX_H

#include <knock.h>

#define KEY "sk_test_secret"

// A client of the sandbox that neither paces nor repeats.
KnockClient open_client(void);

// As open_client, with more settings: `"max_retries": 2`.
KnockClient open_client_with(const char *settings);

// Makes requests go wrong, as the sandbox's /_sandbox/faults describes.
void queue_fault(const char *fault_json);

// How many requests have arrived since the sandbox started.
long requests_arrived(void);

#endif
