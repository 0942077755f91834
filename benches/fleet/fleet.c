/* One process of the fleet: asks for users' tokens and makes calls with a key until it is told to end.
 * A line of JSON a second says how it goes, failures by the number of their code. */
#define _POSIX_C_SOURCE 200809L
#include <agglestone.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define USERS 10000
#define TOKENS_A_CALL 10
#define MILLISECONDS_BETWEEN_CALLS 30
#define CODES 1000

static volatile sig_atomic_t running = 1;
static long calls, failures[CODES];

static void stop(int signal_number) {
  (void)signal_number;
  running = 0;
}

/* Notes how a call ended. */
static void note(agg_error *error) {
  if (error != NULL) failures[agg_error_code(error)]++;
  agg_error_free(error);
}

static void run(const agg_client *client, agg_operation *operation) {
  agg_reply *reply = NULL;
  agg_error *error = NULL;
  if (agg_client_call(client, operation, &reply, &error) == AGG_OK) agg_reply_free(reply);
  agg_operation_free(operation);
  note(error);
  calls++;
}

static agg_client *make_client(const char *app_name) {
  agg_config *config = NULL;
  agg_client *client = NULL;
  agg_error *error = NULL;
  if (agg_config_new(&config, &error) == AGG_OK &&
      agg_config_set_app_name(config, app_name, strlen(app_name), &error) == AGG_OK)
    agg_client_new(config, &client, &error);
  agg_config_free(config);
  note(error);
  return client;
}

static void report(void) {
  printf("{\"calls\":%ld,\"failures\":{", calls);
  const char *separator = "";
  for (int code = 0; code < CODES; code++) {
    if (failures[code] == 0) continue;
    printf("%s\"%d\":%ld", separator, code, failures[code]);
    separator = ",";
  }
  printf("}}\n");
  fflush(stdout);
}

int main(void) {
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  srand((unsigned)getpid());
  agg_client *tokens = make_client("tokens"), *client = make_client("calls");
  time_t reported = time(NULL);
  while (running) {
    for (int number = 0; number < TOKENS_A_CALL; number++) {
      char user_id[64];
      snprintf(user_id, sizeof user_id, "00000000-0000-4000-8000-%012d", rand() % USERS);
      agg_operation *exchange = NULL;
      agg_operation_exchange_api_key_for_token(user_id, strlen(user_id), &exchange, NULL);
      run(tokens, exchange);
    }
    agg_operation *get_users = NULL;
    agg_operation_get_users(1, 1, &get_users, NULL);
    run(client, get_users);
    if (time(NULL) != reported) {
      reported = time(NULL);
      report();
    }
    nanosleep(&(struct timespec){.tv_nsec = MILLISECONDS_BETWEEN_CALLS * 1000000L}, NULL);
  }
  agg_client_free(tokens);
  agg_client_free(client);
  return 0;
}
