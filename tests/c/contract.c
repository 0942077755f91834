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

/* Every function that takes a text, with a text that is none: which argument it names. */
typedef agg_status (*with_text)(const char *text, size_t length, agg_error **error);

static agg_client *some_client;
static agg_operation *some_request;

#define MAKES_OPERATION(name, call)                                            \
  static agg_status name(const char *text, size_t length, agg_error **error) { \
    agg_operation *operation = NULL;                                           \
    agg_status status = call;                                                  \
    agg_operation_free(operation);                                             \
    return status;                                                             \
  }
MAKES_OPERATION(get_user, agg_operation_get_user(text, length, &operation, error))
MAKES_OPERATION(exchange, agg_operation_exchange_api_key_for_token(text, length, &operation, error))
MAKES_OPERATION(exchange_fresh, agg_operation_exchange_api_key_for_fresh_token(text, length, &operation, error))
MAKES_OPERATION(as_user, agg_operation_as_user(some_request, text, length, &operation, error))
MAKES_OPERATION(method, agg_operation_request(text, length, "a", 1, &operation, error))
MAKES_OPERATION(path, agg_operation_request("GET", 3, text, length, &operation, error))

#define CHANGES(name, call)                                                    \
  static agg_status name(const char *text, size_t length, agg_error **error) { return call; }
CHANGES(header_name, agg_operation_add_header(some_request, text, length, "v", 1, error))
CHANGES(header_value, agg_operation_add_header(some_request, "n", 1, text, length, error))
CHANGES(query_name, agg_operation_add_query(some_request, text, length, "v", 1, error))
CHANGES(query_value, agg_operation_add_query(some_request, "n", 1, text, length, error))
CHANGES(json, agg_operation_set_json(some_request, text, length, error))
CHANGES(primary, agg_client_set_api_keys(some_client, text, length, NULL, 0, error))
CHANGES(secondary, agg_client_set_api_keys(some_client, "a-key", 5, text, length, error))
CHANGES(forget, agg_client_forget_token(some_client, text, length, error))

static agg_status cached(const char *text, size_t length, agg_error **error) {
  agg_reply *reply = NULL;
  agg_status status = agg_client_cached_token(some_client, text, length, &reply, error);
  agg_reply_free(reply);
  return status;
}

static void a_text_that_is_none_is_refused_by_name_everywhere(void) {
  static const struct {
    const char *argument;
    with_text function;
    bool takes_nul;
  } functions[] = {
      {"user_id", get_user, false},   {"user_id", exchange, false},      {"user_id", exchange_fresh, false},
      {"user_id", as_user, false},    {"user_id", cached, false},        {"user_id", forget, false},
      {"method", method, false},      {"path", path, false},             {"headers", header_name, false},
      {"headers", header_value, false}, {"query", query_name, true},     {"query", query_value, true},
      {"json", json, false},          {"primary", primary, false},       {"secondary", secondary, false},
  };
  static const struct {
    const char *text;
    size_t length;
  } texts[] = {{"planted\xff", 8}, {"planted\xed\xa0\x80", 10}, {NULL, 3}, {"planted", SIZE_MAX}, {"planted\0x", 9}};
  some_client = new_client(NULL, 10);
  CHECK(agg_operation_request("POST", 4, "a", 1, &some_request, NULL) == AGG_OK);
  for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
      agg_error *error = NULL;
      agg_status status = functions[f].function(texts[t].text, texts[t].length, &error);
      /* A query is encoded, so it can carry a NUL. */
      bool taken = functions[f].takes_nul && texts[t].length == 9;
      CHECK(status == (taken ? AGG_OK : AGG_INVALID_ARGUMENT));
      CHECK(taken || is_text(agg_error_argument(error), functions[f].argument));
      CHECK(!contains(agg_error_message(error), "planted"));
      agg_error_free(error);
    }
  agg_operation_free(some_request);
  agg_client_free(some_client);
}

static void a_setting_that_is_no_text_is_refused_by_name(void) {
  static const struct {
    const char *name;
    agg_status (*set)(agg_config *, const char *, size_t, agg_error **);
  } settings[] = {
      {"tenant_id", agg_config_set_tenant_id},       {"api_key", agg_config_set_api_key},
      {"secondary_api_key", agg_config_set_secondary_api_key}, {"api_key_file", agg_config_set_api_key_file},
      {"secondary_api_key_file", agg_config_set_secondary_api_key_file}, {"base_url", agg_config_set_base_url},
      {"users_path", agg_config_set_users_path},     {"app_name", agg_config_set_app_name},
      {"ca_file", agg_config_set_ca_file},           {"token_store", agg_config_set_token_store},
      {"token_store_key", agg_config_set_token_store_key},
  };
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    agg_config *config = NULL;
    agg_client *client = NULL;
    agg_error *error = NULL;
    CHECK(agg_config_new(&config, NULL) == AGG_OK);
    /* What is no text is one problem among all. */
    CHECK(settings[i].set(config, "planted\xff", 8, NULL) == AGG_OK);
    CHECK(agg_client_new(config, &client, &error) == AGG_INVALID_CONFIG);
    CHECK(is_text(agg_error_problem_setting(error, 0), settings[i].name));
    CHECK(is_text(agg_error_problem_reason(error, 0), "is not UTF-8"));
    CHECK(!contains(agg_error_message(error), "planted"));
    agg_error_free(error);
    agg_config_free(config);
    CHECK(agg_config_new(&config, NULL) == AGG_OK);
    CHECK(settings[i].set(config, NULL, 1, NULL) == AGG_INVALID_ARGUMENT);
    CHECK(settings[i].set(config, "a", SIZE_MAX, NULL) == AGG_INVALID_ARGUMENT);
    /* A NUL is UTF-8, so the value is judged with all others. */
    CHECK(settings[i].set(config, "a\0planted", 9, NULL) == AGG_OK);
    CHECK(agg_client_new(config, &client, &error) == AGG_INVALID_CONFIG);
    CHECK(contains(agg_error_message(error), settings[i].name));
    agg_error_free(error);
    agg_config_free(config);
  }
}

static void what_is_of_one_operation_is_refused_for_others(void) {
  agg_operation *operation = NULL;
  CHECK(agg_operation_get_user("abc", 3, &operation, NULL) == AGG_OK);
  CHECK(agg_operation_add_query(operation, "a", 1, "b", 1, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_add_header(operation, "a", 1, "b", 1, NULL) == AGG_INVALID_ARGUMENT);
  CHECK(agg_operation_set_json(operation, "{}", 2, NULL) == AGG_INVALID_ARGUMENT);
  agg_error *error = NULL;
  CHECK(agg_operation_set_check_service(operation, true, &error) == AGG_INVALID_ARGUMENT);
  CHECK(is_text(agg_error_argument(error), "operation"));
  agg_error_free(error);
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
  CHECK(agg_config_set_secondary_api_key(config, "b\n", 2, NULL) == AGG_OK);
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
  /* The same as data, and in another language's spelling. */
  CHECK(agg_error_problem_count(error) == sizeof settings / sizeof *settings);
  CHECK(is_text(agg_error_problem_setting(error, 0), "tenant_id"));
  CHECK(is_text(agg_error_problem_setting(error, 99), "") && is_text(agg_error_problem_reason(NULL, 0), ""));
  agg_bytes *spelt = NULL;
  CHECK(agg_error_message_in(error, AGG_PASCAL_CASE, &spelt, NULL) == AGG_OK);
  CHECK(contains(agg_bytes_view(spelt), "`ConnectTimeout` is 0 s"));
  agg_bytes_free(spelt);
  CHECK(agg_error_message_in(error, AGG_CAMEL_CASE, &spelt, NULL) == AGG_OK);
  CHECK(contains(agg_bytes_view(spelt), "`connectTimeout` is 0 ms"));
  agg_bytes_free(spelt);
  agg_error_free(error);
  agg_config_free(config);
}

static void an_environment_that_is_lent_replaces_the_processs_own(void) {
  agg_config *config = NULL;
  agg_client *client = NULL;
  agg_error *error = NULL;
  CHECK(agg_config_new(&config, NULL) == AGG_OK);
  CHECK(agg_config_set_variable(config, "AGGLESTONE_API_KEY", 18, "lent", 4, NULL) == AGG_OK);
  CHECK(agg_client_new(config, &client, &error) == AGG_INVALID_CONFIG);
  CHECK(agg_error_problem_count(error) == 1 && is_text(agg_error_problem_setting(error, 0), "tenant_id"));
  agg_error_free(error);
  CHECK(agg_config_set_variable(config, "AGGLESTONE_TENANT_ID", 20, "t", 1, NULL) == AGG_OK);
  CHECK(agg_client_new(config, &client, NULL) == AGG_OK);
  agg_client_free(client);
  agg_config_free(config);
}

int main(void) {
  RUN(the_version_macros_are_the_librarys_version);
  RUN(freeing_null_is_nothing);
  RUN(accessors_of_null_are_empty);
  RUN(null_handles_are_refused_by_name);
  RUN(texts_are_pointer_and_length_and_utf8);
  RUN(a_text_that_is_none_is_refused_by_name_everywhere);
  RUN(a_setting_that_is_no_text_is_refused_by_name);
  RUN(what_is_of_one_operation_is_refused_for_others);
  RUN(every_problem_of_a_configuration_is_listed);
  RUN(an_environment_that_is_lent_replaces_the_processs_own);
  return finish();
}
