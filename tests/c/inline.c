/* Callbacks on the thread that drives I/O: what they may do, and what they may not. */
#define _POSIX_C_SOURCE 200809L
#include "support.h"

#include <pthread.h>
#include <string.h>

static struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  agg_client *client;
  agg_operation *operation;
  pthread_t thread;
  int ended, replies, last_code, left;
  agg_status status;
} board = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void note(agg_reply *reply, agg_error *error) {
  pthread_mutex_lock(&board.mutex);
  board.thread = pthread_self();
  if (reply != NULL) board.replies++;
  if (error != NULL) board.last_code = (int)agg_error_code(error);
  agg_reply_free(reply);
  agg_error_free(error);
  board.ended++;
  pthread_cond_broadcast(&board.changed);
  pthread_mutex_unlock(&board.mutex);
}

static void wait_for(int ended) {
  pthread_mutex_lock(&board.mutex);
  while (board.ended < ended) pthread_cond_wait(&board.changed, &board.mutex);
  pthread_mutex_unlock(&board.mutex);
}

static void begin(bool inline_callbacks) {
  agg_config *config = new_config(NULL);
  board.ended = board.replies = board.last_code = 0;
  CHECK(agg_config_set_inline_callbacks(config, inline_callbacks, NULL) == AGG_OK);
  CHECK(agg_client_new(config, &board.client, NULL) == AGG_OK);
  CHECK(agg_operation_get_users(1, 10, &board.operation, NULL) == AGG_OK);
  agg_config_free(config);
}

static void end(void) {
  agg_operation_free(board.operation);
  agg_client_free(board.client);
}

static void on_end(void *user_data, agg_reply *reply, agg_error *error) {
  (void)user_data;
  note(reply, error);
}

static pthread_t thread_of_a_callback(bool inline_callbacks) {
  begin(inline_callbacks);
  CHECK(agg_client_start(board.client, board.operation, on_end, NULL, NULL, NULL) == AGG_OK);
  wait_for(1);
  CHECK(board.replies == 1);
  end();
  return board.thread;
}

static void a_callback_runs_on_another_thread_than_the_dispatchers(void) {
  pthread_t dispatcher = thread_of_a_callback(false), io = thread_of_a_callback(true);
  CHECK(!pthread_equal(dispatcher, io));
  CHECK(!pthread_equal(io, pthread_self()));
  CHECK(pthread_equal(io, thread_of_a_callback(true)));
}

static void on_end_wait(void *user_data, agg_reply *reply, agg_error *error) {
  agg_reply *second = NULL;
  agg_error *refused = NULL;
  (void)user_data;
  board.status = agg_client_call(board.client, board.operation, &second, &refused);
  CHECK(contains(agg_error_message(refused), "agg_client_start"));
  agg_error_free(refused);
  note(reply, error);
}

static void a_callback_can_not_wait_for_a_call(void) {
  begin(true);
  CHECK(agg_client_start(board.client, board.operation, on_end_wait, NULL, NULL, NULL) == AGG_OK);
  wait_for(1);
  CHECK(board.status == AGG_INVALID_ARGUMENT);
  /* Outside of one, anybody can. */
  agg_reply *reply = NULL;
  CHECK(agg_client_call(board.client, board.operation, &reply, NULL) == AGG_OK);
  agg_reply_free(reply);
  end();
}

static void on_end_start(void *user_data, agg_reply *reply, agg_error *error) {
  (void)user_data;
  if (--board.left > 0)
    CHECK(agg_client_start(board.client, board.operation, on_end_start, NULL, NULL, NULL) == AGG_OK);
  note(reply, error);
}

static void a_callback_starts_the_next_call(void) {
  begin(true);
  board.left = 20;
  CHECK(agg_client_start(board.client, board.operation, on_end_start, NULL, NULL, NULL) == AGG_OK);
  wait_for(20);
  CHECK(board.replies == 20);
  end();
}

static void on_end_cancel(void *user_data, agg_reply *reply, agg_error *error) {
  agg_call_cancel(user_data);
  agg_call_free(user_data);
  note(reply, error);
}

static void a_callback_cancels_another_call(void) {
  begin(true);
  agg_call *slow = NULL;
  control("POST", "faults", "{\"path\":\"*/Users\",\"delayMs\":20000,\"times\":1}");
  CHECK(agg_client_start(board.client, board.operation, on_end, NULL, &slow, NULL) == AGG_OK);
  while (count_requests("\"path\"") == 0) pause_ms(1);
  CHECK(agg_client_start(board.client, board.operation, on_end_cancel, slow, NULL, NULL) == AGG_OK);
  wait_for(2);
  CHECK(board.replies == 1 && board.last_code == AGG_CANCELLED);
  end();
}

static void on_end_free(void *user_data, agg_reply *reply, agg_error *error) {
  (void)user_data;
  agg_client_close(board.client);
  agg_client_free(board.client);
  board.client = NULL;
  note(reply, error);
}

static void a_callback_frees_the_client_and_the_other_calls_end(void) {
  begin(true);
  control("POST", "faults", "{\"path\":\"*/Users\",\"delayMs\":20000,\"times\":3}");
  for (int i = 0; i < 3; i++)
    CHECK(agg_client_start(board.client, board.operation, on_end, NULL, NULL, NULL) == AGG_OK);
  while (count_requests("\"path\"") < 3) pause_ms(1);
  CHECK(agg_client_start(board.client, board.operation, on_end_free, NULL, NULL, NULL) == AGG_OK);
  wait_for(4);
  CHECK(board.replies == 1 && board.last_code == AGG_CLOSED);
  end();
}

int main(void) {
  RUN(a_callback_runs_on_another_thread_than_the_dispatchers);
  RUN(a_callback_can_not_wait_for_a_call);
  RUN(a_callback_starts_the_next_call);
  RUN(a_callback_cancels_another_call);
  RUN(a_callback_frees_the_client_and_the_other_calls_end);
  return finish();
}
