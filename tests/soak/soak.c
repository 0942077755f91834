/* Calls until it is told to end, also as a user and cancelled, with clients that are made and dropped.
 * A line of JSON a second says how it goes, failures by the number of their code. */
#define _POSIX_C_SOURCE 200809L
#include <agglestone.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define WORKERS 4
#define CALLS_OF_A_CLIENT 100
#define MILLISECONDS_BETWEEN_CALLS 50
#define CODES 1000

static volatile sig_atomic_t running = 1;
static atomic_long calls, clients, failures[CODES];

static void stop(int signal_number) {
  (void)signal_number;
  running = 0;
}

static void wait_ms(long milliseconds) {
  struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

/* Notes how a call ended. */
static void note(agg_error *error) {
  if (error != NULL) failures[agg_error_code(error)]++;
  agg_error_free(error);
}

static void run(const agg_client *client, const agg_operation *operation) {
  agg_reply *reply = NULL;
  agg_error *error = NULL;
  if (agg_client_call(client, operation, &reply, &error) == AGG_OK) agg_reply_free(reply);
  note(error);
}

static void ended(void *done, agg_reply *reply, agg_error *error) {
  if (error != NULL && agg_error_code(error) == AGG_CANCELLED) {
    agg_error_free(error);
  } else {
    note(error);
  }
  agg_reply_free(reply);
  sem_post(done);
}

static void run_and_cancel(const agg_client *client, const agg_operation *operation) {
  sem_t done;
  sem_init(&done, 0, 0);
  agg_call *call = NULL;
  agg_error *error = NULL;
  if (agg_client_start(client, operation, ended, &done, &call, &error) == AGG_OK) {
    wait_ms(1);
    agg_call_cancel(call);
    while (sem_wait(&done) != 0) continue;
    agg_call_free(call);
  }
  note(error);
  sem_destroy(&done);
}

static agg_client *make_client(void) {
  agg_config *config = NULL;
  agg_client *client = NULL;
  agg_error *error = NULL;
  if (agg_config_new(&config, &error) == AGG_OK && agg_config_set_timeout(config, 5.0, &error) == AGG_OK)
    agg_client_new(config, &client, &error);
  agg_config_free(config);
  note(error);
  clients++;
  return client;
}

static void find_user(const agg_client *client, const agg_operation *get_users, char *user_id, size_t size) {
  agg_reply *page = NULL;
  agg_error *error = NULL;
  if (agg_client_call(client, get_users, &page, &error) == AGG_OK) {
    const char *member = "\"userId\":\"";
    const char *found = strstr(agg_reply_body(page).data, member);
    if (found != NULL) {
      found += strlen(member);
      snprintf(user_id, size, "%.*s", (int)strcspn(found, "\""), found);
    }
    agg_reply_free(page);
  }
  note(error);
}

/* One call, of another kind each time. */
static void one(const agg_client *client, int number, const agg_operation *get_users, const char *user_id) {
  agg_operation *operation = NULL, *as_user = NULL;
  agg_error *error = NULL;
  size_t length = strlen(user_id);
  switch (number % 4) {
    case 0:
      if (agg_operation_exchange_api_key_for_fresh_token(user_id, length, &operation, &error) == AGG_OK)
        run(client, operation);
      break;
    case 1:
      if (agg_operation_get_user(user_id, length, &operation, &error) == AGG_OK &&
          agg_operation_as_user(operation, user_id, length, &as_user, &error) == AGG_OK)
        run(client, as_user);
      break;
    case 2:
      run_and_cancel(client, get_users);
      break;
    default:
      run(client, get_users);
  }
  agg_operation_free(as_user);
  agg_operation_free(operation);
  note(error);
}

static void *work(void *unused) {
  char user_id[64] = "";
  agg_operation *get_users = NULL;
  agg_error *error = NULL;
  agg_operation_get_users(1, 10, &get_users, &error);
  note(error);
  while (running) {
    agg_client *client = make_client();
    for (int number = 0; running && number < CALLS_OF_A_CLIENT; number++) {
      if (user_id[0] == '\0') find_user(client, get_users, user_id, sizeof user_id);
      if (user_id[0] != '\0') one(client, number, get_users, user_id);
      calls++;
      wait_ms(MILLISECONDS_BETWEEN_CALLS);
    }
    agg_client_free(client);
  }
  agg_operation_free(get_users);
  return unused;
}

static void report(void) {
  printf("{\"calls\":%ld,\"clients\":%ld,\"failures\":{", (long)calls, (long)clients);
  const char *separator = "";
  for (int code = 0; code < CODES; code++) {
    if (failures[code] == 0) continue;
    printf("%s\"%d\":%ld", separator, code, (long)failures[code]);
    separator = ",";
  }
  printf("}}\n");
  fflush(stdout);
}

int main(void) {
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  pthread_t workers[WORKERS];
  for (int worker = 0; worker < WORKERS; worker++) pthread_create(&workers[worker], NULL, work, NULL);
  while (running) {
    wait_ms(1000);
    report();
  }
  for (int worker = 0; worker < WORKERS; worker++) pthread_join(workers[worker], NULL);
  return 0;
}
