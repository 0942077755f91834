/* What a token costs in C: one that the client has at hand, and one that it exchanges its key for.
 * Prints the measurements of every round; `cargo xtask bench tokens` runs this and makes the table. */
#define _POSIX_C_SOURCE 200809L
#include <agglestone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 101
/* Short, so that most rounds are undisturbed by whatever else the machine does. */
#define CACHED_IN_A_ROUND 2000
#define FRESH_IN_A_ROUND 3
#define WARM_UP 0.5e9

static agg_client *client;
static const char *user_id;
static size_t user_id_length;
static agg_operation *cached_token;
static agg_operation *fresh_token;

static void must(agg_status status, agg_error *error) {
  if (status == AGG_OK) return;
  fprintf(stderr, "%s\n", agg_error_message(error).data);
  exit(1);
}

static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* The way for every operation, blocking. */
static void call(const agg_operation *operation) {
  agg_error *error = NULL;
  agg_reply *reply = NULL;
  must(agg_client_call(client, operation, &reply, &error), error);
  agg_reply_free(reply);
}

static void call_cached(void) { call(cached_token); }

static void call_fresh(void) { call(fresh_token); }

/* The way that never waits, for programs that may not block. */
static void look(void) {
  agg_error *error = NULL;
  agg_reply *reply = NULL;
  must(agg_client_cached_token(client, user_id, user_id_length, &reply, &error), error);
  agg_reply_free(reply);
}

static double round_of(void (*get)(void), int times) {
  double start = nanoseconds();
  for (int i = 0; i < times; i++) get();
  return (nanoseconds() - start) / times;
}

static void print_rounds(const char *name, void (*get)(void), int times) {
  printf("\"%s\":[", name);
  for (int round = 0; round < ROUNDS; round++) printf("%s%.0f", round == 0 ? "" : ",", round_of(get, times));
  printf("]");
}

static void measure(const char *way, void (*get_cached)(void)) {
  for (double start = nanoseconds(); nanoseconds() - start < WARM_UP;) round_of(get_cached, CACHED_IN_A_ROUND);
  printf("{\"way\":\"%s\",", way);
  print_rounds("cached", get_cached, CACHED_IN_A_ROUND);
  printf(",");
  print_rounds("fresh", call_fresh, FRESH_IN_A_ROUND);
  printf("}\n");
}

int main(void) {
  agg_error *error = NULL;
  agg_config *config = NULL;
  must(agg_config_new(&config, &error), error);
  must(agg_client_new(config, &client, &error), error);

  agg_operation *get_users = NULL;
  agg_reply *page = NULL;
  must(agg_operation_get_users(1, 10, &get_users, &error), error);
  must(agg_client_call(client, get_users, &page, &error), error);
  const char *member = "\"userId\":\"";
  user_id = strstr(agg_reply_body(page).data, member) + strlen(member);
  user_id_length = strcspn(user_id, "\"");
  must(agg_operation_exchange_api_key_for_token(user_id, user_id_length, &cached_token, &error), error);
  must(agg_operation_exchange_api_key_for_fresh_token(user_id, user_id_length, &fresh_token, &error), error);

  measure("agg_client_call", call_cached);
  measure("agg_client_cached_token", look);

  agg_operation_free(fresh_token);
  agg_operation_free(cached_token);
  agg_operation_free(get_users);
  agg_reply_free(page);
  agg_client_free(client);
  agg_config_free(config);
  return 0;
}
