/* Calls of the client in C: `call`, `observed`, `threads`, `start`, `cached`, `cached-token`, `verified`. Arguments and output
 * are those of benches/src/measure.rs. */
#define _POSIX_C_SOURCE 200809L
#include <agglestone.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "measure.h"

static agg_client *client;
static agg_operation *get_users;
static agg_operation *get_token;
static char user_id[64];

static void must(agg_status status, agg_error *error) {
  if (status == AGG_OK) return;
  fprintf(stderr, "%s\n", agg_error_message(error).data);
  exit(1);
}

static void call(const agg_operation *operation) {
  agg_error *error = NULL;
  agg_reply *reply = NULL;
  must(agg_client_call(client, operation, &reply, &error), error);
  if (agg_reply_body(reply).length == 0) exit(1);
  agg_reply_free(reply);
}

static void call_all(long calls) {
  while (calls-- > 0) call(get_users);
}

/* In a trace, with an account. */
static void call_observed(long calls) {
  static const char trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  while (calls-- > 0) {
    agg_error *error = NULL;
    agg_account *account = NULL;
    agg_observation *observation = NULL;
    must(agg_observation_new(trace, strlen(trace), NULL, 0, NULL, 0, &observation, &error), error);
    must(agg_operation_set_observation(get_users, observation, &error), error);
    call(get_users);
    must(agg_observation_account(observation, &account, &error), error);
    agg_account_free(account);
    agg_observation_free(observation);
  }
}

static void *call_share(void *share) {
  call_all(*(long *)share);
  return NULL;
}

static void call_in_threads(long calls) { in_threads(calls, call_share); }

static void call_cached(long calls) {
  while (calls-- > 0) call(get_token);
}

/* The way that never waits, for programs that may not block. */
static void look(long calls) {
  while (calls-- > 0) {
    agg_error *error = NULL;
    agg_reply *reply = NULL;
    must(agg_client_cached_token(client, user_id, strlen(user_id), &reply, &error), error);
    if (reply == NULL) exit(1);
    agg_reply_free(reply);
  }
}

static agg_reply *token;

static void verify(long calls) {
  const agg_view text = agg_reply_body(token);
  while (calls-- > 0) {
    agg_error *error = NULL;
    agg_reply *claims = NULL;
    must(agg_client_verified_token(client, text.data, text.length, false, &claims, &error), error);
    if (claims == NULL) exit(1);
    agg_reply_free(claims);
  }
}

/* What fetches the signing keys, once. */
static void get_verified_token(void) {
  agg_error *error = NULL;
  agg_reply *claims = NULL;
  agg_operation *operation = NULL;
  must(agg_client_call(client, get_token, &token, &error), error);
  must(agg_operation_verify_token(agg_reply_body(token).data, agg_reply_body(token).length, &operation, &error), error);
  must(agg_client_call(client, operation, &claims, &error), error);
  agg_reply_free(claims);
  agg_operation_free(operation);
}

/* Each callback starts the next call, until all are made. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_ended = PTHREAD_COND_INITIALIZER;
static long to_start, under_way;

static void ended(void *user_data, agg_reply *reply, agg_error *error);

static void start(void) {
  agg_error *error = NULL;
  must(agg_client_start(client, get_users, ended, NULL, NULL, &error), error);
}

static void ended(void *user_data, agg_reply *reply, agg_error *error) {
  (void)user_data;
  must(error == NULL ? AGG_OK : agg_error_code(error), error);
  if (agg_reply_body(reply).length == 0) exit(1);
  agg_reply_free(reply);
  pthread_mutex_lock(&lock);
  bool another = to_start > 0;
  if (another) to_start--;
  else if (--under_way == 0) pthread_cond_signal(&all_ended);
  pthread_mutex_unlock(&lock);
  if (another) start();
}

static void start_all(long calls) {
  under_way = calls < work.at_once ? calls : work.at_once;
  to_start = calls - under_way;
  for (long first = under_way; first > 0; first--) start();
  pthread_mutex_lock(&lock);
  while (under_way > 0) pthread_cond_wait(&all_ended, &lock);
  pthread_mutex_unlock(&lock);
}

int main(int count, char **arguments) {
  read_work(count, arguments);
  agg_error *error = NULL;
  agg_config *config = NULL;
  must(agg_config_new(&config, &error), error);
  must(agg_client_new(config, &client, &error), error);
  agg_config_free(config);
  must(agg_operation_get_users(1, page_size(), &get_users, &error), error);

  if (strcmp(work.way, "call") == 0) measure(call_all);
  else if (strcmp(work.way, "observed") == 0) measure(call_observed);
  else if (strcmp(work.way, "threads") == 0) measure(call_in_threads);
  else if (strcmp(work.way, "start") == 0) measure(start_all);
  else {
    agg_reply *page = NULL;
    must(agg_client_call(client, get_users, &page, &error), error);
    const char *member = strstr(agg_reply_body(page).data, "\"userId\":\"") + strlen("\"userId\":\"");
    snprintf(user_id, sizeof user_id, "%.*s", (int)strcspn(member, "\""), member);
    agg_reply_free(page);
    must(agg_operation_exchange_api_key_for_token(user_id, strlen(user_id), &get_token, &error), error);
    call(get_token);
    if (strcmp(work.way, "cached") == 0) measure(call_cached);
    else if (strcmp(work.way, "cached-token") == 0) measure(look);
    else if (strcmp(work.way, "verified") == 0) {
      get_verified_token();
      measure(verify);
      agg_reply_free(token);
    } else return 2;
    agg_operation_free(get_token);
  }

  agg_operation_free(get_users);
  agg_client_free(client);
  return 0;
}
