/* Blocking calls: what the guide does, and what callers see when it fails. */
#include "support.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static agg_status call(agg_client *client, agg_operation *operation, agg_reply **reply, agg_error **error) {
  agg_status status = agg_client_call(client, operation, reply, error);
  agg_operation_free(operation);
  return status;
}

static agg_operation *get_user(const char *user_id) {
  agg_operation *operation = NULL;
  CHECK(agg_operation_get_user(user_id, strlen(user_id), &operation, NULL) == AGG_OK);
  return operation;
}

static void a_page_of_users_is_json_with_the_number_of_the_next(void) {
  agg_client *client = new_client(NULL, 10);
  agg_operation *operation = NULL;
  agg_reply *reply = NULL;
  CHECK(agg_operation_get_users(1, 20, &operation, NULL) == AGG_OK);
  CHECK(call(client, operation, &reply, NULL) == AGG_OK);
  CHECK(agg_reply_status(reply) == 200);
  CHECK(contains(agg_reply_body(reply), "\"totalRecords\":45"));
  CHECK(agg_reply_next_page(reply) == 2);
  CHECK(agg_reply_attempts(reply) == 1);
  CHECK(is_text(agg_reply_header(reply, "Content-Type", 12), "application/json"));
  CHECK(agg_reply_header(reply, "X-None", 6).length == 0);
  CHECK(agg_reply_header_count(reply) > 0);
  CHECK(agg_reply_header_name(reply, 0).length > 0 && agg_reply_header_value(reply, 0).length > 0);
  CHECK(agg_reply_header_name(reply, 10000).length == 0);
  agg_reply_free(reply);
  agg_client_free(client);
}

static void one_user_is_json(void) {
  agg_client *client = new_client(NULL, 10);
  agg_reply *reply = NULL;
  CHECK(call(client, get_user(KNOWN_USER), &reply, NULL) == AGG_OK);
  CHECK(contains(agg_reply_body(reply), KNOWN_USER));
  CHECK(agg_reply_next_page(reply) == 0 && agg_reply_token_expires_at(reply) == 0);
  agg_reply_free(reply);
  agg_client_free(client);
}

static void a_token_is_the_body_and_has_an_expiry(void) {
  agg_client *client = new_client(NULL, 10);
  agg_operation *operation = NULL;
  agg_reply *reply = NULL;
  CHECK(agg_operation_exchange_api_key_for_token(KNOWN_USER, strlen(KNOWN_USER), &operation, NULL) == AGG_OK);
  CHECK(call(client, operation, &reply, NULL) == AGG_OK);
  CHECK(strncmp(agg_reply_body(reply).data, "eyJ", 3) == 0);
  CHECK(strlen(agg_reply_body(reply).data) == agg_reply_body(reply).length);
  CHECK(agg_reply_token_expires_at(reply) > 1600000000);
  agg_reply_free(reply);
  agg_client_free(client);
}

static void any_request_can_be_made(void) {
  agg_client *client = new_client(NULL, 10);
  agg_operation *operation = NULL;
  agg_reply *reply = NULL;
  CHECK(agg_operation_request("GET", 3, "api/Users", 9, &operation, NULL) == AGG_OK);
  CHECK(agg_operation_add_query(operation, "pageSize", 8, "3", 1, NULL) == AGG_OK);
  CHECK(agg_operation_add_header(operation, "X-Trace", 7, "abc", 3, NULL) == AGG_OK);
  CHECK(call(client, operation, &reply, NULL) == AGG_OK);
  CHECK(contains(agg_reply_body(reply), "\"pageSize\":3"));
  agg_reply_free(reply);

  static const char user[] = "{\"userId\":\"c-made\",\"email\":\"c@example.com\"}";
  CHECK(agg_operation_request("POST", 4, "api/v2.0/Users", 14, &operation, NULL) == AGG_OK);
  CHECK(agg_operation_set_json(operation, user, strlen(user), NULL) == AGG_OK);
  CHECK(call(client, operation, &reply, NULL) == AGG_OK);
  CHECK(agg_reply_status(reply) == 201);
  agg_reply_free(reply);
  agg_client_free(client);
}

static void a_refusal_tells_code_status_and_the_services_words(void) {
  agg_client *client = new_client(NULL, 10);
  agg_reply *reply = (agg_reply *)&reply;
  agg_error *error = NULL;
  CHECK(call(client, get_user("nobody"), &reply, &error) == AGG_NOT_FOUND);
  CHECK(reply == (agg_reply *)&reply); /* outputs are written only on success */
  CHECK(agg_error_code(error) == AGG_NOT_FOUND && agg_error_http_status(error) == 404);
  CHECK(contains(agg_error_message(error), "GET users/{userId}") && !contains(agg_error_message(error), "nobody"));
  CHECK(agg_error_service_message(error).length > 0 && agg_error_request_id(error).length > 0);
  CHECK(agg_error_retry_after(error) == -1 && !agg_error_retryable(error) && agg_error_attempts(error) == 1);
  CHECK(agg_error_argument(error).length == 0);
  agg_error_free(error);
  agg_client_free(client);
}

static void a_refused_key_is_named_by_fingerprint_only(void) {
  agg_client *client = new_client("planted-key", 10);
  agg_error *error = NULL;
  agg_reply *reply = NULL;
  CHECK(call(client, get_user(KNOWN_USER), &reply, &error) == AGG_UNAUTHORIZED);
  CHECK(contains(agg_error_message(error), "fingerprint") && !contains(agg_error_message(error), "planted"));
  agg_error_free(error);
  agg_client_free(client);
}

static void a_passing_trouble_is_tried_again_as_often_as_asked(void) {
  agg_client *client = new_client(NULL, 10);
  agg_operation *operation = get_user(KNOWN_USER);
  agg_reply *reply = NULL;
  agg_error *error = NULL;
  control("POST", "faults", "{\"path\":\"*/Users/*\",\"status\":500,\"times\":1}");
  CHECK(agg_client_call(client, operation, &reply, NULL) == AGG_OK && agg_reply_attempts(reply) == 2);
  agg_reply_free(reply);

  control("POST", "faults", "{\"path\":\"*/Users/*\",\"status\":500,\"times\":1}");
  CHECK(agg_operation_set_max_retries(operation, 0, NULL) == AGG_OK);
  CHECK(agg_client_call(client, operation, &reply, &error) == AGG_SERVER && agg_error_attempts(error) == 1);
  agg_error_free(error);

  control("POST", "faults", "{\"path\":\"*/Users/*\",\"delayMs\":5000,\"times\":1}");
  CHECK(agg_operation_set_deadline(operation, 0.2, NULL) == AGG_OK);
  CHECK(agg_client_call(client, operation, &reply, NULL) == AGG_TIMEOUT);
  CHECK(agg_operation_set_connect_timeout(operation, 0, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_set_connect_timeout(operation, NAN, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_set_timeout(operation, INFINITY, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_set_max_retries(operation, INT64_MIN, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_set_timeout(operation, -1, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "timeout"));
  agg_error_free(error);
  agg_operation_free(operation);
  agg_client_free(client);
}

static void a_slow_service_ends_in_a_timeout(void) {
  control("POST", "faults", "{\"path\":\"*/Users/*\",\"delayMs\":5000,\"times\":50}");
  agg_client *client = new_client(NULL, 0.2);
  agg_error *error = NULL;
  agg_reply *reply = NULL;
  CHECK(call(client, get_user(KNOWN_USER), &reply, &error) == AGG_TIMEOUT);
  CHECK(agg_error_retryable(error) && agg_error_http_status(error) == 0);
  agg_error_free(error);
  agg_client_free(client);
}

static void a_closed_client_says_so(void) {
  agg_client *client = new_client(NULL, 10);
  agg_reply *reply = NULL;
  agg_client_close(client);
  agg_client_close(client);
  CHECK(call(client, get_user(KNOWN_USER), &reply, NULL) == AGG_CLOSED);
  agg_client_free(client);
}

static void a_bug_in_the_library_is_a_status_and_no_crash(void) {
  agg_client *client = new_client(NULL, 10);
  agg_operation *operation = NULL;
  agg_reply *reply = NULL;
  agg_error *error = NULL;
  CHECK(agg_operation_testing_panic(&operation, NULL) == AGG_OK);
  CHECK(call(client, operation, &reply, &error) == AGG_PANIC);
  CHECK(contains(agg_error_message(error), "report"));
  agg_error_free(error);
  CHECK(call(client, get_user(KNOWN_USER), &reply, NULL) == AGG_OK);
  agg_reply_free(reply);
  agg_client_free(client);
}

static void an_observed_call_keeps_an_account_of_its_attempts(void) {
  static const char TRACE[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  agg_client *client = new_client(NULL, 10);
  agg_operation *operation = get_user(KNOWN_USER), *as_user = NULL;
  agg_observation *observation = NULL;
  agg_reply *reply = NULL;
  agg_account *account = NULL;
  CHECK(agg_observation_new(TRACE, sizeof TRACE - 1, NULL, 0, "shop=eu", 7, &observation, NULL) == AGG_OK);
  CHECK(agg_operation_set_observation(operation, observation, NULL) == AGG_OK);
  /* Taken over by what is made of the operation. */
  CHECK(agg_operation_as_user(operation, KNOWN_USER, strlen(KNOWN_USER), &as_user, NULL) == AGG_OK);
  agg_operation_free(operation);
  CHECK(control("POST", "faults", "{\"path\":\"*/Users/*\",\"status\":503,\"times\":1}") == 200);
  CHECK(call(client, as_user, &reply, NULL) == AGG_OK);
  CHECK(agg_observation_account(observation, &account, NULL) == AGG_OK);
  CHECK(is_text(account->method, "GET") && is_text(account->route, "users/{userId}"));
  CHECK(is_text(account->server_address, "127.0.0.1") && account->server_port != 0);
  CHECK(is_text(account->token, "exchange") && is_text(account->token_store, "") && is_text(account->error, ""));
  CHECK(account->duration >= account->attempts[2]->start + account->attempts[2]->duration);
  CHECK(account->status == 200 && account->failovers == 0 && account->attempt_count == 3);
  const agg_attempt *exchange = account->attempts[0], *failed = account->attempts[1], *last = account->attempts[2];
  CHECK(is_text(exchange->method, "POST") && is_text(exchange->route, "v2.0/Auth/token-exchange"));
  CHECK(is_text(exchange->credential, "primary") && exchange->fingerprint.length == 8 && exchange->status == 200);
  CHECK(failed->status == 503 && is_text(failed->error_type, "503") && is_text(failed->error, "") && failed->resends == 0);
  CHECK(last->status == 200 && is_text(last->error_type, "") && is_text(last->credential, "token") && last->resends == 1);
  CHECK(exchange->start <= failed->start && failed->start + failed->duration <= last->start);
  CHECK(last->duration >= last->connection_wait && last->connection_wait >= 0);
  agg_account_free(account);
  agg_observation_free(observation);
  agg_reply_free(reply);
  agg_client_free(client);
}

static void a_trace_that_is_none_is_refused_by_name(void) {
  agg_observation *observation = NULL;
  agg_error *error = NULL;
  CHECK(agg_observation_new("none", 4, NULL, 0, NULL, 0, &observation, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "traceparent"));
  agg_error_free(error);
  CHECK(agg_observation_new(NULL, 0, NULL, 0, "a\r\nb: c", 7, &observation, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "baggage"));
  agg_error_free(error);
  CHECK(agg_observation_account(NULL, NULL, NULL) == AGG_INVALID_ARGUMENT);
  agg_observation_free(NULL);
  agg_account_free(NULL);
}

int main(void) {
  RUN(a_page_of_users_is_json_with_the_number_of_the_next);
  RUN(one_user_is_json);
  RUN(a_token_is_the_body_and_has_an_expiry);
  RUN(any_request_can_be_made);
  RUN(a_refusal_tells_code_status_and_the_services_words);
  RUN(a_refused_key_is_named_by_fingerprint_only);
  RUN(a_passing_trouble_is_tried_again_as_often_as_asked);
  RUN(a_slow_service_ends_in_a_timeout);
  RUN(a_closed_client_says_so);
  RUN(a_bug_in_the_library_is_a_status_and_no_crash);
  RUN(an_observed_call_keeps_an_account_of_its_attempts);
  RUN(a_trace_that_is_none_is_refused_by_name);
  return finish();
}
