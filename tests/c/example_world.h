// What the examples of the documentation take for granted.

#include <knock.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

static KnockStatus status;
static KnockClient client;
static KnockPager pager;
static KnockBulk bulk;
static char *response, *page, *error, *summary;

void print_line(KnockLogLevel level, const char *line, void *file);
void print_progress(const char *progress_json, void *user_data);
void write_state(const char *state_json, void *user_data);
int32_t was_ctrl_c_pressed(void *user_data);
void use_and_free(char *text);
