/* Two keys: replaced, rotated under load, watched, and fetched by a callback. */
#define _POSIX_C_SOURCE 200809L
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CALLERS = 32, ROTATIONS = 6 };

static agg_status get_users(agg_client *client, agg_error **error) {
  agg_operation *operation = NULL;
  agg_reply *reply = NULL;
  CHECK(agg_operation_get_users(1, 1, &operation, NULL) == AGG_OK);
  agg_status status = agg_client_call(client, operation, &reply, error);
  agg_operation_free(operation);
  agg_reply_free(reply);
  return status;
}

static agg_config *base_config(void) {
  const char *tenant = environment("AGG_TEST_TENANT_ID"), *url = environment("AGG_TEST_EMULATOR_URL");
  agg_config *config = NULL;
  CHECK(agg_config_new(&config, NULL) == AGG_OK);
  CHECK(agg_config_set_tenant_id(config, tenant, strlen(tenant), NULL) == AGG_OK);
  CHECK(agg_config_set_base_url(config, url, strlen(url), NULL) == AGG_OK);
  return config;
}

static agg_client *finish_config(agg_config *config) {
  agg_client *client = NULL;
  CHECK(agg_client_new(config, &client, NULL) == AGG_OK);
  agg_config_free(config);
  return client;
}

static agg_client *client_with_both_keys(void) {
  const char *primary = environment("AGG_TEST_PRIMARY_KEY"), *secondary = environment("AGG_TEST_SECONDARY_KEY");
  agg_config *config = base_config();
  CHECK(agg_config_set_api_key(config, primary, strlen(primary), NULL) == AGG_OK);
  CHECK(agg_config_set_secondary_api_key(config, secondary, strlen(secondary), NULL) == AGG_OK);
  return finish_config(config);
}

static void a_refused_key_is_followed_by_the_other_and_usage_tells(void) {
  agg_client *client = client_with_both_keys();
  agg_bytes *usage = NULL;
  generate_key("primary");
  CHECK(get_users(client, NULL) == AGG_OK);
  CHECK(get_users(client, NULL) == AGG_OK);
  CHECK(agg_client_key_usage(client, &usage, NULL) == AGG_OK);
  agg_view json = agg_bytes_view(usage);
  CHECK(contains(json, "\"failovers\":1") && contains(json, "\"refusals\":1") && contains(json, "\"requests\":2"));
  CHECK(!contains(json, environment("AGG_TEST_PRIMARY_KEY")) && !contains(json, environment("AGG_TEST_SECONDARY_KEY")));
  agg_bytes_free(usage);
  agg_client_free(client);
}

static void replaced_keys_are_used_by_the_next_call(void) {
  agg_client *client = new_client("wrong-key", 10);
  agg_error *error = NULL;
  CHECK(get_users(client, &error) == AGG_UNAUTHORIZED && agg_error_attempts(error) == 1);
  agg_error_free(error);
  const char *primary = environment("AGG_TEST_PRIMARY_KEY");
  CHECK(agg_client_set_api_keys(client, primary, strlen(primary), NULL, 0, NULL) == AGG_OK);
  CHECK(get_users(client, NULL) == AGG_OK);
  CHECK(agg_client_set_api_keys(client, "", 0, NULL, 0, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "primary"));
  agg_error_free(error);
  CHECK(get_users(client, NULL) == AGG_OK);
  agg_client_free(client);
}

static void a_check_says_which_key_is_accepted(void) {
  agg_client *client = client_with_both_keys();
  agg_operation *operation = NULL;
  agg_reply *reply = NULL;
  generate_key("secondary");
  CHECK(agg_operation_check_api_keys(&operation, NULL) == AGG_OK);
  CHECK(agg_client_call(client, operation, &reply, NULL) == AGG_OK);
  const char *secondary = strstr(agg_reply_body(reply).data, "\"secondary\"");
  CHECK(contains(agg_reply_body(reply), "\"accepted\":true"));
  CHECK(secondary != NULL && strstr(secondary, "\"accepted\":false") != NULL);
  agg_reply_free(reply);
  agg_operation_free(operation);
  agg_client_free(client);
}

/* What the callbacks of these tests saw. */
static atomic_int asked, released, failovers, other_events;

static void on_release(void *user_data) {
  CHECK(user_data == &released);
  atomic_fetch_add(&released, 1);
}

static void key_source(void *user_data, agg_key_answer *answer) {
  CHECK(user_data == &released);
  if (atomic_fetch_add(&asked, 1) == 0) {
    CHECK(agg_key_answer_failure(answer, "vault is sealed", 15, NULL) == AGG_OK);
    return;
  }
  const char *primary = environment("AGG_TEST_PRIMARY_KEY");
  CHECK(agg_key_answer_keys(answer, primary, strlen(primary), NULL, 0, NULL) == AGG_OK);
}

static void a_key_source_is_asked_when_there_are_no_keys(void) {
  asked = released = 0;
  agg_config *config = base_config();
  agg_error *error = NULL;
  CHECK(agg_config_set_key_source(config, key_source, &released, on_release, NULL) == AGG_OK);
  agg_client *client = finish_config(config);
  CHECK(get_users(client, &error) == AGG_INVALID_CONFIG && contains(agg_error_message(error), "vault is sealed"));
  agg_error_free(error);
  CHECK(get_users(client, NULL) == AGG_OK && get_users(client, NULL) == AGG_OK);
  CHECK(asked == 2 && released == 0);
  agg_client_free(client);
  CHECK(released == 1);
}

static void a_callback_that_is_refused_is_released(void) {
  released = 0;
  CHECK(agg_config_set_key_source(NULL, key_source, &released, on_release, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_config_set_event_callback(NULL, NULL, &released, on_release, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(released == 2);
}

static void on_event(void *user_data, const agg_event *event) {
  CHECK(user_data == &released);
  CHECK(agg_event_message(event).length > 0);
  CHECK(!contains(agg_event_message(event), environment("AGG_TEST_PRIMARY_KEY")));
  if (is_text(agg_event_name(event), "failover") && is_text(agg_event_level(event), "warning")) {
    CHECK(agg_event_part_count(event) == 2);
    CHECK(is_text(agg_event_part_name(event, 0), "from") && is_text(agg_event_part_name(event, 1), "to"));
    CHECK(contains(agg_event_message(event), agg_event_part_value(event, 1).data));
    CHECK(agg_event_part_name(event, 2).length == 0 && agg_event_part_value(event, 2).length == 0);
    atomic_fetch_add(&failovers, 1);
  } else
    atomic_fetch_add(&other_events, 1);
}

static void events_tell_of_a_failover(void) {
  released = failovers = other_events = 0;
  const char *primary = environment("AGG_TEST_PRIMARY_KEY"), *secondary = environment("AGG_TEST_SECONDARY_KEY");
  agg_config *config = base_config();
  CHECK(agg_config_set_api_key(config, primary, strlen(primary), NULL) == AGG_OK);
  CHECK(agg_config_set_secondary_api_key(config, secondary, strlen(secondary), NULL) == AGG_OK);
  CHECK(agg_config_set_event_callback(config, on_event, &released, on_release, NULL) == AGG_OK);
  agg_client *client = finish_config(config);
  generate_key("primary");
  CHECK(get_users(client, NULL) == AGG_OK);
  agg_client_free(client);
  for (int i = 0; i < 5000 && released == 0; i++) pause_ms(1);
  CHECK(failovers == 1 && other_events == 0 && released == 1);
}

/* 32 threads call while the keys are rotated by replacing files, and none of them does anything about it. */
static struct {
  agg_client *client;
  atomic_bool stop;
  atomic_int calls, failures, most_attempts, ended[CALLERS];
} load;

static void *call_until_stopped(void *ended_here) {
  atomic_int *ended = ended_here;
  agg_operation *get = NULL, *post = NULL;
  CHECK(agg_operation_get_users(1, 1, &get, NULL) == AGG_OK);
  CHECK(agg_operation_request("POST", 4, "v2.0/Auth/token-exchange", 24, &post, NULL) == AGG_OK);
  CHECK(agg_operation_set_json(post, "{\"userId\":\"b95816fe-f4ab-49ac-889a-e6a161005339\"}", 49, NULL) == AGG_OK);
  for (int i = 0; !load.stop; i++) {
    agg_reply *reply = NULL;
    agg_error *error = NULL;
    if (agg_client_call(load.client, i % 4 == 0 ? post : get, &reply, &error) != AGG_OK) {
      printf("  %s\n", agg_error_message(error).data);
      atomic_fetch_add(&load.failures, 1);
    } else {
      int attempts = (int)agg_reply_attempts(reply), most = load.most_attempts;
      while (attempts > most && !atomic_compare_exchange_weak(&load.most_attempts, &most, attempts)) {
      }
    }
    atomic_fetch_add(&load.calls, 1);
    atomic_fetch_add(ended, 1);
    agg_reply_free(reply);
    agg_error_free(error);
  }
  agg_operation_free(get);
  agg_operation_free(post);
  return NULL;
}

/* Until every caller has begun and ended a call, so that none spans two rotations, however slow the machine is. */
static void let_callers_notice(void) {
  int before[CALLERS];
  for (int i = 0; i < CALLERS; i++) before[i] = load.ended[i];
  pause_ms(500);
  for (int i = 0; i < CALLERS; i++)
    for (int waited = 0; load.ended[i] < before[i] + 2 && waited < 60000; waited += 10) pause_ms(10);
}

/* As mounted secrets are replaced: written beside, then renamed over. */
static void replace_file(const char *path, const char *key) {
  char beside[128];
  snprintf(beside, sizeof beside, "%s.new", path);
  FILE *file = fopen(beside, "w");
  CHECK(file != NULL && fputs(key, file) >= 0 && fclose(file) == 0);
  CHECK(rename(beside, path) == 0);
}

static void rotating_under_load_fails_no_call(void) {
  char folder[] = "/tmp/agglestone-c-XXXXXX", primary[64], secondary[64];
  CHECK(mkdtemp(folder) != NULL);
  snprintf(primary, sizeof primary, "%s/primary", folder);
  snprintf(secondary, sizeof secondary, "%s/secondary", folder);
  replace_file(primary, environment("AGG_TEST_PRIMARY_KEY"));
  replace_file(secondary, environment("AGG_TEST_SECONDARY_KEY"));
  agg_config *config = base_config();
  CHECK(agg_config_set_api_key_file(config, primary, strlen(primary), NULL) == AGG_OK);
  CHECK(agg_config_set_secondary_api_key_file(config, secondary, strlen(secondary), NULL) == AGG_OK);
  memset(&load, 0, sizeof load);
  load.client = finish_config(config);

  pthread_t threads[CALLERS];
  for (int i = 0; i < CALLERS; i++) CHECK(pthread_create(&threads[i], NULL, call_until_stopped, &load.ended[i]) == 0);
  for (int rotation = 0; rotation < ROTATIONS; rotation++) {
    let_callers_notice();
    replace_file(primary, generate_key("primary"));
    let_callers_notice();
    replace_file(secondary, generate_key("secondary"));
  }
  /* Time to notice the last file; after that no request may carry a dead key. */
  pause_ms(1200);
  agg_bytes *before = NULL, *after = NULL;
  CHECK(agg_client_key_usage(load.client, &before, NULL) == AGG_OK);
  pause_ms(200);
  CHECK(agg_client_key_usage(load.client, &after, NULL) == AGG_OK);
  CHECK(contains(agg_bytes_view(before), "\"refusals\":0") && contains(agg_bytes_view(after), "\"refusals\":0"));
  CHECK(!is_text(agg_bytes_view(before), agg_bytes_view(after).data)); /* there were calls in between */
  load.stop = true;
  for (int i = 0; i < CALLERS; i++) pthread_join(threads[i], NULL);

  printf("  %d calls, %d failures, at most %d requests a call\n", load.calls, load.failures, load.most_attempts);
  CHECK(load.failures == 0 && load.calls >= CALLERS);
  /* No call sends the same key twice, however slow it is and however many keys come and go meanwhile. */
  CHECK(load.most_attempts <= 2 + 2 * ROTATIONS);
  agg_bytes_free(before);
  agg_bytes_free(after);
  agg_client_free(load.client);
  remove(primary);
  remove(secondary);
  remove(folder);
}

int main(void) {
  RUN(a_refused_key_is_followed_by_the_other_and_usage_tells);
  RUN(replaced_keys_are_used_by_the_next_call);
  RUN(a_check_says_which_key_is_accepted);
  RUN(a_key_source_is_asked_when_there_are_no_keys);
  RUN(a_callback_that_is_refused_is_released);
  RUN(events_tell_of_a_failover);
  RUN(rotating_under_load_fails_no_call);
  return finish();
}
