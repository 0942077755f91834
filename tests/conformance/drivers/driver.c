/* Conformance driver of the C face: a form-encoded command a line on stdin, a line of JSON on stdout. */
#define _POSIX_C_SOURCE 200809L
#include <agglestone.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shown.h"

#include "observed.h"

enum { MAX_FIELDS = 256 };

/* One `name=value` of the command, decoded in place; values may hold any byte. */
typedef struct {
  char *name, *value;
  size_t length;
} field;

static field fields[MAX_FIELDS];
static int field_count;
static agg_client *client;

static size_t decode(char *text) {
  char *out = text;
  for (char *in = text; *in != '\0'; in++) {
    unsigned byte;
    if (*in == '%' && sscanf(in + 1, "%2x", &byte) == 1) {
      *out++ = (char)byte;
      in += 2;
    } else {
      *out++ = *in == '+' ? ' ' : *in;
    }
  }
  *out = '\0';
  return (size_t)(out - text);
}

static void parse(char *line) {
  field_count = 0;
  for (char *part = strtok(line, "&\n"); part != NULL && field_count < MAX_FIELDS; part = strtok(NULL, "&\n")) {
    char *equals = strchr(part, '=');
    if (equals == NULL) continue;
    *equals = '\0';
    decode(part);
    fields[field_count++] = (field){part, equals + 1, decode(equals + 1)};
  }
}

static field get(const char *name) {
  for (int i = 0; i < field_count; i++)
    if (strcmp(fields[i].name, name) == 0) return fields[i];
  return (field){NULL, NULL, 0};
}

static long long number(const char *name, long long otherwise) {
  field found = get(name);
  return found.value == NULL ? otherwise : strtoll(found.value, NULL, 10);
}

static void print_text(const char *data, size_t length) { write_text(stdout, data, length); }

/* Keeps what a client says of itself, and gives all that was kept. */
static void show_all(void) {
  agg_bytes *usage = NULL;
  agg_error *error = NULL;
  if (client != NULL && agg_client_key_usage(client, &usage, &error) == AGG_OK) show(agg_bytes_view(usage));
  agg_bytes_free(usage);
  agg_error_free(error);
  print_shown();
}

static void print_view(const char *name, agg_view view) {
  show(view);
  printf(",\"%s\":", name);
  if (view.length == 0)
    printf("null");
  else
    print_text(view.data, view.length);
}

/* JSON as it came: its line breaks can only stand between values. */
static void print_json(agg_view json) {
  for (size_t i = 0; i < json.length; i++) putchar(json.data[i] == '\n' || json.data[i] == '\r' ? ' ' : json.data[i]);
}

static const char *name_of(agg_status status) {
  switch (status) {
    case AGG_INVALID_ARGUMENT: return "INVALID_ARGUMENT";
    case AGG_INVALID_CONFIG: return "INVALID_CONFIG";
    case AGG_CLOSED: return "CLOSED";
    case AGG_CONNECT: return "CONNECT";
    case AGG_TLS: return "TLS";
    case AGG_TIMEOUT: return "TIMEOUT";
    case AGG_CANCELLED: return "CANCELLED";
    case AGG_TOO_LARGE: return "TOO_LARGE";
    case AGG_UNEXPECTED_REDIRECT: return "UNEXPECTED_REDIRECT";
    case AGG_BAD_REQUEST: return "BAD_REQUEST";
    case AGG_UNAUTHORIZED: return "UNAUTHORIZED";
    case AGG_FORBIDDEN: return "FORBIDDEN";
    case AGG_NOT_FOUND: return "NOT_FOUND";
    case AGG_CONFLICT: return "CONFLICT";
    case AGG_INVALID_TOKEN: return "INVALID_TOKEN";
    case AGG_KEYS_UNAVAILABLE: return "KEYS_UNAVAILABLE";
    case AGG_CHECK_UNAVAILABLE: return "CHECK_UNAVAILABLE";
    case AGG_RATE_LIMITED: return "RATE_LIMITED";
    case AGG_SERVER: return "SERVER";
    case AGG_UNEXPECTED_STATUS: return "UNEXPECTED_STATUS";
    case AGG_INVALID_RESPONSE: return "INVALID_RESPONSE";
    case AGG_PANIC: return "PANIC";
    default: return "?";
  }
}

static void print_error(agg_error *error) {
  agg_status code = agg_error_code(error);
  printf("{\"error\":{\"code\":%u,\"name\":\"%s\"", (unsigned)code, name_of(code));
  print_view("message", agg_error_message(error));
  if (agg_error_http_status(error) != 0) printf(",\"status\":%d", agg_error_http_status(error));
  if (agg_error_retry_after(error) >= 0) printf(",\"retry_after\":%g", agg_error_retry_after(error));
  print_view("request_id", agg_error_request_id(error));
  print_view("service_message", agg_error_service_message(error));
  print_view("argument", agg_error_argument(error));
  print_view("reason", agg_error_reason(error));
  printf(",\"retryable\":%s,\"attempts\":%u}}", agg_error_retryable(error) ? "true" : "false",
         agg_error_attempts(error));
  agg_error_free(error);
}

static agg_status set(agg_config *config, const char *setting, field given, agg_error **error) {
  static const struct {
    const char *name;
    agg_status (*text)(agg_config *, const char *, size_t, agg_error **);
    agg_status (*seconds)(agg_config *, double, agg_error **);
  } settings[] = {
      {"tenant_id", agg_config_set_tenant_id, NULL},
      {"api_key", agg_config_set_api_key, NULL},
      {"secondary_api_key", agg_config_set_secondary_api_key, NULL},
      {"api_key_file", agg_config_set_api_key_file, NULL},
      {"secondary_api_key_file", agg_config_set_secondary_api_key_file, NULL},
      {"base_url", agg_config_set_base_url, NULL},
      {"users_path", agg_config_set_users_path, NULL},
      {"app_name", agg_config_set_app_name, NULL},
      {"ca_file", agg_config_set_ca_file, NULL},
      {"token_store", agg_config_set_token_store, NULL},
      {"token_store_key", agg_config_set_token_store_key, NULL},
      {"connect_timeout", NULL, agg_config_set_connect_timeout},
      {"timeout", NULL, agg_config_set_timeout},
      {"deadline", NULL, agg_config_set_deadline},
      {"audience", agg_config_set_audience, NULL},
      {"clock_tolerance", NULL, agg_config_set_clock_tolerance},
  };
  if (strcmp(setting, "allow_insecure_http") == 0)
    return agg_config_set_allow_insecure_http(config, strcmp(given.value, "true") == 0, error);
  if (strcmp(setting, "request_log") == 0)
    return agg_config_set_request_log(config, strcmp(given.value, "true") == 0, error);
  if (strcmp(setting, "token_cache_size") == 0)
    return agg_config_set_token_cache_size(config, strtoll(given.value, NULL, 10), error);
  if (strcmp(setting, "verify_cache_size") == 0)
    return agg_config_set_verify_cache_size(config, strtoll(given.value, NULL, 10), error);
  if (strcmp(setting, "max_retries") == 0)
    return agg_config_set_max_retries(config, strtoll(given.value, NULL, 10), error);
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    if (strcmp(setting, settings[i].name) != 0) continue;
    if (settings[i].text != NULL) return settings[i].text(config, given.value, given.length, error);
    return settings[i].seconds(config, strtod(given.value, NULL), error);
  }
  fprintf(stderr, "unknown setting %s\n", setting);
  exit(2);
}

/* What the key source of the client answers, in turn: form-encoded themselves, kept beyond the command that brought them. */
static char *sources[MAX_FIELDS];
static atomic_int source_count, sources_asked;

static void on_key_source(void *unused, agg_key_answer *answer) {
  (void)unused;
  int asked = atomic_fetch_add(&sources_asked, 1), last = source_count - 1;
  char *text = strdup(sources[asked < last ? asked : last]), *keys[2] = {NULL, NULL}, *failure = NULL, *rest = NULL;
  for (char *part = strtok_r(text, "&", &rest); part != NULL; part = strtok_r(NULL, "&", &rest)) {
    char *value = strchr(part, '=') + 1;
    decode(value);
    if (strncmp(part, "primary=", 8) == 0) keys[0] = value;
    if (strncmp(part, "secondary=", 10) == 0) keys[1] = value;
    if (strncmp(part, "failure=", 8) == 0) failure = value;
  }
  if (failure != NULL)
    agg_key_answer_failure(answer, failure, strlen(failure), NULL);
  else
    agg_key_answer_keys(answer, keys[0], strlen(keys[0]), keys[1], keys[1] == NULL ? 0 : strlen(keys[1]), NULL);
  free(text);
}

/* The events since they were asked for, as the items of JSON arrays: their names, and lines for a log. */
static char events[4096], lines[16384];
static pthread_mutex_t events_mutex = PTHREAD_MUTEX_INITIALIZER;

static void on_event(void *unused, const agg_event *event) {
  (void)unused;
  show(agg_event_name(event));
  show(agg_event_level(event));
  show(agg_event_message(event));
  for (size_t i = 0; i < agg_event_part_count(event); i++) show(agg_event_part_value(event, i));
  pthread_mutex_lock(&events_mutex);
  size_t used = strlen(events);
  snprintf(events + used, sizeof events - used, "%s\"%s\"", used > 0 ? "," : "", agg_event_name(event).data);
  char line[1024];
  int length = snprintf(line, sizeof line, "%s %s: %s", agg_event_level(event).data, agg_event_name(event).data,
                        agg_event_message(event).data);
  FILE *out = fmemopen(lines + strlen(lines), sizeof lines - strlen(lines), "w");
  if (used > 0) putc(',', out);
  write_text(out, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
  fclose(out);
  pthread_mutex_unlock(&events_mutex);
}

static void print_events(const char *items) {
  pthread_mutex_lock(&events_mutex);
  printf("{\"ok\":[%s]}", items);
  events[0] = lines[0] = '\0';
  pthread_mutex_unlock(&events_mutex);
}

static agg_status set_sources(agg_config *config, agg_error **error) {
  while (source_count > 0) free(sources[--source_count]);
  sources_asked = 0;
  for (int i = 0; i < field_count; i++)
    if (strcmp(fields[i].name, "source") == 0) sources[source_count++] = strdup(fields[i].value);
  return source_count == 0 ? AGG_OK : agg_config_set_key_source(config, on_key_source, NULL, NULL, error);
}

static agg_status new_client(agg_error **error) {
  agg_client_free(client);
  client = NULL;
  agg_config *config = NULL;
  agg_status status = agg_config_new(&config, error);
  for (int i = 0; i < field_count && status == AGG_OK; i++)
    if (strncmp(fields[i].name, "setting.", 8) == 0) status = set(config, fields[i].name + 8, fields[i], error);
  if (status == AGG_OK) status = set_sources(config, error);
  if (status == AGG_OK) status = agg_config_set_event_callback(config, on_event, NULL, NULL, error);
  if (status == AGG_OK) status = agg_client_new(config, &client, error);
  agg_config_free(config);
  return status;
}

static agg_status request(agg_operation **operation, agg_error **error) {
  field method = get("method"), path = get("path"), json = get("json");
  agg_status status =
      agg_operation_request(method.value, method.length, path.value, path.length, operation, error);
  for (int i = 0; i < field_count && status == AGG_OK; i++) {
    bool query = strcmp(fields[i].name, "query") == 0, header = strcmp(fields[i].name, "header") == 0;
    if (!query && !header) continue;
    char *equals = memchr(fields[i].value, '=', fields[i].length);
    if (equals == NULL) continue;
    size_t name_length = (size_t)(equals - fields[i].value);
    size_t value_length = fields[i].length - name_length - 1;
    status = (query ? agg_operation_add_query : agg_operation_add_header)(
        *operation, fields[i].value, name_length, equals + 1, value_length, error);
  }
  if (status == AGG_OK && json.value != NULL) status = agg_operation_set_json(*operation, json.value, json.length, error);
  return status;
}

static void print_response(agg_reply *reply) {
  printf("{\"ok\":{\"status\":%d,\"attempts\":%u,\"headers\":{", agg_reply_status(reply), agg_reply_attempts(reply));
  for (size_t i = 0; i < agg_reply_header_count(reply); i++) {
    agg_view name = agg_reply_header_name(reply, i), value = agg_reply_header_value(reply, i);
    if (i > 0) putchar(',');
    print_text(name.data, name.length);
    putchar(':');
    print_text(value.data, value.length);
  }
  printf("},\"json\":");
  agg_view body = agg_reply_body(reply);
  if (strstr(agg_reply_header(reply, "content-type", 12).data, "json") != NULL && body.length > 0)
    print_json(body);
  else
    printf("null");
  printf("}}");
}

static agg_status set_options(agg_operation *operation, agg_error **error) {
  static const struct {
    const char *name;
    agg_status (*set)(agg_operation *, double, agg_error **);
  } times[] = {
      {"connect_timeout", agg_operation_set_connect_timeout},
      {"timeout", agg_operation_set_timeout},
      {"deadline", agg_operation_set_deadline},
  };
  agg_status status = AGG_OK;
  for (size_t i = 0; i < sizeof times / sizeof *times && status == AGG_OK; i++) {
    field given = get(times[i].name);
    if (given.value != NULL) status = times[i].set(operation, strtod(given.value, NULL), error);
  }
  if (status == AGG_OK && get("max_retries").value != NULL)
    status = agg_operation_set_max_retries(operation, number("max_retries", 0), error);
  return status;
}

static bool gives_token(const char *command) {
  return strcmp(command, "exchange_api_key_for_token") == 0 || strcmp(command, "get_token") == 0;
}

/* The call's options, and the user that it is made as. Takes the operation over where it answers another. */
static agg_status prepare(agg_operation **operation, agg_error **error) {
  field user = get("as_user");
  agg_status status = set_options(*operation, error);
  if (status != AGG_OK || user.value == NULL) return status;
  agg_operation *plain = *operation;
  *operation = NULL;
  status = agg_operation_as_user(plain, user.value, user.length, operation, error);
  agg_operation_free(plain);
  return status;
}

/* Prints what is in the array of a page, of which the library says that it is there; whether that was anything. */
static bool print_data(agg_view page, bool first) {
  const char *start = strchr(strstr(page.data, "\"data\""), '[') + 1, *end = start;
  for (int depth = 1; depth > 0; end++) depth += (*end == '[') - (*end == ']');
  if (start == --end) return false;
  printf("%s%.*s", first ? "" : ",", (int)(end - start), start);
  return true;
}

static void iterate(void) {
  agg_operation *operation = NULL;
  agg_reply *page = NULL;
  agg_error *error = NULL;
  agg_status status = agg_operation_get_users(1, number("page_size", 100), &operation, &error);
  char *printed = NULL;
  size_t length = 0;
  FILE *usual = stdout;
  stdout = open_memstream(&printed, &length);
  printf("{\"ok\":[");
  bool first = true;
  while (operation != NULL) {
    if (status == AGG_OK) status = prepare(&operation, &error);
    if (status == AGG_OK) status = agg_client_call(client, operation, &page, &error);
    agg_operation_free(operation);
    operation = NULL;
    if (status != AGG_OK) break;
    if (print_data(agg_reply_body(page), first)) first = false;
    if (agg_reply_next_page(page) != 0) status = agg_operation_get_users_after(page, &operation, &error);
    agg_reply_free(page);
    page = NULL;
  }
  printf("]}");
  fclose(stdout);
  stdout = usual;
  if (status == AGG_OK)
    fputs(printed, stdout);
  else
    print_error(error);
  free(printed);
}

static agg_status verify_token(field token, agg_operation **operation, agg_error **error) {
  agg_status status = agg_operation_verify_token(token.value, token.length, operation, error);
  if (status == AGG_OK && get("check").value != NULL) status = agg_operation_set_check_service(*operation, true, error);
  return status;
}

/* Has a call observed, in the trace that the command names. */
static agg_status observe(agg_operation *operation, agg_observation **observation, agg_error **error) {
  field parent = get("traceparent"), state = get("tracestate"), baggage = get("baggage");
  agg_status status = agg_observation_new(parent.value, parent.length, state.value, state.length, baggage.value,
                                          baggage.length, observation, error);
  return status == AGG_OK ? agg_operation_set_observation(operation, *observation, error) : status;
}

static void call(const char *command) {
  field id = get("user_id"), token = get("token");
  agg_operation *operation = NULL;
  agg_observation *observation = NULL;
  agg_reply *reply = NULL;
  agg_error *error = NULL;
  agg_status status;
  if (strcmp(command, "get_users") == 0)
    status = agg_operation_get_users(number("page_number", 1), number("page_size", 10), &operation, &error);
  else if (strcmp(command, "get_user") == 0)
    status = agg_operation_get_user(id.value, id.length, &operation, &error);
  else if (gives_token(command))
    status = (get("fresh").value != NULL ? agg_operation_exchange_api_key_for_fresh_token
                                         : agg_operation_exchange_api_key_for_token)(id.value, id.length, &operation,
                                                                                     &error);
  else if (strcmp(command, "check_api_keys") == 0)
    status = agg_operation_check_api_keys(&operation, &error);
  else if (strcmp(command, "verify_token") == 0)
    status = verify_token(token, &operation, &error);
  else if (strcmp(command, "testing_panic") == 0)
    status = agg_operation_testing_panic(&operation, &error);
  else
    status = request(&operation, &error);
  if (status == AGG_OK) status = prepare(&operation, &error);
  if (status == AGG_OK) status = observe(operation, &observation, &error);
  if (status == AGG_OK) status = agg_client_call(client, operation, &reply, &error);
  agg_operation_free(operation);
  observed_to_the_end(observation);

  if (status != AGG_OK) {
    print_error(error);
  } else if (strcmp(command, "request") == 0) {
    print_response(reply);
  } else {
    printf("{\"ok\":");
    if (gives_token(command))
      print_text(agg_reply_body(reply).data, agg_reply_body(reply).length);
    else
      print_json(agg_reply_body(reply));
    putchar('}');
  }
  agg_reply_free(reply);
}

/* Commands that send nothing: they answer null, or the JSON that they give. */
static bool answer_at_once(const char *command) {
  field id = get("user_id"), primary = get("primary"), secondary = get("secondary");
  agg_bytes *json = NULL;
  agg_error *error = NULL;
  agg_status status;
  if (strcmp(command, "set_api_keys") == 0)
    status = agg_client_set_api_keys(client, primary.value, primary.length, secondary.value, secondary.length, &error);
  else if (strcmp(command, "key_usage") == 0)
    status = agg_client_key_usage(client, &json, &error);
  else if (strcmp(command, "token_stats") == 0)
    status = agg_client_token_stats(client, &json, &error);
  else if (strcmp(command, "forget_token") == 0)
    status = agg_client_forget_token(client, id.value, id.length, &error);
  else if (strcmp(command, "forget_tokens") == 0)
    status = agg_client_forget_tokens(client, &error);
  else
    return false;
  if (status != AGG_OK)
    print_error(error);
  else
    printf("{\"ok\":%s}", json == NULL ? "null" : agg_bytes_view(json).data);
  agg_bytes_free(json);
  return true;
}

int main(void) {
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, stdin) > 0) {
    parse(line);
    const char *command = get("command").value;
    agg_error *error = NULL;
    if (strcmp(command, "new_client") == 0) {
      if (new_client(&error) == AGG_OK)
        printf("{\"ok\":null}");
      else
        print_error(error);
    } else if (strcmp(command, "close_client") == 0) {
      agg_client_close(client);
      printf("{\"ok\":null}");
    } else if (strcmp(command, "live_handles") == 0) {
      /* In C a closed client is still a handle, until it is freed. */
      agg_client_free(client);
      client = NULL;
      printf("{\"ok\":%zu}", agg_live_handles());
    } else if (strcmp(command, "events") == 0) {
      print_events(events);
    } else if (strcmp(command, "observed") == 0) {
      print_observed();
    } else if (strcmp(command, "log") == 0) {
      print_events(lines);
    } else if (strcmp(command, "show") == 0) {
      show_all();
    } else if (strcmp(command, "iter_users") == 0) {
      iterate();
    } else if (!answer_at_once(command)) {
      call(command);
    }
    putchar('\n');
    fflush(stdout);
  }
  agg_client_free(client);
  free(shown);
  free(line);
  return 0;
}
