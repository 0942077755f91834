/* What `docs/c.md` shows first, as one program. Configured by the environment, as `quickstart.c`. */
#include <agglestone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(agg_error *error) {
  fprintf(stderr, "%s\n", agg_error_message(error).data);
  agg_error_free(error);
  return 1;
}

/* Makes one call and frees its operation. A failure ends the program. */
static agg_reply *answer(const agg_client *client, agg_operation *operation) {
  agg_error *error = NULL;
  agg_reply *reply = NULL;
  agg_status status = agg_client_call(client, operation, &reply, &error);
  agg_operation_free(operation);
  if (status != AGG_OK) exit(fail(error));
  return reply;
}

int main(void) {
  agg_error *error = NULL;
  agg_config *config = NULL;
  agg_client *client = NULL;
  /* From AGGLESTONE_TENANT_ID and AGGLESTONE_API_KEY. */
  if (agg_config_new(&config, &error) != AGG_OK) return fail(error);
  agg_status status = agg_client_new(config, &client, &error);
  agg_config_free(config);
  if (status != AGG_OK) return fail(error);

  agg_operation *get_users = NULL;
  if (agg_operation_get_users(1, 20, &get_users, &error) != AGG_OK) return fail(error);
  agg_reply *page = answer(client, get_users);
  printf("%s\n", agg_reply_body(page).data);

  /* A real program reads the JSON with its JSON library. */
  const char *user_id = strstr(agg_reply_body(page).data, "\"userId\":\"") + strlen("\"userId\":\"");
  size_t length = strcspn(user_id, "\"");

  agg_operation *get_user = NULL, *as_user = NULL;
  if (agg_operation_get_user(user_id, length, &get_user, &error) != AGG_OK) return fail(error);
  status = agg_operation_as_user(get_user, user_id, length, &as_user, &error);
  agg_operation_free(get_user);
  if (status != AGG_OK) return fail(error);
  agg_reply *self = answer(client, as_user);
  printf("as the user: %s\n", agg_reply_body(self).data);

  agg_operation *exchange = NULL, *verify = NULL;
  if (agg_operation_exchange_api_key_for_token(user_id, length, &exchange, &error) != AGG_OK) return fail(error);
  agg_reply *token = answer(client, exchange);
  agg_view text = agg_reply_body(token);

  if (agg_operation_verify_token(text.data, text.length, &verify, &error) != AGG_OK) return fail(error);
  agg_reply *claims = NULL;
  status = agg_client_call(client, verify, &claims, &error);
  agg_operation_free(verify);
  if (status == AGG_OK) {
    printf("claims: %s\n", agg_reply_body(claims).data);
  } else {
    printf("%d: %s\n", status == AGG_INVALID_TOKEN ? 401 : 503, agg_error_message(error).data);
    agg_error_free(error);
  }

  agg_reply_free(claims);
  agg_reply_free(token);
  agg_reply_free(self);
  agg_reply_free(page);
  agg_client_free(client);
  return 0;
}
