/* Callbacks for a program with an event loop of its own. */
#define _POSIX_C_SOURCE 200809L
#include "support.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

enum { MANY = 64 };

static struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  pthread_t thread;
  int ended, replies, last_code, events;
} board = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static agg_queue *queue;
static agg_operation *operation;

static void on_end(void *user_data, agg_reply *reply, agg_error *error) {
  (void)user_data;
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

static void on_event(void *user_data, const agg_event *event) {
  (void)user_data;
  CHECK(is_text(agg_event_name(event), "failover"));
  board.thread = pthread_self();
  board.events++;
}

/* Waits as an event loop does; whether there was anything in time. */
static bool is_readable(int milliseconds) {
  struct pollfd watched = {.fd = agg_queue_fd(queue), .events = POLLIN};
  return poll(&watched, 1, milliseconds) == 1;
}

static void drain_until(int ended) {
  while (board.ended < ended && is_readable(30000)) CHECK(agg_queue_drain(queue) > 0);
  CHECK(board.ended == ended);
}

static agg_config *begin(void) {
  agg_config *config = new_config(NULL);
  board.ended = board.replies = board.last_code = board.events = 0;
  CHECK(agg_queue_new(&queue, NULL) == AGG_OK);
  CHECK(agg_config_set_queue(config, queue, NULL) == AGG_OK);
  CHECK(agg_operation_get_users(1, 10, &operation, NULL) == AGG_OK);
  return config;
}

static agg_client *make(agg_config *config) {
  agg_client *client = NULL;
  CHECK(agg_client_new(config, &client, NULL) == AGG_OK);
  agg_config_free(config);
  return client;
}

static void callbacks_wait_for_the_drain_and_run_on_its_thread(void) {
  agg_client *client = make(begin());
  CHECK(!is_readable(0));
  CHECK(agg_client_start(client, operation, on_end, NULL, NULL, NULL) == AGG_OK);
  CHECK(is_readable(30000));
  CHECK(board.ended == 0);
  CHECK(agg_queue_drain(queue) == 1);
  CHECK(board.replies == 1 && pthread_equal(board.thread, pthread_self()));
  CHECK(!is_readable(0) && agg_queue_drain(queue) == 0);
  agg_client_free(client);
  agg_operation_free(operation);
  agg_queue_free(queue);
}

static void many_calls_ring_until_all_are_drained(void) {
  agg_client *client = make(begin());
  for (int i = 0; i < MANY; i++)
    CHECK(agg_client_start(client, operation, on_end, NULL, NULL, NULL) == AGG_OK);
  drain_until(MANY);
  CHECK(board.replies == MANY);
  agg_client_free(client);
  agg_operation_free(operation);
  agg_queue_free(queue);
}

static void events_come_through_the_queue_too(void) {
  agg_config *config = begin();
  const char *old = environment("AGG_TEST_PRIMARY_KEY"), *other = environment("AGG_TEST_SECONDARY_KEY");
  CHECK(agg_config_set_secondary_api_key(config, other, strlen(other), NULL) == AGG_OK);
  CHECK(agg_config_set_event_callback(config, on_event, NULL, NULL, NULL) == AGG_OK);
  agg_client *client = make(config);
  CHECK(strcmp(generate_key("primary"), old) != 0);
  CHECK(agg_client_start(client, operation, on_end, NULL, NULL, NULL) == AGG_OK);
  drain_until(1);
  CHECK(board.replies == 1 && board.events == 1 && pthread_equal(board.thread, pthread_self()));
  agg_client_free(client);
  agg_operation_free(operation);
  agg_queue_free(queue);
}

static void nothing_is_to_come_once_the_callbacks_were_called(void) {
  agg_client *client = make(begin());
  control("POST", "faults", "{\"path\":\"*/Users\",\"delayMs\":20000,\"times\":3}");
  CHECK(agg_queue_pending(queue) == 0);
  for (int i = 0; i < 3; i++)
    CHECK(agg_client_start(client, operation, on_end, NULL, NULL, NULL) == AGG_OK);
  CHECK(agg_client_start(client, NULL, on_end, NULL, NULL, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_queue_pending(queue) == 3);
  agg_client_close(client);
  while (agg_queue_pending(queue) > 0 && is_readable(30000)) agg_queue_drain(queue);
  CHECK(board.ended == 3 && board.last_code == AGG_CLOSED && pthread_equal(board.thread, pthread_self()));
  agg_client_free(client);
  agg_operation_free(operation);
  agg_queue_free(queue);
  CHECK(board.ended == 3);
}

static void a_queue_that_is_freed_first_loses_no_callback(void) {
  agg_client *client = make(begin());
  control("POST", "faults", "{\"path\":\"*/Users\",\"delayMs\":20000,\"times\":3}");
  for (int i = 0; i < 3; i++)
    CHECK(agg_client_start(client, operation, on_end, NULL, NULL, NULL) == AGG_OK);
  agg_queue_free(queue);
  CHECK(board.ended == 0);
  agg_client_free(client);
  pthread_mutex_lock(&board.mutex);
  while (board.ended < 3) pthread_cond_wait(&board.changed, &board.mutex);
  pthread_mutex_unlock(&board.mutex);
  CHECK(board.last_code == AGG_CLOSED && !pthread_equal(board.thread, pthread_self()));
  agg_operation_free(operation);
}

static void what_is_missing_is_named(void) {
  agg_config *config = new_config(NULL);
  agg_error *error = NULL;
  CHECK(agg_config_set_queue(config, NULL, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "queue"));
  agg_error_free(error);
  CHECK(agg_queue_new(NULL, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_queue_fd(NULL) == -1 && agg_queue_drain(NULL) == 0 && agg_queue_pending(NULL) == 0);
  agg_queue_free(NULL);
  agg_config_free(config);
}

int main(void) {
  RUN(callbacks_wait_for_the_drain_and_run_on_its_thread);
  RUN(many_calls_ring_until_all_are_drained);
  RUN(nothing_is_to_come_once_the_callbacks_were_called);
  RUN(a_queue_that_is_freed_first_loses_no_callback);
  RUN(what_is_missing_is_named);
  /* Last: it replaces the key that the others use. */
  RUN(events_come_through_the_queue_too);
  return finish();
}
