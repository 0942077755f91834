/* What the head of the header promises for every function: NULL, texts, versions. */
#include "support.h"

#include <stdio.h>
#include <string.h>

static void the_version_macros_are_the_librarys_version(void) {
  char version[64];
  snprintf(version, sizeof version, "%d.%d.%d", AGG_VERSION_MAJOR, AGG_VERSION_MINOR, AGG_VERSION_PATCH);
  CHECK(strcmp(version, agg_version()) == 0);
  CHECK(agg_abi_version() == AGG_ABI_VERSION);
}

static void freeing_null_is_nothing(void) {
  agg_config_free(NULL);
  agg_client_free(NULL);
  agg_operation_free(NULL);
  agg_call_free(NULL);
  agg_reply_free(NULL);
  agg_error_free(NULL);
  agg_client_close(NULL);
  agg_call_cancel(NULL);
}

static void accessors_of_null_are_empty(void) {
  CHECK(agg_error_code(NULL) == AGG_OK && agg_error_http_status(NULL) == 0 && agg_error_retry_after(NULL) == -1);
  CHECK(is_text(agg_error_message(NULL), "") && is_text(agg_error_request_id(NULL), ""));
  CHECK(is_text(agg_error_service_message(NULL), "") && is_text(agg_error_argument(NULL), ""));
  CHECK(!agg_error_retryable(NULL) && agg_error_attempts(NULL) == 0);
  CHECK(agg_reply_status(NULL) == 0 && is_text(agg_reply_body(NULL), "") && agg_reply_header_count(NULL) == 0);
  CHECK(is_text(agg_reply_header(NULL, "a", 1), "") && is_text(agg_reply_header_name(NULL, 0), ""));
  CHECK(agg_reply_next_page(NULL) == 0 && agg_reply_token_expires_at(NULL) == 0 && agg_reply_attempts(NULL) == 0);
}

static void null_handles_are_refused_by_name(void) {
  agg_error *error = NULL;
  agg_client *client = NULL;
  CHECK(agg_client_new(NULL, &client, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "config") && contains(agg_error_message(error), "NULL"));
  agg_error_free(error);
  CHECK(agg_config_new(NULL, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "config"));
  agg_error_free(error);
  CHECK(agg_client_call(NULL, NULL, NULL, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_config_set_tenant_id(NULL, "a", 1, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_get_users(1, 10, NULL, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_add_query(NULL, "a", 1, "b", 1, NULL) == AGG_INVALID_ARGUMENT);

  agg_client *working = new_client(NULL, 10);
  agg_operation *operation = NULL;
  CHECK(agg_operation_get_users(1, 10, &operation, NULL) == AGG_OK);
  CHECK(agg_client_call(working, operation, NULL, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "reply"));
  agg_error_free(error);
  agg_operation_free(operation);
  agg_client_free(working);
}

static void texts_are_pointer_and_length_and_utf8(void) {
  agg_operation *operation = NULL;
  agg_error *error = NULL;
  CHECK(agg_operation_get_user("abcdef", 3, &operation, NULL) == AGG_OK); /* no NUL is looked for */
  agg_operation_free(operation);
  CHECK(agg_operation_get_user(NULL, 3, &operation, &error) == AGG_INVALID_ARGUMENT);
  CHECK(contains(agg_error_message(error), "NULL with a length"));
  agg_error_free(error);
  CHECK(agg_operation_get_user(NULL, 0, &operation, &error) == AGG_INVALID_ARGUMENT);
  CHECK(contains(agg_error_message(error), "empty"));
  agg_error_free(error);
  CHECK(agg_operation_get_user("\xff\xfe", 2, &operation, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "user_id") && contains(agg_error_message(error), "UTF-8"));
  agg_error_free(error);
  CHECK(agg_operation_get_user("a\0b", 3, &operation, NULL) == AGG_INVALID_ARGUMENT);
}

static void only_a_request_takes_query_headers_and_body(void) {
  agg_operation *operation = NULL;
  CHECK(agg_operation_get_user("abc", 3, &operation, NULL) == AGG_OK);
  CHECK(agg_operation_add_query(operation, "a", 1, "b", 1, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_add_header(operation, "a", 1, "b", 1, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_set_json(operation, "{}", 2, NULL) == AGG_INVALID_ARGUMENT);
  agg_operation_free(operation);

  CHECK(agg_operation_request("POST", 4, "a", 1, &operation, NULL) == AGG_OK);
  CHECK(agg_operation_add_header(operation, "X-API-Key", 9, "b", 1, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_set_json(operation, "{oops", 5, NULL) == AGG_INVALID_ARGUMENT);
  agg_operation_free(operation);
}

static void every_problem_of_a_configuration_is_listed(void) {
  agg_config *config = NULL;
  agg_client *client = NULL;
  agg_error *error = NULL;
  CHECK(agg_config_new(&config, NULL) == AGG_OK);
  CHECK(agg_config_set_tenant_id(config, "../x", 4, NULL) == AGG_OK);
  CHECK(agg_config_set_api_key(config, "planted key", 11, NULL) == AGG_OK);
  CHECK(agg_config_set_secondary_api_key(config, "", 0, NULL) == AGG_OK);
  CHECK(agg_config_set_base_url(config, "http://evil.example", 19, NULL) == AGG_OK);
  CHECK(agg_config_set_users_path(config, "../groups", 9, NULL) == AGG_OK);
  CHECK(agg_config_set_runtime(config, "c/11", 4, NULL) == AGG_OK);
  CHECK(agg_config_set_allow_insecure_http(config, false, NULL) == AGG_OK);
  CHECK(agg_config_set_connect_timeout(config, 0, NULL) == AGG_OK);
  CHECK(agg_config_set_deadline(config, -1, NULL) == AGG_OK);
  CHECK(agg_client_new(config, &client, &error) == AGG_INVALID_CONFIG);
  static const char *const settings[] = {"`tenant_id`",  "`api_key`",         "`secondary_api_key`", "`base_url`",
                                         "`users_path`", "`connect_timeout`", "`deadline`"};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    CHECK(contains(agg_error_message(error), settings[i]));
  CHECK(!contains(agg_error_message(error), "planted"));
  agg_error_free(error);
  agg_config_free(config);
}

int main(void) {
  RUN(the_version_macros_are_the_librarys_version);
  RUN(freeing_null_is_nothing);
  RUN(accessors_of_null_are_empty);
  RUN(null_handles_are_refused_by_name);
  RUN(texts_are_pointer_and_length_and_utf8);
  RUN(only_a_request_takes_query_headers_and_body);
  RUN(every_problem_of_a_configuration_is_listed);
  return finish();
}
