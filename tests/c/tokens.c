/* Users' tokens: one exchange for everyone, forgetting, and calls made as a user. */
#include "support.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { CALLERS = 1000 };

static const char *const PLAIN_USER = "98685d54-c262-4143-affd-5b6e1d8c5d77";

static agg_status exchange(agg_client *client, agg_reply **reply) {
  agg_operation *operation = NULL;
  CHECK(agg_operation_exchange_api_key_for_token(KNOWN_USER, strlen(KNOWN_USER), &operation, NULL) == AGG_OK);
  agg_status status = agg_client_call(client, operation, reply, NULL);
  agg_operation_free(operation);
  return status;
}

static bool stats_contain(agg_client *client, const char *text) {
  agg_bytes *stats = NULL;
  CHECK(agg_client_token_stats(client, &stats, NULL) == AGG_OK);
  bool found = contains(agg_bytes_view(stats), text);
  agg_bytes_free(stats);
  return found;
}

static void *exchange_once(void *client) {
  agg_reply *reply = NULL;
  bool done = exchange(client, &reply) == AGG_OK && agg_reply_body(reply).length > 0;
  agg_reply_free(reply);
  return done ? client : NULL;
}

static void a_thousand_threads_make_one_exchange(void) {
  static pthread_t threads[CALLERS];
  control("POST", "faults", "{\"path\":\"*/token-exchange\",\"delayMs\":300,\"times\":1}");
  agg_client *client = new_client(NULL, 30);
  int served = 0;
  for (int i = 0; i < CALLERS; i++) CHECK(pthread_create(&threads[i], NULL, exchange_once, client) == 0);
  for (int i = 0; i < CALLERS; i++) {
    void *done = NULL;
    pthread_join(threads[i], &done);
    served += done != NULL;
  }
  CHECK(served == CALLERS);
  CHECK(count_requests("/token-exchange\"") == 1);
  CHECK(stats_contain(client, "\"size\":1"));
  agg_client_free(client);
}

static void a_token_at_hand_is_had_without_a_call(void) {
  agg_client *client = new_client(NULL, 10);
  agg_reply *reply = NULL, *cached = (agg_reply *)&reply;
  CHECK(agg_client_cached_token(client, KNOWN_USER, strlen(KNOWN_USER), &cached, NULL) == AGG_OK && cached == NULL);
  CHECK(exchange(client, &reply) == AGG_OK && agg_reply_attempts(reply) == 1);
  CHECK(agg_client_cached_token(client, KNOWN_USER, strlen(KNOWN_USER), &cached, NULL) == AGG_OK);
  CHECK(cached != NULL && is_text(agg_reply_body(cached), agg_reply_body(reply).data));
  CHECK(agg_reply_attempts(cached) == 0);
  CHECK(agg_reply_token_expires_at(cached) == agg_reply_token_expires_at(reply));
  agg_reply_free(cached);
  agg_reply_free(reply);
  agg_client_free(client);
}

static void forgetting_and_asking_afresh_exchange_anew(void) {
  agg_client *client = new_client(NULL, 10);
  agg_reply *reply = NULL;
  agg_operation *fresh = NULL;
  for (int i = 0; i < 2; i++) {
    CHECK(exchange(client, &reply) == AGG_OK);
    agg_reply_free(reply);
  }
  CHECK(count_requests("/token-exchange\"") == 1);
  CHECK(agg_client_forget_token(client, KNOWN_USER, strlen(KNOWN_USER), NULL) == AGG_OK);
  CHECK(stats_contain(client, "\"size\":0"));
  CHECK(exchange(client, &reply) == AGG_OK);
  agg_reply_free(reply);
  CHECK(agg_operation_exchange_api_key_for_fresh_token(KNOWN_USER, strlen(KNOWN_USER), &fresh, NULL) == AGG_OK);
  CHECK(agg_client_call(client, fresh, &reply, NULL) == AGG_OK);
  agg_reply_free(reply);
  agg_operation_free(fresh);
  CHECK(count_requests("/token-exchange\"") == 3);
  CHECK(agg_client_forget_tokens(client, NULL) == AGG_OK && stats_contain(client, "\"size\":0"));
  agg_client_free(client);
}

static agg_status get_as(agg_client *client, const char *as, const char *whom) {
  agg_operation *operation = NULL, *as_user = NULL;
  agg_reply *reply = NULL;
  CHECK(agg_operation_get_user(whom, strlen(whom), &operation, NULL) == AGG_OK);
  CHECK(agg_operation_as_user(operation, as, strlen(as), &as_user, NULL) == AGG_OK);
  agg_operation_free(operation);
  agg_status status = agg_client_call(client, as_user, &reply, NULL);
  agg_operation_free(as_user);
  agg_reply_free(reply);
  return status;
}

static void calls_as_a_user_have_the_users_rights(void) {
  agg_client *client = new_client(NULL, 10);
  CHECK(get_as(client, KNOWN_USER, PLAIN_USER) == AGG_OK);
  CHECK(get_as(client, PLAIN_USER, PLAIN_USER) == AGG_OK);
  CHECK(get_as(client, PLAIN_USER, KNOWN_USER) == AGG_FORBIDDEN);
  CHECK(get_as(client, "nobody", KNOWN_USER) == AGG_NOT_FOUND);
  CHECK(count_requests("\"bearer\"") == 3);

  agg_operation *operation = NULL, *as_user = NULL;
  agg_error *error = NULL;
  CHECK(agg_operation_check_api_keys(&operation, NULL) == AGG_OK);
  CHECK(agg_operation_as_user(operation, "u", 1, &as_user, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "operation"));
  agg_error_free(error);
  agg_operation_free(operation);
  agg_client_free(client);
}

int main(void) {
  RUN(a_thousand_threads_make_one_exchange);
  RUN(a_token_at_hand_is_had_without_a_call);
  RUN(forgetting_and_asking_afresh_exchange_anew);
  RUN(calls_as_a_user_have_the_users_rights);
  return finish();
}
