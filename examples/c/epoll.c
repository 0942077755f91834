/* A program with an event loop of its own: several calls at once, and one thread that waits for all of them. Configured by the
 * environment, as quickstart.c. Linux; elsewhere poll or kqueue watch the same descriptor. */
#include <agglestone.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { PAGES = 5 };

static int failures;

static int fail(agg_error *error) {
  fprintf(stderr, "%s\n", agg_error_message(error).data);
  agg_error_free(error);
  return 1;
}

/* Called on the thread that drains the queue, so it shares that thread's data without a lock. */
static void on_page(void *user_data, agg_reply *reply, agg_error *error) {
  if (error != NULL) failures += fail(error);
  else printf("Page %d: %zu bytes\n", *(int *)user_data, agg_reply_body(reply).length);
  agg_reply_free(reply);
}

int main(void) {
  agg_error *error = NULL;
  agg_queue *queue = NULL;
  agg_config *config = NULL;
  agg_client *client = NULL;
  if (agg_queue_new(&queue, &error) != AGG_OK) return fail(error);
  if (agg_config_new(&config, &error) != AGG_OK) return fail(error);
  agg_status status = agg_config_set_queue(config, queue, &error);
  if (status == AGG_OK) status = agg_client_new(config, &client, &error);
  agg_config_free(config);
  if (status != AGG_OK) return fail(error);

  int pages[PAGES];
  for (int i = 0; i < PAGES; i++) {
    agg_operation *operation = NULL;
    pages[i] = i + 1;
    status = agg_operation_get_users(pages[i], 10, &operation, &error);
    if (status == AGG_OK) status = agg_client_start(client, operation, on_page, &pages[i], NULL, &error);
    agg_operation_free(operation);
    if (status != AGG_OK) failures += fail(error);
  }

  int loop = epoll_create1(EPOLL_CLOEXEC);
  if (loop == -1) {
    perror("epoll_create1");
    return 1;
  }
  /* The program's own descriptors are watched by the same loop. */
  struct epoll_event watched = {.events = EPOLLIN};
  epoll_ctl(loop, EPOLL_CTL_ADD, agg_queue_fd(queue), &watched);
  while (agg_queue_pending(queue) > 0) {
    struct epoll_event ready;
    if (epoll_wait(loop, &ready, 1, -1) == 1) agg_queue_drain(queue);
  }

  close(loop);
  agg_client_free(client);
  agg_queue_free(queue);
  return failures == 0 ? 0 : 1;
}
