#define _POSIX_C_SOURCE 200809L
#include "support.h"

#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

const char *const KNOWN_USER = "b95816fe-f4ab-49ac-889a-e6a161005339";

static int failed_checks, failed_tests;

void check(bool holds, const char *condition, const char *file, int line) {
  if (holds) return;
  failed_checks++;
  printf("  %s:%d: not so: %s\n", file, line, condition);
}

void run_test(const char *name, void (*test)(void)) {
  failed_checks = 0;
  control("POST", "reset", NULL);
  test();
  /* A call reports before its last reference to the client is gone, so the counter may take a moment. */
  for (int i = 0; i < 2000 && agg_live_handles() != 0; i++) pause_ms(1);
  CHECK(agg_live_handles() == 0);
  printf(failed_checks ? "not ok %s: %d checks failed\n" : "ok %s\n", name, failed_checks);
  fflush(stdout);
  if (failed_checks) failed_tests++;
}

int finish(void) { return failed_tests ? 1 : 0; }

const char *environment(const char *name) {
  const char *value = getenv(name);
  if (value == NULL) {
    printf("not ok environment: %s is not set\n", name);
    exit(1);
  }
  return value;
}

agg_config *new_config(const char *api_key) {
  const char *tenant = environment("AGG_TEST_TENANT_ID"), *url = environment("AGG_TEST_EMULATOR_URL");
  if (api_key == NULL) api_key = environment("AGG_TEST_PRIMARY_KEY");
  agg_config *config = NULL;
  CHECK(agg_config_new(&config, NULL) == AGG_OK);
  CHECK(agg_config_set_tenant_id(config, tenant, strlen(tenant), NULL) == AGG_OK);
  CHECK(agg_config_set_api_key(config, api_key, strlen(api_key), NULL) == AGG_OK);
  CHECK(agg_config_set_base_url(config, url, strlen(url), NULL) == AGG_OK);
  CHECK(agg_config_set_app_name(config, "c-tests", 7, NULL) == AGG_OK);
  return config;
}

agg_client *new_client(const char *api_key, double timeout_seconds) {
  agg_config *config = new_config(api_key);
  agg_client *client = NULL;
  CHECK(agg_config_set_timeout(config, timeout_seconds, NULL) == AGG_OK);
  CHECK(agg_client_new(config, &client, NULL) == AGG_OK);
  agg_config_free(config);
  return client;
}

bool is_text(agg_view view, const char *text) {
  return view.length == strlen(text) && memcmp(view.data, text, view.length) == 0 && view.data[view.length] == '\0';
}

bool contains(agg_view view, const char *text) { return strstr(view.data, text) != NULL; }

void pause_ms(long milliseconds) {
  struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&pause, NULL);
}

/* Sends a control call and keeps the answer, headers and all. */
static char answer[1 << 20];

int control(const char *method, const char *path, const char *body) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  char host[64];
  unsigned port;
  if (sscanf(environment("AGG_TEST_EMULATOR_URL"), "http://%63[0-9.]:%u", host, &port) != 2) return 0;
  address.sin_port = htons((uint16_t)port);
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) return 0;

  char request[2048];
  const char *json = body == NULL ? "" : body;
  int length = snprintf(request, sizeof request,
                        "%s /_emulator/%s HTTP/1.1\r\nHost: %s:%u\r\nAuthorization: Bearer %s\r\n"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                        method, path, host, port, environment("AGG_TEST_CONTROL_TOKEN"), strlen(json), json);
  int connection = socket(AF_INET, SOCK_STREAM, 0), status = 0;
  size_t got = 0;
  if (connect(connection, (struct sockaddr *)&address, sizeof address) == 0 &&
      send(connection, request, (size_t)length, 0) == length) {
    ssize_t more;
    while (got < sizeof answer - 1 && (more = recv(connection, answer + got, sizeof answer - 1 - got, 0)) > 0)
      got += (size_t)more;
  }
  answer[got] = '\0';
  sscanf(answer, "HTTP/1.1 %d", &status);
  close(connection);
  CHECK(status >= 200 && status < 300);
  return status;
}

const char *generate_key(const char *slot) {
  char path[32];
  snprintf(path, sizeof path, "keys/%s", slot);
  control("POST", path, NULL);
  char *key = strstr(answer, "\"apiKey\":\"");
  CHECK(key != NULL);
  if (key == NULL) return "";
  key += strlen("\"apiKey\":\"");
  key[strcspn(key, "\"")] = '\0';
  return key;
}

int count_requests(const char *text) {
  int count = 0;
  control("GET", "requests", NULL);
  for (const char *at = answer; (at = strstr(at, text)) != NULL; at++) count++;
  return count;
}
