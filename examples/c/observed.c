/* What a call did, by an account of it and by the log of requests. */
#include <agglestone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(agg_status status, agg_error *error) {
  if (status == AGG_OK) return;
  fprintf(stderr, "%s\n", agg_error_message(error).data);
  agg_error_free(error);
  exit(1);
}

static void on_event(void *file, const agg_event *event) {
  fputs(agg_event_name(event).data, file);
  for (size_t i = 0; i < agg_event_part_count(event); i++)
    fprintf(file, " %s=%s", agg_event_part_name(event, i).data, agg_event_part_value(event, i).data);
  fputc('\n', file);
}

static void observed(const agg_client *client, agg_operation *operation, const char *traceparent) {
  agg_error *error = NULL;
  agg_observation *observation = NULL;
  agg_reply *reply = NULL;
  agg_account *account = NULL;
  check(agg_observation_new(traceparent, strlen(traceparent), NULL, 0, NULL, 0, &observation, &error), error);
  check(agg_operation_set_observation(operation, observation, &error), error);
  agg_status status = agg_client_call(client, operation, &reply, &error);

  /* Also of a call that failed. */
  if (agg_observation_account(observation, &account, NULL) == AGG_OK) {
    printf("%s %s took %lld us\n", account->method.data, account->route.data, (long long)account->duration);
    for (size_t i = 0; i < account->attempt_count; i++) {
      const agg_attempt *attempt = account->attempts[i];
      printf("  attempt: %u after %lld us, %s %s\n", attempt->status, (long long)attempt->duration, attempt->credential.data,
             attempt->fingerprint.data);
    }
  }
  agg_account_free(account);
  agg_observation_free(observation);
  check(status, error);
  agg_reply_free(reply);
}

int main(void) {
  agg_error *error = NULL;
  agg_config *config = NULL;
  agg_client *client = NULL;
  agg_operation *get_users = NULL;
  check(agg_config_new(&config, &error), error);
  check(agg_config_set_request_log(config, true, &error), error);
  check(agg_config_set_event_callback(config, on_event, stdout, NULL, &error), error);
  check(agg_client_new(config, &client, &error), error);
  agg_config_free(config);
  check(agg_operation_get_users(1, 10, &get_users, &error), error);
  observed(client, get_users, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  agg_operation_free(get_users);
  agg_client_free(client);
  return 0;
}
