/* Forked children: what the parent made is out of reach there, and harmless; what they make themselves works. */
#define _POSIX_C_SOURCE 200809L
#include "support.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int ended, replies;
} board = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void on_end(void *user_data, agg_reply *reply, agg_error *error) {
  (void)user_data;
  pthread_mutex_lock(&board.mutex);
  if (reply != NULL) board.replies++;
  agg_reply_free(reply);
  agg_error_free(error);
  board.ended++;
  pthread_cond_broadcast(&board.changed);
  pthread_mutex_unlock(&board.mutex);
}

static bool start_works(agg_client *client, agg_operation *operation) {
  board.ended = board.replies = 0;
  if (agg_client_start(client, operation, on_end, NULL, NULL, NULL) != AGG_OK) return false;
  pthread_mutex_lock(&board.mutex);
  while (board.ended == 0) pthread_cond_wait(&board.changed, &board.mutex);
  pthread_mutex_unlock(&board.mutex);
  return board.replies == 1;
}

static bool call_works(agg_client *client, agg_operation *operation) {
  agg_reply *reply = NULL;
  bool works = agg_client_call(client, operation, &reply, NULL) == AGG_OK;
  agg_reply_free(reply);
  return works;
}

/* Runs something in a child and returns its answer; false as well when the child crashed or hung. */
static bool in_a_child(bool (*body)(agg_client *, agg_operation *), agg_client *client, agg_operation *operation) {
  int ends[2];
  char answer = 'n';
  if (pipe(ends) != 0) return false;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    answer = body(client, operation) ? 'y' : 'n';
    if (write(ends[1], &answer, 1) != 1) _exit(2);
    _exit(0);
  }
  close(ends[1]);
  bool told = read(ends[0], &answer, 1) == 1;
  close(ends[0]);
  int status = 0;
  return waitpid(child, &status, 0) == child && told && WIFEXITED(status) && answer == 'y';
}

static bool the_parents_client_is_closed(agg_client *client, agg_operation *operation) {
  agg_reply *reply = NULL;
  return agg_client_call(client, operation, &reply, NULL) == AGG_CLOSED &&
         agg_client_start(client, operation, on_end, NULL, NULL, NULL) == AGG_CLOSED;
}

static bool a_client_of_its_own_works(agg_client *client, agg_operation *operation) {
  (void)client;
  agg_client *own = new_client(NULL, 30);
  bool works = start_works(own, operation) && call_works(own, operation);
  agg_client_free(own);
  return works;
}

static bool the_parents_client_can_be_freed(agg_client *client, agg_operation *operation) {
  agg_client_close(client);
  agg_client_free(client);
  return a_client_of_its_own_works(NULL, operation);
}

static bool a_grandchild_works_too(agg_client *client, agg_operation *operation) {
  return a_client_of_its_own_works(NULL, operation) && in_a_child(a_client_of_its_own_works, client, operation);
}

static agg_call *running;
static agg_queue *queue;

static bool the_parents_call_and_queue_are_left_alone(agg_client *client, agg_operation *operation) {
  (void)client;
  (void)operation;
  agg_call_cancel(running);
  agg_call_free(running);
  bool alone = agg_queue_fd(queue) == -1 && agg_queue_drain(queue) == 0;
  agg_queue_free(queue);
  return alone;
}

static void children_use_what_they_make_and_nothing_else(void) {
  agg_client *client = new_client(NULL, 30);
  agg_operation *operation = NULL;
  CHECK(agg_operation_get_users(1, 10, &operation, NULL) == AGG_OK);
  CHECK(start_works(client, operation) && call_works(client, operation));
  CHECK(in_a_child(the_parents_client_is_closed, client, operation));
  CHECK(in_a_child(a_client_of_its_own_works, client, operation));
  CHECK(in_a_child(the_parents_client_can_be_freed, client, operation));
  CHECK(in_a_child(a_grandchild_works_too, client, operation));
  /* None of that disturbed the parent. */
  CHECK(start_works(client, operation) && call_works(client, operation));
  agg_operation_free(operation);
  agg_client_free(client);
}

static void a_call_under_way_ends_in_the_parent_alone(void) {
  agg_config *config = new_config(NULL);
  agg_client *client = NULL;
  agg_operation *operation = NULL;
  board.ended = board.replies = 0;
  CHECK(agg_queue_new(&queue, NULL) == AGG_OK);
  CHECK(agg_config_set_queue(config, queue, NULL) == AGG_OK);
  CHECK(agg_client_new(config, &client, NULL) == AGG_OK);
  CHECK(agg_operation_get_users(1, 10, &operation, NULL) == AGG_OK);
  control("POST", "faults", "{\"path\":\"*/Users\",\"delayMs\":500,\"times\":1}");
  CHECK(agg_client_start(client, operation, on_end, NULL, &running, NULL) == AGG_OK);
  CHECK(in_a_child(the_parents_call_and_queue_are_left_alone, client, operation));
  while (agg_queue_drain(queue) == 0) pause_ms(1);
  CHECK(board.replies == 1);
  agg_call_free(running);
  agg_operation_free(operation);
  agg_client_free(client);
  agg_config_free(config);
  agg_queue_free(queue);
}

int main(void) {
  RUN(children_use_what_they_make_and_nothing_else);
  RUN(a_call_under_way_ends_in_the_parent_alone);
  return finish();
}
