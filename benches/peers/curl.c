/* The same page by libcurl: `easy`, `threads` with a handle each, `multi`. Arguments and output are those of
 * benches/src/measure.rs. */
#define _POSIX_C_SOURCE 200809L
#include <curl/curl.h>
#include <stdbool.h>
#include <string.h>
#include "../calls/measure.h"

typedef struct {
  char *data;
  size_t length, capacity;
} body;

static char url[512], key[256];
static struct curl_slist *headers;

static size_t store(char *data, size_t size, size_t count, void *user_data) {
  body *into = user_data;
  size_t length = size * count;
  if (into->length + length > into->capacity) {
    into->capacity = 2 * (into->length + length);
    into->data = realloc(into->data, into->capacity);
    if (into->data == NULL) return 0;
  }
  memcpy(into->data + into->length, data, length);
  into->length += length;
  return length;
}

static void must(CURLcode code) {
  if (code == CURLE_OK) return;
  fprintf(stderr, "%s\n", curl_easy_strerror(code));
  exit(1);
}

static CURL *handle(body *into) {
  CURL *curl = curl_easy_init();
  const char *ca_file = getenv("AGGLESTONE_CA_FILE");
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, store);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, into);
  curl_easy_setopt(curl, CURLOPT_PRIVATE, into);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  if (ca_file != NULL) curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
  return curl;
}

/* One handle for as long as it is asked for: it keeps its connection. */
static void easy(long calls) {
  static _Thread_local CURL *curl;
  static _Thread_local body into;
  if (curl == NULL) curl = handle(&into);
  while (calls-- > 0) {
    into.length = 0;
    must(curl_easy_perform(curl));
    if (into.length == 0) exit(1);
  }
}

static void *easy_share(void *share) {
  easy(*(long *)share);
  return NULL;
}

static void threads(long calls) { in_threads(calls, easy_share); }

static void multi(long calls) {
  static CURLM *many;
  static CURL **curls;
  static body *bodies;
  if (many == NULL) {
    many = curl_multi_init();
    curl_multi_setopt(many, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curls = calloc((size_t)work.at_once, sizeof *curls);
    bodies = calloc((size_t)work.at_once, sizeof *bodies);
    for (long index = 0; index < work.at_once; index++) curls[index] = handle(&bodies[index]);
  }
  long to_start = calls, under_way = 0;
  for (long index = 0; index < work.at_once && to_start > 0; index++, to_start--, under_way++) {
    bodies[index].length = 0;
    curl_multi_add_handle(many, curls[index]);
  }
  while (under_way > 0) {
    int running, left;
    curl_multi_perform(many, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(many, &left)) != NULL;) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL *curl = message->easy_handle;
      must(message->data.result);
      body *into;
      curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&into);
      if (into->length == 0) exit(1);
      curl_multi_remove_handle(many, curl);
      under_way--;
      if (to_start > 0) {
        to_start--;
        under_way++;
        into->length = 0;
        curl_multi_add_handle(many, curl);
      }
    }
    if (under_way > 0) curl_multi_poll(many, NULL, 0, 1000, NULL);
  }
}

int main(int count, char **arguments) {
  read_work(count, arguments);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  snprintf(url, sizeof url, "%s/tenant/%s/api/v2.0/Users?pageNumber=1&pageSize=%ld", getenv("AGGLESTONE_BASE_URL"),
           getenv("AGGLESTONE_TENANT_ID"), page_size());
  snprintf(key, sizeof key, "X-API-Key: %s", getenv("AGGLESTONE_API_KEY"));
  headers = curl_slist_append(NULL, key);
  if (strcmp(work.way, "easy") == 0) measure(easy);
  else if (strcmp(work.way, "threads") == 0) measure(threads);
  else if (strcmp(work.way, "multi") == 0) measure(multi);
  else return 2;
  return 0;
}
