/* A program with two Rust libraries, both linked statically: each calls, panics and recovers with its own runtime. */
#include "support.h"

#include <stddef.h>

int other_catches_a_panic(void);

static void both_catch_their_own_panics(void) {
  agg_client *client = new_client(NULL, 10);
  agg_operation *operation = NULL;
  agg_reply *reply = NULL;
  CHECK(agg_operation_testing_panic(&operation, NULL) == AGG_OK);
  CHECK(agg_client_call(client, operation, &reply, NULL) == AGG_PANIC);
  agg_operation_free(operation);
  CHECK(other_catches_a_panic() == 1);
  agg_client_free(client);
}

static void ours_talks_to_the_service(void) {
  agg_client *client = new_client(NULL, 10);
  agg_operation *operation = NULL;
  agg_reply *reply = NULL;
  CHECK(agg_operation_get_users(1, 10, &operation, NULL) == AGG_OK);
  CHECK(agg_client_call(client, operation, &reply, NULL) == AGG_OK);
  agg_operation_free(operation);
  agg_reply_free(reply);
  agg_client_free(client);
}

int main(void) {
  RUN(both_catch_their_own_panics);
  RUN(ours_talks_to_the_service);
  return finish();
}
