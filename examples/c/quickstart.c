/* Lists users and exchanges the API key for a user's token. Configured by the environment: AGGLESTONE_TENANT_ID,
 * AGGLESTONE_API_KEY and, unless it is the real service, AGGLESTONE_BASE_URL. */
#include <agglestone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A real program reads the JSON with its JSON library; this one looks for a member and prints what follows. */
static const char *member(const char *json, const char *name) {
  const char *found = strstr(json, name);
  return found == NULL ? "" : found + strlen(name);
}

static int fail(agg_error *error) {
  fprintf(stderr, "%s\n", agg_error_message(error).data);
  agg_error_free(error);
  return 1;
}

int main(void) {
  agg_error *error = NULL;
  agg_config *config = NULL;
  agg_client *client = NULL;
  if (agg_config_new(&config, &error) != AGG_OK) return fail(error);
  agg_status status = agg_client_new(config, &client, &error);
  agg_config_free(config);
  if (status != AGG_OK) return fail(error);

  agg_operation *operation = NULL;
  agg_reply *page = NULL;
  if (agg_operation_get_users(1, 10, &operation, &error) != AGG_OK) return fail(error);
  status = agg_client_call(client, operation, &page, &error);
  agg_operation_free(operation);
  if (status != AGG_OK) return fail(error);

  const char *json = agg_reply_body(page).data;
  int users = 0;
  for (const char *at = json; (at = strstr(at, "\"userId\"")) != NULL; at++) users++;
  printf("Users: %d of %ld\n", users, strtol(member(json, "\"totalRecords\":"), NULL, 10));

  const char *user_id = member(json, "\"userId\":\"");
  size_t length = strcspn(user_id, "\"");
  agg_reply *token = NULL;
  if (agg_operation_exchange_api_key_for_token(user_id, length, &operation, &error) != AGG_OK) return fail(error);
  status = agg_client_call(client, operation, &token, &error);
  agg_operation_free(operation);
  if (status != AGG_OK) return fail(error);

  time_t expires_at = (time_t)agg_reply_token_expires_at(token);
  char expires[sizeof "2026-01-31T12:00:00Z"];
  strftime(expires, sizeof expires, "%Y-%m-%dT%H:%M:%SZ", gmtime(&expires_at));
  printf("Token for %.*s expires %s\n", (int)length, user_id, expires);

  agg_reply_free(token);
  agg_reply_free(page);
  agg_client_free(client);
  return 0;
}
