/* What `docs/c.md` rotates keys under, as one program. Configured by AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY_FILE and
 * AGGLESTONE_SECONDARY_API_KEY_FILE. */
#define _POSIX_C_SOURCE 200809L
#include <agglestone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int fail(agg_error *error) {
  fprintf(stderr, "%s\n", agg_error_message(error).data);
  agg_error_free(error);
  return 1;
}

static long replacements(const agg_client *client) {
  agg_error *error = NULL;
  agg_bytes *usage = NULL;
  if (agg_client_key_usage(client, &usage, &error) != AGG_OK) exit(fail(error));
  const char *member = "\"replacements\":";
  long count = strtol(strstr(agg_bytes_view(usage).data, member) + strlen(member), NULL, 10);
  agg_bytes_free(usage);
  return count;
}

int main(void) {
  agg_error *error = NULL;
  agg_config *config = NULL;
  agg_client *client = NULL;
  /* From AGGLESTONE_API_KEY_FILE and AGGLESTONE_SECONDARY_API_KEY_FILE. */
  if (agg_config_new(&config, &error) != AGG_OK) return fail(error);
  agg_status status = agg_client_new(config, &client, &error);
  agg_config_free(config);
  if (status != AGG_OK) return fail(error);

  agg_operation *get_users = NULL;
  if (agg_operation_get_users(1, 10, &get_users, &error) != AGG_OK) return fail(error);
  puts("Replace both keys now.");
  fflush(stdout);
  long calls = 0;
  for (; replacements(client) < 2; calls++) {
    agg_reply *page = NULL;
    if (agg_client_call(client, get_users, &page, &error) != AGG_OK) return fail(error);
    agg_reply_free(page);
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
  }
  printf("%ld calls, none failed\n", calls);

  agg_operation_free(get_users);
  agg_client_free(client);
  return 0;
}
