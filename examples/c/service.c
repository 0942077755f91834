/* A service that runs until it is told to end: lists users, gets a fresh token now and then, and says how it goes.
 * Configured by the environment: AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY_FILE, AGGLESTONE_SECONDARY_API_KEY_FILE and, unless
 * it is the real service, AGGLESTONE_BASE_URL. There is nothing about rotating keys in here: replacing the files is all
 * it takes. */
#define _POSIX_C_SOURCE 200809L
#include <agglestone.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME "example-service-c/1.0"

static volatile sig_atomic_t running = 1;

static void stop(int signal_number) {
  (void)signal_number;
  running = 0;
}

static int fail(agg_error *error) {
  fprintf(stderr, "%s\n", agg_error_message(error).data);
  agg_error_free(error);
  return 1;
}

static agg_client *make_client(agg_error **error) {
  agg_config *config = NULL;
  agg_client *client = NULL;
  if (agg_config_new(&config, error) != AGG_OK) return NULL;
  if (agg_config_set_app_name(config, NAME, strlen(NAME), error) == AGG_OK) agg_client_new(config, &client, error);
  agg_config_free(config);
  return client;
}

/* A fresh token for the first user of the tenant, as an operation that can be run again and again. */
static agg_operation *fresh_token(const agg_client *client, const agg_operation *get_users, agg_error **error) {
  agg_reply *page = NULL;
  agg_operation *operation = NULL;
  if (agg_client_call(client, get_users, &page, error) != AGG_OK) return NULL;
  /* A real program reads the JSON with its JSON library. */
  const char *member = "\"userId\":\"";
  const char *found = strstr(agg_reply_body(page).data, member);
  const char *user_id = found == NULL ? "" : found + strlen(member);
  agg_operation_exchange_api_key_for_fresh_token(user_id, strcspn(user_id, "\""), &operation, error);
  agg_reply_free(page);
  return operation;
}

/* One line of JSON; the fingerprint tells which key is in use. */
static int report(const agg_client *client, long calls, long failures) {
  agg_error *error = NULL;
  agg_bytes *usage = NULL;
  if (agg_client_key_usage(client, &usage, &error) != AGG_OK) return fail(error);
  const char *json = agg_bytes_view(usage).data;
  const char *failovers = strstr(json, "\"failovers\":");
  const char *secondary = strstr(json, "\"secondary\":");
  const char *active = strstr(json, "\"active\":true");
  const char *key = active != NULL && active > secondary ? secondary : json;
  const char *fingerprint = strstr(key, "\"fingerprint\":\"") + strlen("\"fingerprint\":\"");
  printf("{\"calls\":%ld,\"failures\":%ld,\"failovers\":%ld,\"key\":\"%.*s\"}\n", calls, failures,
         strtol(failovers + strlen("\"failovers\":"), NULL, 10), (int)strcspn(fingerprint, "\""), fingerprint);
  agg_bytes_free(usage);
  return fflush(stdout);
}

int main(void) {
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);

  agg_error *error = NULL;
  agg_client *client = make_client(&error);
  if (client == NULL) return fail(error);
  agg_operation *get_users = NULL;
  if (agg_operation_get_users(1, 10, &get_users, &error) != AGG_OK) return fail(error);
  agg_operation *get_token = fresh_token(client, get_users, &error);
  if (get_token == NULL) return fail(error);

  long calls = 0, failures = 0;
  while (running) {
    agg_reply *reply = NULL;
    if (agg_client_call(client, calls % 10 == 0 ? get_token : get_users, &reply, &error) != AGG_OK) failures += fail(error);
    agg_reply_free(reply);
    calls++;
    if (calls % 10 == 0 && report(client, calls, failures) != 0) break;
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
  }
  int status = report(client, calls, failures);

  agg_operation_free(get_token);
  agg_operation_free(get_users);
  agg_client_free(client);
  return status == 0 ? 0 : 1;
}
