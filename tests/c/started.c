/* Calls that are started: each reports exactly once, however it ends. */
#define _POSIX_C_SOURCE 200809L
#include "support.h"

#include <pthread.h>
#include <string.h>

enum { MANY = 200 };

/* What callbacks saw, and a way to wait for them. */
static struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int replies, errors, last_code;
  int seen[MANY];
} board = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void on_end(void *user_data, agg_reply *reply, agg_error *error) {
  pthread_mutex_lock(&board.mutex);
  CHECK((reply == NULL) != (error == NULL));
  if (reply != NULL) board.replies++;
  if (error != NULL) {
    board.errors++;
    board.last_code = (int)agg_error_code(error);
  }
  ++*(int *)user_data;
  /* Freed before the wake, so that nobody counts handles too early. */
  agg_reply_free(reply);
  agg_error_free(error);
  pthread_cond_broadcast(&board.changed);
  pthread_mutex_unlock(&board.mutex);
}

static void wait_for(int ended) {
  pthread_mutex_lock(&board.mutex);
  while (board.replies + board.errors < ended) pthread_cond_wait(&board.changed, &board.mutex);
  pthread_mutex_unlock(&board.mutex);
}

static agg_operation *prepare(void) {
  agg_operation *operation = NULL;
  board.replies = board.errors = board.last_code = 0;
  memset(board.seen, 0, sizeof board.seen);
  CHECK(agg_operation_get_users(1, 10, &operation, NULL) == AGG_OK);
  return operation;
}

static void two_hundred_at_once_are_all_answered(void) {
  agg_operation *operation = prepare();
  agg_client *client = new_client(NULL, 30);
  for (int i = 0; i < MANY; i++)
    CHECK(agg_client_start(client, operation, on_end, &board.seen[i], NULL, NULL) == AGG_OK);
  agg_operation_free(operation);
  wait_for(MANY);
  CHECK(board.replies == MANY);
  for (int i = 0; i < MANY; i++) CHECK(board.seen[i] == 1);
  agg_client_free(client);
}

static void a_cancelled_call_reports_it_once(void) {
  control("POST", "faults", "{\"path\":\"*/Users\",\"delayMs\":20000,\"times\":50}");
  agg_operation *operation = prepare();
  agg_client *client = new_client(NULL, 30);
  agg_call *running = NULL;
  CHECK(agg_client_start(client, operation, on_end, &board.seen[0], &running, NULL) == AGG_OK);
  agg_call_cancel(running);
  agg_call_cancel(running);
  wait_for(1);
  CHECK(board.last_code == AGG_CANCELLED && board.seen[0] == 1);
  agg_call_free(running);
  agg_operation_free(operation);
  agg_client_free(client);
}

static void cancelling_a_call_that_ended_changes_nothing(void) {
  agg_operation *operation = prepare();
  agg_client *client = new_client(NULL, 30);
  agg_call *running = NULL;
  CHECK(agg_client_start(client, operation, on_end, &board.seen[0], &running, NULL) == AGG_OK);
  wait_for(1);
  agg_call_cancel(running);
  CHECK(board.replies == 1 && board.seen[0] == 1);
  agg_call_free(running);
  agg_operation_free(operation);
  agg_client_free(client);
}

static void freeing_the_client_ends_its_calls(void) {
  control("POST", "faults", "{\"path\":\"*/Users\",\"delayMs\":20000,\"times\":50}");
  agg_operation *operation = prepare();
  agg_client *client = new_client(NULL, 30);
  for (int i = 0; i < 10; i++)
    CHECK(agg_client_start(client, operation, on_end, &board.seen[i], NULL, NULL) == AGG_OK);
  agg_operation_free(operation);
  agg_client_free(client);
  wait_for(10);
  CHECK(board.errors == 10 && board.last_code == AGG_CLOSED);
}

static void a_bug_in_the_library_still_reports(void) {
  agg_operation_free(prepare());
  agg_operation *operation = NULL;
  agg_client *client = new_client(NULL, 30);
  CHECK(agg_operation_testing_panic(&operation, NULL) == AGG_OK);
  CHECK(agg_client_start(client, operation, on_end, &board.seen[0], NULL, NULL) == AGG_OK);
  wait_for(1);
  CHECK(board.last_code == AGG_PANIC && board.seen[0] == 1);
  agg_operation_free(operation);
  agg_client_free(client);
}

static agg_client *callback_client;
static agg_operation *callback_operation;

static void on_end_call_again(void *user_data, agg_reply *reply, agg_error *error) {
  agg_reply *second = NULL;
  CHECK(agg_client_call(callback_client, callback_operation, &second, NULL) == AGG_OK);
  agg_reply_free(second);
  on_end(user_data, reply, error);
}

static void a_callback_may_call_the_library(void) {
  callback_operation = prepare();
  callback_client = new_client(NULL, 30);
  CHECK(agg_client_start(callback_client, callback_operation, on_end_call_again, &board.seen[0], NULL, NULL) == AGG_OK);
  wait_for(1);
  CHECK(board.replies == 1);
  agg_operation_free(callback_operation);
  agg_client_free(callback_client);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void on_end_wait_at_gate(void *user_data, agg_reply *reply, agg_error *error) {
  pthread_mutex_lock(&gate);
  pthread_mutex_unlock(&gate);
  on_end(user_data, reply, error);
}

static void a_slow_callback_does_not_hold_up_the_network(void) {
  agg_operation *operation = prepare();
  agg_client *client = new_client(NULL, 30);
  agg_reply *reply = NULL;
  pthread_mutex_lock(&gate);
  CHECK(agg_client_start(client, operation, on_end_wait_at_gate, &board.seen[0], NULL, NULL) == AGG_OK);
  /* The callback waits for the gate that this thread holds; other calls go through all the same. */
  for (int i = 0; i < 5; i++) {
    CHECK(agg_client_call(client, operation, &reply, NULL) == AGG_OK);
    agg_reply_free(reply);
  }
  pthread_mutex_unlock(&gate);
  wait_for(1);
  agg_operation_free(operation);
  agg_client_free(client);
}

static void a_call_that_is_refused_has_no_callback(void) {
  agg_operation *operation = prepare();
  agg_client *client = new_client(NULL, 30);
  agg_error *error = NULL;
  CHECK(agg_client_start(client, operation, NULL, NULL, NULL, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "callback"));
  agg_error_free(error);
  CHECK(agg_client_start(client, NULL, on_end, &board.seen[0], NULL, NULL) == AGG_INVALID_ARGUMENT);
  agg_client_close(client);
  CHECK(agg_client_start(client, operation, on_end, &board.seen[0], NULL, NULL) == AGG_CLOSED);
  CHECK(board.seen[0] == 0);
  agg_operation_free(operation);
  agg_client_free(client);
}

int main(void) {
  RUN(two_hundred_at_once_are_all_answered);
  RUN(a_cancelled_call_reports_it_once);
  RUN(cancelling_a_call_that_ended_changes_nothing);
  RUN(freeing_the_client_ends_its_calls);
  RUN(a_bug_in_the_library_still_reports);
  RUN(a_callback_may_call_the_library);
  RUN(a_slow_callback_does_not_hold_up_the_network);
  RUN(a_call_that_is_refused_has_no_callback);
  return finish();
}
